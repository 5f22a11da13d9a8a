//! AppArmor's profiles: those that the kernel has loaded when it is asked, those on disk otherwise.

use super::line::lines;
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

const LOADED: &str = "/sys/kernel/security/apparmor/profiles";
const DIRECTORY: &str = "/etc/apparmor.d";

pub static READER: Reader = Reader {
    area: "apparmor",
    about: "AppArmor profiles by name with their mode: enforce, complain or disabled",
    reads: &[LOADED, DIRECTORY],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    if let Some(text) = image.text_if_there(LOADED)? {
        return found.extend(loaded(&text));
    }
    for name in image.names(DIRECTORY)? {
        let path = format!("{DIRECTORY}/{name}");
        if image.state(&path).is_ok_and(|state| state.is_file()) {
            on_disk(image, found, &name, &path)?;
        }
    }
    Ok(())
}

/// `/usr/sbin/chronyd (enforce)`
fn loaded(text: &str) -> impl Iterator<Item = Fact> {
    let fact = |(number, line): (usize, &str)| {
        let (name, mode) = line.strip_suffix(')')?.rsplit_once(" (")?;
        Some(Fact::new("mode", mode, Origin::line(LOADED, number)).within(name))
    };
    lines(text, &[]).filter_map(fact)
}

/// A profile is complaining by a flag or by a link of its name, and disabled by another link.
fn on_disk(image: &Image<'_>, found: &mut Found, name: &str, path: &str) -> Result<(), Fault> {
    let text = image.text(path)?;
    let heads = lines(&text, &['#']).filter(|(_, line)| {
        let named = line.starts_with("profile ") || line.starts_with('/');
        named && line.ends_with('{')
    });
    let linked = |folder: &str| image.has(&format!("{DIRECTORY}/{folder}/{name}"));
    let (off, complains) = (linked("disable"), linked("force-complain"));
    let fact = |(number, line): (usize, &str)| {
        let mode = match (off, complains || line.contains("complain")) {
            (true, _) => "disabled",
            (_, true) => "complain",
            _ => "enforce",
        };
        let profile = line.trim_start_matches("profile ").split_whitespace().next().unwrap_or(name);
        Fact::new("mode", mode, Origin::line(path, number)).within(profile)
    };
    found.extend(heads.map(fact))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn the_kernel_is_believed_before_the_disk() {
        let disk =
            ("/etc/apparmor.d/usr.bin.man", "# x\nprofile man /usr/bin/man flags=(complain) {\n  /x r,\n}\n");
        expect![[r#"
            [man] mode = complain  (/etc/apparmor.d/usr.bin.man:2)
        "#]]
        .assert_eq(&shown(&READER, &[disk]));
        expect![[r#"
            [man_filter] mode = enforce  (/sys/kernel/security/apparmor/profiles:1)
        "#]]
        .assert_eq(&shown(&READER, &[disk, (LOADED, "man_filter (enforce)\n")]));
    }
}
