//! Files of systemd with their drop-ins: systemd.conf(5), systemd-system.conf(5).

use super::line::{lines, unquoted};
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

const DIRECTORIES: [&str; 4] = ["/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd"];

pub static JOURNALD: Reader = Reader {
    area: "journald",
    about: "settings of the journal: journald.conf(5)",
    reads: &["/etc/systemd/journald.conf", "/etc/systemd/journald.conf.d"],
    read: |image, found| {
        systemd(image, "journald.conf", found)?;
        // What `auto` means is decided by whether the directory is there.
        let kept = if image.has("/var/log/journal") { "persistent" } else { "volatile" };
        for fact in found.settled().filter(|fact| fact.key == "Storage" && fact.value == "auto") {
            kept.clone_into(&mut fact.value);
        }
        found.defaults("", "systemd 252", &[("Storage", kept), ("Compress", "yes"), ("Seal", "yes")])
    },
};

/// The settings of a file of systemd and its drop-ins, whatever their section; the last counts, and an empty value
/// takes the ones before it away.
pub fn systemd(image: &Image<'_>, name: &str, found: &mut Found) -> Result<(), Fault> {
    let main = DIRECTORIES.map(|directory| format!("{directory}/{name}"));
    let drop_ins = DIRECTORIES.map(|directory| format!("{directory}/{name}.d"));
    let mut paths: Vec<String> = main.into_iter().filter(|path| image.has(path)).take(1).collect();
    paths.extend(image.overlaid(&drop_ins.each_ref().map(String::as_str), ".conf")?);
    if paths.is_empty() {
        return Err(Fault::Missing { what: format!("{}/{name}", DIRECTORIES[0]) });
    }
    for path in paths {
        for (number, line) in lines(&image.text(&path)?, &['#', ';', '[']) {
            if let Some((key, value)) = line.split_once('=') {
                found.last(Fact::new(key.trim(), unquoted(value.trim()), Origin::line(&path, number)))?;
            }
        }
    }
    found.retain(|fact| !fact.value.is_empty());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn drop_ins_have_the_last_word() {
        expect![[r#"
            Storage = persistent  (/etc/systemd/journald.conf.d/a.conf:2)
            Seal = yes  (default of systemd 252)
        "#]]
        .assert_eq(
            &shown(
                &JOURNALD,
                &[
                    ("/etc/systemd/journald.conf", "[Journal]\n#Storage=auto\nStorage=none\nCompress=no\n"),
                    ("/etc/systemd/journald.conf.d/a.conf", "[Journal]\nStorage=persistent\nCompress=\n"),
                ],
            )
            .lines()
            .filter(|line| !line.starts_with("Compress"))
            .map(|line| format!("{line}\n"))
            .collect::<String>(),
        );
        assert_eq!(shown(&JOURNALD, &[]), "absent: /etc/systemd/journald.conf\n");
    }
}
