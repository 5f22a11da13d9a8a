//! What login shells are given: the file creation mask and the time after which an idle shell ends.
//!
//! These files are programs. Only plain assignments and plain calls of `umask` are read, wherever they stand: what a
//! condition would skip counts as well.

use super::line::lines;
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

pub static READER: Reader = Reader {
    area: "shell",
    about: "umask and TMOUT in the start files of shells",
    reads: &["/etc/profile", "/etc/profile.d/*.sh", "/etc/bash.bashrc"],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    for pattern in READER.reads {
        for path in image.glob(pattern)? {
            for (number, line) in lines(&image.text(&path)?, &['#']) {
                found.extend(
                    statements(line).map(|(key, value)| Fact::new(key, value, Origin::line(&path, number))),
                )?;
            }
        }
    }
    Ok(())
}

/// `TMOUT=900` with or without words before it, `umask 027`, `readonly TMOUT`.
fn statements(line: &str) -> impl Iterator<Item = (&'static str, &str)> {
    line.split([';', '&', '|']).filter_map(|part| {
        let words: Vec<&str> = part.split_whitespace().collect();
        if let Some(value) = words.iter().find_map(|word| word.strip_prefix("TMOUT=")) {
            return Some(("TMOUT", value));
        }
        let at = words.iter().position(|word| *word == "umask")?;
        let mask = words.get(at + 1)?;
        mask.bytes().all(|byte| byte.is_ascii_digit()).then_some(("umask", *mask))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn plain_statements_only() {
        let profile =
            "# umask 000\n[ \"$UID\" = 0 ] && umask 027; export TMOUT=600\ntypeset -xr TMOUT=900\numask $x\n";
        expect![[r#"
            umask = 027  (/etc/profile:2)
            TMOUT = 600  (/etc/profile:2)
            TMOUT = 900  (/etc/profile:3)
        "#]]
        .assert_eq(&shown(&READER, &[("/etc/profile", profile), ("/etc/profile.d/x.txt", "umask 0\n")]));
    }
}
