//! fail2ban's jails, in the order that jail.conf(5) reads its files in: what a jail does not say, it has from `DEFAULT`.

use super::key_value::set;
use super::line::{before_comment, lines};
use super::{Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

const DIRECTORY: &str = "/etc/fail2ban";
const DEFAULT: &str = "DEFAULT";
/// What a jail has from `DEFAULT`.
const INHERITED: [&str; 4] = ["bantime", "enabled", "findtime", "maxretry"];

pub static READER: Reader = Reader {
    area: "fail2ban",
    about: "jails of fail2ban with what they have from DEFAULT: the jail is the scope",
    reads: &["/etc/fail2ban/jail.conf", "/etc/fail2ban/jail.local", "/etc/fail2ban/jail.d"],
    read,
};

fn read(image: &Image<'_>) -> Result<Vec<Fact>, Fault> {
    let mut facts = Vec::new();
    parse(&mut facts, &format!("{DIRECTORY}/jail.conf"), &image.text(&format!("{DIRECTORY}/jail.conf"))?);
    for path in image.glob(&format!("{DIRECTORY}/jail.d/*.conf"))? {
        parse(&mut facts, &path, &image.text(&path)?);
    }
    let own = format!("{DIRECTORY}/jail.local");
    parse(&mut facts, &own, &image.text_if_there(&own)?.unwrap_or_default());
    for path in image.glob(&format!("{DIRECTORY}/jail.d/*.local"))? {
        parse(&mut facts, &path, &image.text(&path)?);
    }
    Ok(inherited(facts))
}

fn parse(facts: &mut Vec<Fact>, path: &str, text: &str) {
    let mut section = DEFAULT.to_owned();
    for (number, line) in lines(text, &['#', ';']) {
        if let Some(name) = line.strip_prefix('[').and_then(|own| own.strip_suffix(']')) {
            name.clone_into(&mut section);
        } else if let Some((key, value)) = line.split_once('=') {
            let value = before_comment(value).trim();
            set(facts, Fact::new(key.trim(), value, Origin::line(path, number)).within(section.clone()));
        }
    }
}

fn inherited(mut facts: Vec<Fact>) -> Vec<Fact> {
    let general: Vec<Fact> = facts
        .iter()
        .filter(|fact| fact.scope == DEFAULT && INHERITED.contains(&fact.key.as_str()))
        .cloned()
        .collect();
    let jails: std::collections::BTreeSet<String> = facts
        .iter()
        .map(|fact| fact.scope.clone())
        .filter(|scope| scope != DEFAULT && scope != "INCLUDES")
        .collect();
    for jail in jails {
        let lacks = |fact: &&Fact| !facts.iter().any(|own| own.scope == jail && own.key == fact.key);
        let own: Vec<Fact> =
            general.iter().filter(lacks).map(|fact| fact.clone().within(jail.clone())).collect();
        facts.extend(own);
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn local_files_have_the_last_word() {
        expect![[r#"
            [DEFAULT] enabled = false  (/etc/fail2ban/jail.conf:2)
            [DEFAULT] bantime = 1h  (/etc/fail2ban/jail.local:2)
            [sshd] enabled = true  (/etc/fail2ban/jail.d/z.local:2)
            [nginx] port = http,https  (/etc/fail2ban/jail.conf:7)
            [nginx] enabled = false  (/etc/fail2ban/jail.conf:2)
            [nginx] bantime = 1h  (/etc/fail2ban/jail.local:2)
            [sshd] bantime = 1h  (/etc/fail2ban/jail.local:2)
        "#]]
        .assert_eq(&shown(
            &READER,
            &[
                (
                    "/etc/fail2ban/jail.conf",
                    "[DEFAULT]\nenabled = false\nbantime = 10m\n[sshd]\nenabled = no\n[nginx]\nport = http,https\n",
                ),
                ("/etc/fail2ban/jail.d/a.conf", "[sshd]\nenabled = maybe\n"),
                ("/etc/fail2ban/jail.local", "[DEFAULT]\nbantime = 1h # longer\n"),
                ("/etc/fail2ban/jail.d/z.local", "[sshd]\nenabled = true\n"),
            ],
        ));
    }
}
