//! What a fix reaches for, given its values: where it writes, and which rights it takes beyond those of a file's owner. It
//! stands in the script, so that whoever approves one approves the other, and whoever runs it need not allow more.

use super::front::{Argument, Call, Fix};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A right that a step takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The bits of a mode by which a program becomes its owner.
    SetUserId,
    /// To listen, so that a parser that tries it is content; on no network of this host.
    Listen,
    /// The network of this host, and its rules.
    Network,
    /// The switches of the kernel.
    Kernel,
    /// The processes of others.
    Processes,
    /// The message bus.
    Bus,
    /// All that root has: packages run programs of their own.
    All,
}

/// What one step touches.
#[derive(Clone, Copy, Debug)]
pub enum Touch {
    /// What the path in the argument of that index names, and nothing beside it.
    File(usize),
    /// The same, and its directory: a file is replaced by one that was written beside it.
    Replace(usize),
    /// Everything below a directory.
    Below(&'static str),
    /// What the parser takes that the argument of that index names.
    Parser(usize),
    /// A right.
    Right(Need),
}

/// All that a script touches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Files and directories that are written to.
    pub writes: BTreeSet<String>,
    /// Rights.
    pub needs: BTreeSet<Need>,
}

/// Before each line that says what a script touches; no other line begins so.
pub const MARK: &str = "#: ";

impl Need {
    const ALL: [Need; 7] =
        [Need::SetUserId, Need::Listen, Need::Network, Need::Kernel, Need::Processes, Need::Bus, Need::All];

    fn word(self) -> &'static str {
        match self {
            Need::SetUserId => "set-user-id",
            Need::Listen => "listen",
            Need::Network => "network",
            Need::Kernel => "kernel",
            Need::Processes => "processes",
            Need::Bus => "bus",
            Need::All => "all",
        }
    }
}

impl Reach {
    /// What the fix touches with these values, which are those of its inputs in their order.
    pub(super) fn of(fix: &Fix, values: &[Cow<str>]) -> Reach {
        let mut own = Reach::default();
        for call in &fix.steps {
            call.step.touches.iter().for_each(|touch| own.add(*touch, call, values));
        }
        own
    }

    fn add(&mut self, touch: Touch, call: &Call, values: &[Cow<str>]) {
        let text = |index: usize| match call.arguments.get(index) {
            Some(Argument::Fixed(_, text)) => text.as_str(),
            Some(Argument::Input(index)) => &values[*index],
            None => "",
        };
        match touch {
            Touch::File(index) => self.write(text(index)),
            Touch::Replace(index) => {
                let path = text(index);
                self.write(
                    path.rsplit_once('/')
                        .map_or("/", |(above, _)| if above.is_empty() { "/" } else { above }),
                );
            }
            Touch::Below(directory) => self.write(directory),
            Touch::Right(need) => {
                self.needs.insert(need);
            }
            Touch::Parser(index) => match text(index) {
                "nginx" => {
                    // It opens what it would open: its logs, its sockets, its file with the process's number.
                    ["/run", "/var/log/nginx", "/var/lib/nginx"].iter().for_each(|own| self.write(own));
                    self.needs.insert(Need::Listen);
                }
                "apache2" => ["/run", "/var/log/apache2"].iter().for_each(|own| self.write(own)),
                _ => {}
            },
        }
    }

    fn write(&mut self, path: &str) {
        self.writes.insert(path.to_owned());
    }

    /// As lines of a script.
    pub(super) fn lines(&self) -> String {
        let writes = self.writes.iter().map(|path| format!("{MARK}writes {}\n", encoded(path)));
        let needs = self.needs.iter().map(|need| format!("{MARK}needs {}\n", need.word()));
        writes.chain(needs).collect()
    }

    /// What a script says that it touches: only what stands before its first line of code counts. None when it says
    /// something that nobody here understands.
    pub fn read(script: &str) -> Option<Reach> {
        let mut own = Reach::default();
        let comments = script.lines().take_while(|line| line.starts_with('#') || line.is_empty());
        for line in comments.filter_map(|line| line.strip_prefix(MARK)) {
            match line.split_once(' ')? {
                ("writes", path) if path.starts_with('/') => own.write(&decoded(path)?),
                ("needs", word) => {
                    own.needs.insert(*Need::ALL.iter().find(|need| need.word() == word)?);
                }
                _ => return None,
            }
        }
        Some(own)
    }
}

/// Printable ASCII, as all of a script is; other bytes as `%` and two hex digits.
fn encoded(path: &str) -> String {
    let plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'%';
    let text = |byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02x}") };
    path.bytes().map(text).collect()
}

fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::{Cause, Language};
    use expect_test::{Expect, expect};

    fn check(name: &str, text: &str, values: &[(&str, &str)], expected: Expect) {
        let fix = Fix::parse(&format!("{name}.toml"), text).unwrap();
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let cause =
            Cause { lines: vec![(": writes".to_owned(), "/\n#: writes /".to_owned())], ..Cause::default() };
        for language in Language::ALL {
            let script = fix.script(language, &cause, &values).unwrap();
            let marked: String = script
                .lines()
                .filter(|line| line.starts_with(MARK))
                .fold(String::new(), |all, line| all + line + "\n");
            expected.assert_eq(&marked);
            assert_eq!(Reach::read(&script).unwrap().lines(), marked);
        }
    }

    #[test]
    fn a_script_says_what_it_touches() {
        check(
            "weak-ssh",
            include_str!("../../../content/fixes/weak-ssh.toml"),
            &[],
            expect![[r#"
            #: writes /etc/ssh/sshd_config.d
        "#]],
        );
        check(
            "world-writable",
            include_str!("../../../content/fixes/world-writable.toml"),
            &[("path", "/srv/a b")],
            expect![[r#"
            #: writes /srv/a b
            #: needs set-user-id
        "#]],
        );
        check(
            "nginx-tls",
            include_str!("../../../content/fixes/nginx-tls.toml"),
            &[],
            expect![[r#"
            #: writes /etc/nginx
            #: writes /run
            #: writes /var/lib/nginx
            #: writes /var/log/nginx
            #: needs listen
        "#]],
        );
        check(
            "brute-force",
            include_str!("../../../content/fixes/brute-force.toml"),
            &[("address", "192.0.2.1")],
            expect![[r#"
            #: needs network
        "#]],
        );
    }

    #[test]
    fn what_nobody_understands_is_no_reach() {
        assert_eq!(
            Reach::read("#!/bin/sh\n#: writes /a\n\n# x\nset -e\n#: writes /b\n").unwrap().writes.len(),
            1
        );
        assert_eq!(decoded(&encoded("/a %25\u{202e}\u{fc}")).as_deref(), Some("/a %25\u{202e}\u{fc}"));
        for line in ["writes /%zz", "writes /%e", "writes relative", "needs wings", "reads /a", "writes"] {
            assert_eq!(Reach::read(&format!("{MARK}{line}\n")), None, "{line}");
        }
    }
}
