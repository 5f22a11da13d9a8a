//! Which kernel modules are kept out: modprobe.d(5).

use super::line::joined;
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

const DIRECTORIES: [&str; 5] = [
    "/etc/modprobe.d",
    "/run/modprobe.d",
    "/usr/local/lib/modprobe.d",
    "/usr/lib/modprobe.d",
    "/lib/modprobe.d",
];

pub static READER: Reader = Reader {
    area: "modprobe",
    about: "rules for kernel modules: the module is the scope, the key is install, blacklist, options and so on",
    reads: &["/etc/modprobe.d", "/usr/lib/modprobe.d"],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    for path in image.overlaid(&DIRECTORIES, ".conf")? {
        for (number, line) in joined(&image.text(&path)?) {
            let mut words = line.split_whitespace();
            if let (Some(key), Some(module)) = (words.next(), words.next()) {
                let value = words.collect::<Vec<_>>().join(" ");
                // The kernel takes both spellings for one.
                found.push(
                    Fact::new(key, value, Origin::line(&path, number)).within(module.replace('-', "_")),
                )?;
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
    fn one_spelling_of_modules() {
        expect![[r#"
            [usb_storage] install = /bin/false  (/etc/modprobe.d/a.conf:1)
            [sctp] blacklist =   (/etc/modprobe.d/a.conf:3)
        "#]]
        .assert_eq(&shown(
            &READER,
            &[("/etc/modprobe.d/a.conf", "install usb-storage \\\n /bin/false\nblacklist sctp\nalias\n")],
        ));
    }
}
