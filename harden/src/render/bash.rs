//! Bash: how values are quoted, and what every diagnostic script begins with.

use super::input::Type;
use super::language::{Kind, Language};
use std::fmt::Write;

/// The language.
pub static BASH: Language = Language {
    name: "bash",
    shebang: "#!/usr/bin/env bash",
    comment: "# ",
    binding: ("readonly ", "="),
    strict: "set -euo pipefail\n",
    prelude,
    literal,
};

fn prelude(kind: Kind) -> &'static str {
    match kind {
        Kind::Diagnostic => include_str!("bash/diagnostic.sh"),
    }
}

/// Numbers stand as they are; no value is the empty string. Printable ASCII without `'` goes into `'…'`, where Bash looks at nothing; all else
/// goes into `$'…'` with the bytes of its UTF-8 in hex, so that the script itself holds no raw control byte.
fn literal(kind: Type, value: &str) -> String {
    if kind.is_numeric() && !value.is_empty() {
        value.to_owned()
    } else if value.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'\'') {
        format!("'{value}'")
    } else {
        format!("$'{}'", escaped(value))
    }
}

fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len() * 2);
    for byte in value.bytes() {
        match byte {
            b'\'' | b'\\' => out.extend(['\\', char::from(byte)]),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals() {
        let cases = [
            (Type::Port, "22", "22"),
            (Type::Number, "-0.5", "-0.5"),
            (Type::Path, "/srv/$(id) \"`\\", "'/srv/$(id) \"`\\'"),
            (Type::User, "it's", "$'it\\'s'"),
            (Type::User, "a\nb\\c'", "$'a\\x0ab\\\\c\\''"),
            (Type::User, "\u{fc}f", "$'\\xc3\\xbcf'"),
            (Type::Text, "-n", "'-n'"),
            (Type::Port, "", "''"),
        ];
        for (kind, value, expected) in cases {
            assert_eq!(literal(kind, value), expected);
        }
    }
}
