//! On which addresses the mail agent listens: postconf(5), update-exim4.conf(8).

use super::key_value;
use super::line::joined;
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

const POSTFIX: &str = "/etc/postfix/main.cf";
const EXIM: &str = "/etc/exim4/update-exim4.conf.conf";

pub static READER: Reader = Reader {
    area: "mail",
    about: "addresses that a mail agent listens on: the agent is the scope, the key interfaces",
    reads: &[POSTFIX, EXIM],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    let mut agents = Vec::new();
    if let Some(text) = image.text_if_there(POSTFIX)? {
        agents.push(postfix(&text));
    }
    if let Some(text) = image.text_if_there(EXIM)? {
        let own = key_value::pairs(EXIM, &text).filter(|fact| fact.key == "dc_local_interfaces").last();
        let (value, origin) =
            own.map_or((String::new(), Origin::Default("exim4-config")), |own| (own.value, own.origin));
        let value = value.replace(';', " ");
        let value = if value.trim().is_empty() { "all" } else { value.trim() };
        agents.push(Fact::new("interfaces", value, origin).within("exim"));
    }
    if agents.is_empty() {
        return Err(Fault::Missing { what: READER.reads.join(", ") });
    }
    found.extend(agents)
}

/// The last line of that name counts; Postfix listens everywhere without one.
fn postfix(text: &str) -> Fact {
    let lines = joined(text);
    let named = |(number, line): &(usize, String)| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "inet_interfaces").then(|| (*number, value.trim().to_owned()))
    };
    let fact = match lines.iter().rev().find_map(named) {
        Some((number, value)) => Fact::new("interfaces", value, Origin::line(POSTFIX, number)),
        None => Fact::new("interfaces", "all", Origin::Default("Postfix 3.7")),
    };
    fact.within("postfix")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn both_agents() {
        expect![[r#"
            [postfix] interfaces = loopback-only  (/etc/postfix/main.cf:2)
            [exim] interfaces = 127.0.0.1   ::1  (/etc/exim4/update-exim4.conf.conf:1)
        "#]]
        .assert_eq(&shown(
            &READER,
            &[
                (POSTFIX, "inet_interfaces = all\ninet_interfaces = loopback-only\n"),
                (EXIM, "dc_local_interfaces='127.0.0.1 ; ::1'\n"),
            ],
        ));
        assert_eq!(
            shown(&READER, &[(POSTFIX, "")]),
            "[postfix] interfaces = all  (default of Postfix 3.7)\n"
        );
    }
}
