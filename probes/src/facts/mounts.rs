//! What is mounted and what is to be: proc_mounts(5), fstab(5).

use super::line::{before_comment, lines};
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

pub static READER: Reader = Reader {
    area: "mounts",
    about: "file systems that are mounted now: the mount point is the scope, the key options",
    reads: &["/proc/mounts"],
    read: |image, found| read(image, "/proc/mounts", found),
};

pub static FSTAB: Reader = Reader {
    area: "fstab",
    about: "file systems that are mounted at boot: the mount point is the scope, the key options",
    reads: &["/etc/fstab"],
    read: |image, found| read(image, "/etc/fstab", found),
};

fn read(image: &Image<'_>, path: &str, found: &mut Found) -> Result<(), Fault> {
    let text = image.text(path)?;
    for (number, line) in lines(&text, &['#']) {
        let mut words = before_comment(line).split_whitespace();
        if let (Some(point), Some(options)) = (words.nth(1), words.nth(1)) {
            found.push(Fact::new("options", options, Origin::line(path, number)).within(unescaped(point)))?;
        }
    }
    Ok(())
}

/// Blanks in names are written as octal numbers after a backslash.
fn unescaped(point: &str) -> String {
    let mut parts = point.split('\\');
    let mut name = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let byte = part.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match byte {
            Some(byte) => {
                name.push(char::from(byte));
                name.push_str(&part[3..]);
            }
            None => {
                name.push('\\');
                name.push_str(part);
            }
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn points_and_options() {
        expect![[r#"
            [/tmp] options = rw,nosuid  (/etc/fstab:2)
            [/srv/a b] options = defaults  (/etc/fstab:3)
        "#]]
        .assert_eq(&shown(
            &FSTAB,
            &[(
                "/etc/fstab",
                "# x\ntmpfs /tmp tmpfs rw,nosuid 0 0\nUUID=1 /srv/a\\040b ext4 defaults\nbroken\n",
            )],
        ));
        assert_eq!(unescaped("a\\04é\\999"), "a\\04é\\999");
    }
}
