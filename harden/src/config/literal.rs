//! Values as they may stand in a configuration: each has a type, and is quoted for the program that reads the file.

use crate::render::comment::plain;
use minijinja::value::Object;
use serde::Deserialize;
use std::net::IpAddr;

/// Longer values are refused: no setting that is rendered here is that long.
const VALUE_BYTES_MAX: usize = 4096;

/// What a value has to be before it may enter a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A whole number.
    Integer,
    /// A TCP or UDP port.
    Port,
    /// An IP address.
    Address,
    /// Letters, digits and `._:@/+,=^-`, which mean nothing to any of the programs but as a part of a word.
    Word,
    /// The name of an account that useradd(8) would accept.
    User,
    /// An absolute path.
    Path,
    /// A line of any text.
    Text,
}

/// Whose configuration it is, and so how its values are quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Syntax {
    /// sshd_config(5): in double quotes, without a way to write one.
    Sshd,
    /// nginx: in double quotes; a variable cannot be written as text.
    Nginx,
    /// Apache httpd: in double quotes.
    Apache,
    /// nft(8): in double quotes, without a way to write one.
    Nftables,
    /// sudoers(5): in double quotes.
    Sudoers,
    /// postgresql.conf: in single quotes.
    Postgresql,
    /// `key = value` or `key value` to the end of the line: nothing is quoted, so blanks and comment signs are refused.
    Plain,
}

/// A value that may be printed: text that was accepted by its type and quoted for its syntax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal(String);

/// How a syntax writes text that is more than a word.
struct Quoting {
    /// What stands before and after; nothing when there is no such way.
    around: Option<char>,
    /// Characters that are written with another before them.
    escaped: &'static [(char, &'static str)],
    /// Characters that cannot be written.
    refused: &'static [char],
}

impl Object for Literal {}

impl Literal {
    /// The value for a syntax, or why it cannot stand there.
    pub fn new(syntax: Syntax, kind: Kind, value: &str) -> Result<Literal, String> {
        let refused = || format!("{:?} is not {} in {syntax:?}", plain(value), kind.accepts());
        if value.is_empty() || value.len() > VALUE_BYTES_MAX || value.chars().any(char::is_control) {
            return Err(refused());
        }
        let text = match kind {
            Kind::Integer => value.parse::<i64>().ok().map(|number| number.to_string()),
            Kind::Port => value.parse::<u16>().ok().filter(|port| *port > 0).map(|port| port.to_string()),
            Kind::Address => value.parse::<IpAddr>().ok().map(|address| address.to_string()),
            Kind::Word => is_word(value).then(|| value.to_owned()),
            Kind::User => is_user(value).then(|| value.to_owned()),
            Kind::Path if !value.starts_with('/') => None,
            Kind::Path | Kind::Text => syntax.quoted(value),
        };
        text.map(Literal).ok_or_else(refused)
    }

    /// As it is printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Kind {
    /// What it accepts, in words.
    pub fn accepts(self) -> &'static str {
        match self {
            Kind::Integer => "a whole number",
            Kind::Port => "a port from 1 to 65535",
            Kind::Address => "an IP address",
            Kind::Word => "a word of A-Z a-z 0-9 . _ : @ / + , = ^ -",
            Kind::User => "a name of a-z 0-9 _ . - and $ at the end",
            Kind::Path => "an absolute path",
            Kind::Text => "a line of text",
        }
    }
}

impl Syntax {
    fn quoting(self) -> Quoting {
        const BACKSLASH: &[(char, &str)] = &[('"', "\\\""), ('\\', "\\\\")];
        let (around, escaped, refused): (_, &[_], &[_]) = match self {
            Syntax::Sshd => (Some('"'), &[], &['"', '\\']),
            Syntax::Nginx => (Some('"'), BACKSLASH, &['$']),
            Syntax::Apache => (Some('"'), BACKSLASH, &['$', '%']),
            Syntax::Nftables => (Some('"'), &[], &['"', '\\', '$']),
            Syntax::Sudoers => (Some('"'), BACKSLASH, &[]),
            Syntax::Postgresql => (Some('\''), &[('\'', "''"), ('\\', "\\\\")], &[]),
            Syntax::Plain => (None, &[], &[' ', '#', ';', '"', '\'', '\\']),
        };
        Quoting { around, escaped, refused }
    }

    fn quoted(self, value: &str) -> Option<String> {
        let quoting = self.quoting();
        if value.contains(quoting.refused) {
            return None;
        }
        // PostgreSQL takes an unquoted path for a syntax error; the others are easier to read without quotes.
        if is_word(value) && self != Syntax::Postgresql {
            return Some(value.to_owned());
        }
        let Some(around) = quoting.around else { return Some(value.to_owned()) };
        let mut text = String::from(around);
        for c in value.chars() {
            match quoting.escaped.iter().find(|(own, _)| *own == c) {
                Some((_, written)) => text.push_str(written),
                None => text.push(c),
            }
        }
        text.push(around);
        Some(text)
    }
}

fn is_word(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:@/+,=^-".contains(&byte))
}

/// The pattern of Debian's adduser(8), with the dollar sign of machine accounts.
fn is_user(value: &str) -> bool {
    let name = value.strip_suffix('$').unwrap_or(value);
    let first = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    name.len() <= 32 && name.bytes().next().is_some_and(first) && name.bytes().all(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Syntax; 7] = [
        Syntax::Sshd,
        Syntax::Nginx,
        Syntax::Apache,
        Syntax::Nftables,
        Syntax::Sudoers,
        Syntax::Postgresql,
        Syntax::Plain,
    ];

    fn literal(syntax: Syntax, kind: Kind, value: &str) -> Option<String> {
        Literal::new(syntax, kind, value).ok().map(|own| own.0)
    }

    #[test]
    fn each_syntax_has_its_quotes() {
        let cases = [
            (Syntax::Sshd, "/etc/issue.net", Some("/etc/issue.net")),
            (Syntax::Sshd, "/srv/a b", Some("\"/srv/a b\"")),
            (Syntax::Sshd, "/srv/\"", None),
            (Syntax::Nginx, "/srv/\"; deny all; #", Some("\"/srv/\\\"; deny all; #\"")),
            (Syntax::Nginx, "/srv/$host", None),
            (Syntax::Apache, "/srv/${X}", None),
            (Syntax::Postgresql, "/srv/it's", Some("'/srv/it''s'")),
            (Syntax::Plain, "/srv/a b", None),
            (Syntax::Plain, "/srv/a#b", None),
            (Syntax::Sudoers, "/var/log/a b", Some("\"/var/log/a b\"")),
        ];
        for (syntax, value, expected) in cases {
            assert_eq!(literal(syntax, Kind::Path, value).as_deref(), expected, "{syntax:?} {value}");
        }
    }

    #[test]
    fn what_does_not_fit_its_type_is_refused() {
        let cases = [
            (Kind::Integer, "1;", None),
            (Kind::Integer, "007", Some("7")),
            (Kind::Port, "0", None),
            (Kind::Address, "10.0.0.1/8", None),
            (Kind::Address, "2001:DB8::1", Some("2001:db8::1")),
            (Kind::Word, "a b", None),
            (Kind::User, "ann", Some("ann")),
            (Kind::User, "*", None),
            (Kind::User, "ann@10.0.0.1", None),
            (Kind::Path, "etc", None),
            (Kind::Text, "a\nb", None),
        ];
        for (kind, value, expected) in cases {
            assert_eq!(literal(Syntax::Sshd, kind, value).as_deref(), expected, "{kind:?} {value}");
        }
    }

    proptest! {
        #[test]
        fn no_text_ends_its_line_or_its_quotes(value in "\\PC{1,40}") {
            for syntax in ALL {
                let Some(text) = literal(syntax, Kind::Text, &value) else { continue };
                prop_assert!(!text.contains(['\n', '\r', '\0']));
                let quote = syntax.quoting().around.unwrap_or('\0');
                if let Some(inner) = text.strip_prefix(quote).and_then(|own| own.strip_suffix(quote)) {
                    let bare = inner.replace("\\\\", "").replace("\\\"", "").replace("''", "");
                    prop_assert!(!bare.contains(quote), "{syntax:?}: {text}");
                }
            }
        }
    }
}
