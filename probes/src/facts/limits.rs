//! Limits that a session gets: limits.conf(5), in the order that pam_limits(8) reads its files in.

use super::line::{before_comment, lines};
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

const MAIN: &str = "/etc/security/limits.conf";
const DIRECTORY: &str = "/etc/security/limits.d";

pub static READER: Reader = Reader {
    area: "limits",
    about: "limits of sessions: for whom is the scope (everybody for *), hard or soft and what is the key",
    reads: &[MAIN, DIRECTORY],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    let main = image.text_if_there(MAIN)?;
    let more = image.glob(&format!("{DIRECTORY}/*.conf"))?;
    if main.is_none() && more.is_empty() {
        return Err(Fault::Missing { what: MAIN.to_owned() });
    }
    parse(found, MAIN, &main.unwrap_or_default())?;
    more.iter().try_for_each(|path| parse(found, path, &image.text(path)?))
}

fn parse(found: &mut Found, path: &str, text: &str) -> Result<(), Fault> {
    for (number, line) in lines(text, &['#']) {
        let words: Vec<&str> = before_comment(line).split_whitespace().collect();
        let [whom, kind, item, value] = words.as_slice() else { continue };
        let whom = if *whom == "*" { "everybody" } else { whom };
        let kinds: &[&str] = if *kind == "-" { &["hard", "soft"] } else { &[kind] };
        for kind in kinds {
            let fact = Fact::new(format!("{kind} {item}"), *value, Origin::line(path, number));
            found.last(fact.within(whom))?;
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
    fn the_last_line_counts() {
        expect![[r#"
            [@dev] hard nofile = 4096  (/etc/security/limits.conf:2)
            [@dev] soft nofile = 4096  (/etc/security/limits.conf:2)
            [everybody] hard core = 0  (/etc/security/limits.d/z.conf:1)
        "#]]
        .assert_eq(&shown(
            &READER,
            &[
                (MAIN, "* hard core unlimited # why\n@dev - nofile 4096\n* hard\n"),
                ("/etc/security/limits.d/z.conf", "*  hard  core  0\n"),
            ],
        ));
    }
}
