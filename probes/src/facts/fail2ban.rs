//! fail2ban's jails, in the order that jail.conf(5) reads its files in: what a jail does not say, it has from `DEFAULT`.

use super::line::{before_comment, lines};
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};
use std::collections::BTreeSet;

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

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    let main = format!("{DIRECTORY}/jail.conf");
    parse(found, &main, &image.text(&main)?)?;
    for path in image.glob(&format!("{DIRECTORY}/jail.d/*.conf"))? {
        parse(found, &path, &image.text(&path)?)?;
    }
    let own = format!("{DIRECTORY}/jail.local");
    parse(found, &own, &image.text_if_there(&own)?.unwrap_or_default())?;
    for path in image.glob(&format!("{DIRECTORY}/jail.d/*.local"))? {
        parse(found, &path, &image.text(&path)?)?;
    }
    inherited(found)
}

fn parse(found: &mut Found, path: &str, text: &str) -> Result<(), Fault> {
    let mut section = DEFAULT.to_owned();
    for (number, line) in lines(text, &['#', ';']) {
        if let Some(name) = line.strip_prefix('[').and_then(|own| own.strip_suffix(']')) {
            name.clone_into(&mut section);
        } else if let Some((key, value)) = line.split_once('=') {
            let value = before_comment(value).trim();
            found.last(Fact::new(key.trim(), value, Origin::line(path, number)).within(section.clone()))?;
        }
    }
    Ok(())
}

fn inherited(found: &mut Found) -> Result<(), Fault> {
    let (mut general, mut jails) = (Vec::new(), BTreeSet::new());
    for fact in found.settled() {
        match fact.scope.as_str() {
            DEFAULT if INHERITED.contains(&fact.key.as_str()) => general.push(fact.clone()),
            DEFAULT | "INCLUDES" => {}
            jail => drop(jails.insert(jail.to_owned())),
        }
    }
    let pairs = jails.iter().flat_map(|jail| general.iter().map(move |fact| (jail, fact)));
    pairs.into_iter().try_for_each(|(jail, fact)| found.first(fact.clone().within(jail.clone())))
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
            [nginx] port = http,https  (/etc/fail2ban/jail.conf:7)
            [DEFAULT] bantime = 1h  (/etc/fail2ban/jail.local:2)
            [sshd] enabled = true  (/etc/fail2ban/jail.d/z.local:2)
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
