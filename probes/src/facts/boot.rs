//! What the kernel is told at boot, and who may change it: GRUB's files, and the running command line.

use super::line::{lines, unquoted, words};
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

pub static READER: Reader = Reader {
    area: "boot",
    about: "kernel parameters of the next boot (scope next) and of this one (scope running), and GRUB's superusers",
    reads: &["/etc/default/grub", "/etc/default/grub.d", "/etc/grub.d", "/proc/cmdline"],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    let mut paths = vec!["/etc/default/grub".to_owned()];
    paths.extend(image.glob("/etc/default/grub.d/*.cfg")?);
    let main = image.text_if_there(&paths[0])?;
    if main.is_none() && !image.has("/etc/grub.d") {
        return Err(Fault::Missing { what: paths.swap_remove(0) });
    }
    for path in paths {
        let text = image.text_if_there(&path)?.unwrap_or_default();
        for (number, line) in lines(&text, &['#']) {
            found.extend(next_boot(line, &Origin::line(&path, number)))?;
        }
    }
    superusers(image, found)?;
    let running = image.text_if_there("/proc/cmdline")?.unwrap_or_default();
    found.extend(parameters(&running, "running", &Origin::file("/proc/cmdline")))
}

fn next_boot(line: &str, origin: &Origin) -> Vec<Fact> {
    match line.split_once('=') {
        Some(("GRUB_CMDLINE_LINUX" | "GRUB_CMDLINE_LINUX_DEFAULT", value)) => {
            parameters(unquoted(value.trim()), "next", origin)
        }
        _ => Vec::new(),
    }
}

fn parameters(line: &str, scope: &str, origin: &Origin) -> Vec<Fact> {
    let fact = |word: &str| {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        Fact::new(key, value, origin.clone()).within(scope)
    };
    words(line).iter().map(|word| fact(word)).collect()
}

/// Only that there are some; the file with their password hashes stays unread beyond that.
fn superusers(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    for path in image.glob("/etc/grub.d/*")? {
        if image.state(&path).is_ok_and(|state| state.is_dir()) {
            continue;
        }
        for (number, line) in lines(&image.text(&path)?, &['#']) {
            if let Some(names) = line.strip_prefix("set superusers=") {
                found.push(Fact::new("superusers", unquoted(names.trim()), Origin::line(&path, number)))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn the_next_boot_and_this_one() {
        expect![[r#"
            [next] quiet =   (/etc/default/grub:1)
            [next] audit = 1  (/etc/default/grub.d/a.cfg:1)
            superusers = root  (/etc/grub.d/40_custom:2)
            [running] root = /dev/vda1  (/proc/cmdline)
        "#]]
        .assert_eq(&shown(
            &READER,
            &[
                ("/etc/default/grub", "GRUB_CMDLINE_LINUX=\"quiet\"\nGRUB_TIMEOUT=5\n"),
                ("/etc/default/grub.d/a.cfg", "GRUB_CMDLINE_LINUX_DEFAULT='audit=1'\n"),
                (
                    "/etc/grub.d/40_custom",
                    "cat <<X\nset superusers=\"root\"\npassword_pbkdf2 root grub.pbkdf2.x\n",
                ),
                ("/proc/cmdline", "root=/dev/vda1\n"),
            ],
        ));
        assert_eq!(shown(&READER, &[]), "absent: /etc/default/grub\n");
    }
}
