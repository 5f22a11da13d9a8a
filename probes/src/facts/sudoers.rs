//! Who may become whom: sudoers(5) with what it includes.

use super::include::{Includes, beside};
use super::line::joined;
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

const MAIN: &str = "/etc/sudoers";

pub static READER: Reader = Reader {
    area: "sudoers",
    about: "sudo: its Defaults by name (those for somebody in their scope), and a rule for each line by who it is for",
    reads: &[MAIN],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    file(&mut Includes::new(image), MAIN, found)?;
    found.defaults("", "sudo 1.9.13", &[("timestamp_timeout", "15"), ("use_pty", "no")])
}

fn file(includes: &mut Includes<'_, '_>, path: &str, found: &mut Found) -> Result<(), Fault> {
    includes.read(path, |includes, text| {
        // The old spelling of an include looks like a comment.
        let text = text.replace("\n#include", "\n@include");
        for (number, line) in joined(&text) {
            includes.line = number;
            let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((&line, ""));
            let rest = rest.trim();
            match word {
                "@include" => file(includes, &beside("/etc", rest.trim_matches('"')), found)?,
                "@includedir" => directory(includes, &beside("/etc", rest.trim_matches('"')), found)?,
                _ if word.starts_with("Defaults") => {
                    // Of several the last counts.
                    defaults(word, rest, &Origin::line(path, number))
                        .try_for_each(|fact| found.last(fact))?;
                }
                _ if word.ends_with("_Alias") => {}
                _ => found.extend(rule(&line, &Origin::line(path, number)))?,
            }
        }
        Ok(())
    })
}

/// Names with a dot or a tilde at the end are passed over.
fn directory(includes: &mut Includes<'_, '_>, path: &str, found: &mut Found) -> Result<(), Fault> {
    let names = includes.image.names_if_there(path)?;
    let read = names.iter().filter(|name| !name.contains('.') && !name.ends_with('~'));
    read.map(|name| format!("{path}/{name}")).try_for_each(|path| file(includes, &path, found))
}

/// `Defaults:ann !use_pty, logfile="/var/log/sudo.log"`.
fn defaults(word: &str, rest: &str, origin: &Origin) -> impl Iterator<Item = Fact> {
    let scope = word.strip_prefix("Defaults").unwrap_or("");
    let fact = move |item: String| {
        let (name, value) = match item.strip_prefix('!') {
            Some(name) => (name.trim(), "no"),
            None => item.split_once('=').map_or((item.as_str(), "yes"), |(name, value)| (name, value.trim())),
        };
        let name = name.trim().trim_end_matches(['+', '-']);
        Fact::new(name, value.trim_matches('"'), origin.clone()).within(scope)
    };
    items(rest).into_iter().map(fact)
}

/// A rule, and a fact of its own for each tag, which is what is asked about.
fn rule<'l>(line: &'l str, origin: &'l Origin) -> impl Iterator<Item = Fact> + 'l {
    let (who, what) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let tags =
        what.split([' ', ',', ')', '=', '\t']).filter_map(|word| word.strip_suffix(':').or(Some(word)));
    let tags =
        tags.filter(|word| ["NOPASSWD", "NOEXEC", "SETENV"].contains(word) || word.starts_with("NOPASSWD:"));
    let tags = tags
        .map(move |tag| Fact::new("tag", tag.split(':').next().unwrap_or(tag), origin.clone()).within(who));
    let rule = Fact::new("rule", what.trim(), origin.clone()).within(who);
    std::iter::once(rule).chain(tags)
}

/// Items between commas that are not in quotes.
fn items(list: &str) -> Vec<String> {
    let (mut items, mut quoted) = (vec![String::new()], false);
    for c in list.chars() {
        quoted ^= c == '"';
        match items.last_mut() {
            Some(item) if quoted || c != ',' => item.push(c),
            _ => items.push(String::new()),
        }
    }
    items.iter().map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn defaults_rules_and_includes() {
        let main = "Defaults env_reset, badpass_message=\"a, b\"\nDefaults:ann !use_pty\nroot ALL=(ALL:ALL) ALL\n\
                    %sudo ALL=(ALL) NOPASSWD: ALL\nUser_Alias X = a, b\n#includedir /etc/sudoers.d\n@include extra\n# x \\\nbob ALL=NOPASSWD:/bin/ls\n";
        expect![[r#"
            env_reset = yes  (/etc/sudoers:1)
            badpass_message = a, b  (/etc/sudoers:1)
            [:ann] use_pty = no  (/etc/sudoers:2)
            [root] rule = ALL=(ALL:ALL) ALL  (/etc/sudoers:3)
            [%sudo] rule = ALL=(ALL) NOPASSWD: ALL  (/etc/sudoers:4)
            [%sudo] tag = NOPASSWD  (/etc/sudoers:4)
            timestamp_timeout = 5  (/etc/sudoers.d/own:1)
            logfile = /var/log/sudo.log  (/etc/extra:1)
            [bob] rule = ALL=NOPASSWD:/bin/ls  (/etc/sudoers:9)
            [bob] tag = NOPASSWD  (/etc/sudoers:9)
            use_pty = no  (default of sudo 1.9.13)
        "#]]
        .assert_eq(&shown(
            &READER,
            &[
                (MAIN, main),
                ("/etc/sudoers.d/own", "Defaults timestamp_timeout=5\n"),
                ("/etc/sudoers.d/own.bak", "Defaults timestamp_timeout=50\n"),
                ("/etc/extra", "Defaults logfile=/var/log/sudo.log\n"),
            ],
        ));
    }
}
