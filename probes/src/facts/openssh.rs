//! Settings of the SSH server and client: sshd_config(5), ssh_config(5).
//!
//! The first value of a keyword counts, except for the few that add up; what the server reads in `Match all` has the word over
//! what stands outside of blocks, and over what blocks after it say. `Include` is read in place, and what a `Match` or `Host` block
//! sets in an included file ends with that file; where the file is included in a block, both have to hold. A keyword that nobody
//! set has the server's default, so that what is judged is what holds.

mod defaults;

use super::found::AREA_BYTES_MAX;
use super::include::{Includes, beside};
use super::line::{lines, words};
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};
use std::collections::HashSet;

const DIRECTORY: &str = "/etc/ssh";

/// Keywords whose values add up.
const MANY: &[&str] = &[
    "acceptenv",
    "allowgroups",
    "allowusers",
    "denygroups",
    "denyusers",
    "hostkey",
    "identityfile",
    "listenaddress",
    "port",
    "sendenv",
    "subsystem",
];

/// Keywords by the names that they had before.
const RENAMED: &[(&str, &str)] = &[
    ("challengeresponseauthentication", "kbdinteractiveauthentication"),
    ("skeyauthentication", "kbdinteractiveauthentication"),
    ("dsaauthentication", "pubkeyauthentication"),
    ("hostbasedacceptedkeytypes", "hostbasedacceptedalgorithms"),
    ("pubkeyacceptedkeytypes", "pubkeyacceptedalgorithms"),
    ("keepalive", "tcpkeepalive"),
];

/// Keywords whose value is a list that `+`, `-` and `^` change instead of replacing it.
const LISTS: &[&str] = &[
    "casignaturealgorithms",
    "ciphers",
    "hostbasedacceptedalgorithms",
    "hostkeyalgorithms",
    "kexalgorithms",
    "macs",
    "pubkeyacceptedalgorithms",
];

/// Keywords whose value is the rest of the line as it stands, with quotes and signs of comments.
const VERBATIM: &[&str] =
    &["authorizedkeyscommand", "authorizedprincipalscommand", "forcecommand", "versionaddendum"];

pub static SERVER: Reader = Reader {
    area: "sshd",
    about: "effective settings of the SSH server, those of Match blocks apart",
    reads: &["/etc/ssh/sshd_config"],
    read: |image, found| read(image, found, "/etc/ssh/sshd_config", "match", defaults::SERVER),
};

pub static CLIENT: Reader = Reader {
    area: "ssh-client",
    about: "settings of the SSH client for everybody, those of Host and Match blocks apart",
    reads: &["/etc/ssh/ssh_config"],
    read: |image, found| read(image, found, "/etc/ssh/ssh_config", "host", defaults::CLIENT),
};

struct Settings<'d> {
    found: &'d mut Found,
    /// What blocks of the server for everybody say: it has the word over what stands outside of blocks.
    overriding: Found,
    /// Its keywords.
    overridden: HashSet<String>,
    /// Whether such a block is being read.
    overrides: bool,
    /// The word that begins a block besides `match`.
    block: &'static str,
    defaults: &'d [(&'static str, &'static str)],
}

fn read(
    image: &Image<'_>,
    found: &mut Found,
    path: &str,
    block: &'static str,
    defaults: &[(&'static str, &'static str)],
) -> Result<(), Fault> {
    let overriding = Found::new(AREA_BYTES_MAX);
    let overridden = HashSet::new();
    let mut settings = Settings { found, overriding, overridden, overrides: false, block, defaults };
    settings.file(&mut Includes::new(image), path, String::new())?;
    let Settings { overriding, overridden, .. } = settings;
    found.retain(|fact| !fact.scope.is_empty() || !overridden.contains(&fact.key));
    found.extend(overriding.facts())?;
    found.defaults("", "OpenSSH 9.2", defaults)?;
    let parts: Vec<Fact> = found.settled().flat_map(|fact| parts(fact)).collect();
    found.extend(parts)
}

impl Settings<'_> {
    fn file(&mut self, includes: &mut Includes<'_, '_>, path: &str, scope: String) -> Result<(), Fault> {
        includes.read(path, |includes, text| {
            let (outer, mut scope, overrides) = (scope.clone(), scope, self.overrides);
            for (number, line) in lines(text, &['#']) {
                includes.line = number;
                let (keyword, rest) = directive(line);
                match keyword.as_str() {
                    "include" => self.include(includes, &words(rest), &scope)?,
                    "match" => {
                        scope = within(&outer, block_of("Match", &words(rest)));
                        self.overrides = scope.is_empty() && self.block == "match";
                    }
                    own if own == self.block => scope = within(&outer, block_of("Host", &words(rest))),
                    _ => self.set(keyword, rest, &scope, Origin::line(path, number))?,
                }
            }
            self.overrides = overrides;
            Ok(())
        })
    }

    fn include(
        &mut self,
        includes: &mut Includes<'_, '_>,
        patterns: &[String],
        scope: &str,
    ) -> Result<(), Fault> {
        for pattern in patterns {
            for path in includes.image.glob(&beside(DIRECTORY, pattern))? {
                self.file(includes, &path, scope.to_owned())?;
            }
        }
        Ok(())
    }

    /// The first of a keyword counts, or each of those that add up.
    fn set(&mut self, keyword: String, rest: &str, scope: &str, origin: Origin) -> Result<(), Fault> {
        let verbatim = VERBATIM.contains(&keyword.as_str());
        let mut value = if verbatim { rest.to_owned() } else { words(rest).join(" ") };
        let default = self.defaults.iter().find(|(own, _)| *own == keyword);
        if let Some((_, default)) = default.filter(|(own, _)| LISTS.contains(own)) {
            value = changed(default, &value);
        }
        let adds_up = MANY.contains(&keyword.as_str());
        if self.overrides {
            self.overridden.insert(keyword.clone());
        } else if !adds_up && !scope.is_empty() && self.overridden.contains(&keyword) {
            return Ok(());
        }
        let fact = Fact::new(keyword, value, origin).within(scope);
        let found = if self.overrides { &mut self.overriding } else { &mut *self.found };
        if adds_up { found.push(fact) } else { found.first(fact) }
    }
}

/// Keyword in small letters, and what follows it.
fn directive(line: &str) -> (String, &str) {
    let end = line.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(line.len());
    let (keyword, rest) = line.split_at(end);
    let rest = rest.trim_start();
    let keyword = keyword.to_ascii_lowercase();
    let renamed = RENAMED.iter().find(|(old, _)| *old == keyword).map(|(_, new)| (*new).to_owned());
    (renamed.unwrap_or(keyword), rest.strip_prefix('=').unwrap_or(rest).trim_start())
}

/// What applies to all is no block.
fn block_of(word: &str, values: &[String]) -> String {
    let all = values.len() == 1 && matches!(values[0].to_ascii_lowercase().as_str(), "all" | "*");
    if all { String::new() } else { format!("{word} {}", values.join(" ")) }
}

/// What a block says of a file that is included in a block holds where both do.
fn within(outer: &str, inner: String) -> String {
    match (outer.is_empty(), inner.is_empty()) {
        (true, _) => inner,
        (_, true) => outer.to_owned(),
        _ => format!("{outer} {}", inner.strip_prefix("Match ").unwrap_or(&inner)),
    }
}

/// `+a,b` adds, `-a*` takes away, `^a` puts in front; anything else replaces.
fn changed(default: &str, list: &str) -> String {
    let own = list.get(1..).unwrap_or("");
    match list.as_bytes().first() {
        Some(b'+') => format!("{default},{own}"),
        Some(b'^') => {
            let rest = default.split(',').filter(|word| !own.split(',').any(|first| first == *word));
            std::iter::once(own).chain(rest).collect::<Vec<_>>().join(",")
        }
        Some(b'-') => {
            let gone: Vec<_> =
                own.split(',').filter_map(|pattern| glob::Pattern::new(pattern).ok()).collect();
            let rest = default.split(',').filter(|word| !gone.iter().any(|pattern| pattern.matches(word)));
            rest.collect::<Vec<_>>().join(",")
        }
        _ => list.to_owned(),
    }
}

/// `MaxStartups 10:30:60` in its three parts, which are judged one by one; a single number is all of it.
fn parts(fact: &Fact) -> Vec<Fact> {
    if fact.key != "maxstartups" {
        return Vec::new();
    }
    let mut parts = fact.value.split(':');
    let start = parts.next().unwrap_or("");
    let (rate, full) = (parts.next().unwrap_or("30"), parts.next().unwrap_or(start));
    let part = |name: &str, value: &str| Fact {
        key: format!("maxstartups.{name}"),
        value: value.to_owned(),
        ..fact.clone()
    };
    vec![part("start", start), part("rate", rate), part("full", full)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn the_first_value_counts_and_an_include_stands_where_it_is() {
        let files = [
            (
                "/etc/ssh/sshd_config",
                "Include sshd_config.d/*.conf\nport 22\nPort 2222\nUsePAM=yes # why\nX11Forwarding yes\n\
              Match User bob Address 10.*\n  X11Forwarding no\n  X11Forwarding yes\nMatch all\nX11Forwarding no\nBanner /x\n",
            ),
            ("/etc/ssh/sshd_config.d/a.conf", "x11forwarding \"no\"\nMatch Group g\nPermitRootLogin yes\n"),
            ("/etc/ssh/sshd_config.d/b.conf", "PermitRootLogin no\nCiphers -aes*-ctr,chacha*\n"),
        ];
        let all = shown(&SERVER, &files);
        let set: String =
            all.lines().filter(|line| !line.contains("default of")).map(|line| format!("{line}\n")).collect();
        expect![[r#"
            [Match Group g] permitrootlogin = yes  (/etc/ssh/sshd_config.d/a.conf:3)
            permitrootlogin = no  (/etc/ssh/sshd_config.d/b.conf:1)
            ciphers = aes128-gcm@openssh.com,aes256-gcm@openssh.com  (/etc/ssh/sshd_config.d/b.conf:2)
            port = 22  (/etc/ssh/sshd_config:2)
            port = 2222  (/etc/ssh/sshd_config:3)
            usepam = yes  (/etc/ssh/sshd_config:4)
            [Match User bob Address 10.*] x11forwarding = no  (/etc/ssh/sshd_config:7)
            x11forwarding = no  (/etc/ssh/sshd_config:10)
            banner = /x  (/etc/ssh/sshd_config:11)
        "#]]
        .assert_eq(&set);
        assert!(all.contains("maxstartups.full = 100  (default of OpenSSH 9.2)"), "{all}");
    }

    #[test]
    fn a_block_holds_where_those_around_it_do_and_says_nothing_after_one_for_all() {
        let files = [
            (
                "/etc/ssh/sshd_config",
                "Match User bob\nInclude x.conf\nMatch all\nMaxAuthTries 9\nAcceptEnv A\n\
                 Match User ann\nMaxAuthTries 1\nAcceptEnv B\nForceCommand x \"a  b\" #c\n",
            ),
            (
                "/etc/ssh/x.conf",
                "SetEnv A=1 B=2\nSetEnv C=3\nMatch Address 10.0.0.0/8\nMaxSessions 1\nMatch all\nPermitTTY no\n",
            ),
        ];
        let all = shown(&SERVER, &files);
        let set: String =
            all.lines().filter(|line| !line.contains("default of")).map(|line| format!("{line}\n")).collect();
        expect![[r#"
            [Match User bob] setenv = A=1 B=2  (/etc/ssh/x.conf:1)
            [Match User bob Address 10.0.0.0/8] maxsessions = 1  (/etc/ssh/x.conf:4)
            [Match User bob] permittty = no  (/etc/ssh/x.conf:6)
            [Match User ann] acceptenv = B  (/etc/ssh/sshd_config:8)
            [Match User ann] forcecommand = x "a  b" #c  (/etc/ssh/sshd_config:9)
            maxauthtries = 9  (/etc/ssh/sshd_config:4)
            acceptenv = A  (/etc/ssh/sshd_config:5)
        "#]]
        .assert_eq(&set);
    }

    #[test]
    fn a_loop_is_named() {
        let shown = shown(&SERVER, &[("/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config\n")]);
        assert_eq!(
            shown,
            "unseen: /etc/ssh/sshd_config:1: /etc/ssh/sshd_config: files are included 16 deep: does it include itself?\n"
        );
    }

    #[test]
    fn lists_are_changed_or_replaced() {
        assert_eq!(changed("a,b", "+c"), "a,b,c");
        assert_eq!(changed("a,b", "^b"), "b,a");
        assert_eq!(changed("a,b", "-a"), "b");
        assert_eq!(changed("a,b", "c"), "c");
        assert_eq!(changed("a,b", ""), "");
    }
}
