//! The name under which a unit is told: its own, with `*` for what makes it one of very many.
//!
//! `session-12.scope` is one of `session-*.scope`, `user@1000.service` of `user@*.service`. What an
//! administrator has few of keeps its name: `getty@tty1.service`, `postgresql@15-main.service`, `redis-6379.service`.

/// Digits from which on the number in the name of a service is taken for a running one.
const SERIAL_DIGITS_MIN: usize = 5;
/// Hexadecimal digits from which on a word is taken for an identifier.
const HEX_DIGITS_MIN: usize = 8;
const UUID_BYTES: usize = 36;
/// Instances that are users, whatever their number.
const BY_USER: [&str; 2] = ["user", "user-runtime-dir"];

/// The family of a unit.
pub fn family(name: &str) -> String {
    let (stem, kind) = name.rfind('.').map_or((name, ""), |dot| name.split_at(dot));
    if is_run(stem) {
        return format!("run-*{kind}");
    }
    match stem.split_once('@') {
        Some((template, instance)) if BY_USER.contains(&template) || is_connection(instance) => {
            format!("{template}@*{kind}")
        }
        _ => fold(stem, kind == ".scope") + kind,
    }
}

/// `run-r5b3c….scope`, `run-u12.service`, `run-p1234-i5678.service`: what systemd-run makes up.
fn is_run(stem: &str) -> bool {
    let made_up = |word: &str| {
        let number = word.trim_start_matches(['r', 'u', 'p', 'i']);
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    stem.strip_prefix("run-")
        .is_some_and(|rest| rest.split('-').all(made_up) && rest.contains(|c: char| c.is_ascii_digit()))
}

/// `sshd@12-10.0.0.1:22-10.0.0.2:5555.service`, `systemd-coredump@3-1234-0.service`: several numbers and nothing else.
fn is_connection(instance: &str) -> bool {
    let words = || instance.split(['-', '.', ':', '_', '[', ']']).filter(|word| !word.is_empty());
    words().count() > 1 && words().all(|word| word.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Replaces the words that are identifiers; in a scope, which nobody writes by hand, every number is one.
fn fold(stem: &str, is_scope: bool) -> String {
    let (mut out, mut rest) = (String::with_capacity(stem.len()), stem);
    while !rest.is_empty() {
        let length = if is_uuid(rest) { UUID_BYTES } else { word_length(rest) };
        let (word, after) = rest.split_at(length);
        let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        let is_session = is_scope && word.strip_prefix('c').is_some_and(is_number);
        let is_serial = is_number(word) && (is_scope || length >= SERIAL_DIGITS_MIN);
        let folds = length == UUID_BYTES || is_hex(word) || is_serial || is_session;
        out.push_str(if folds { "*" } else { word });
        let length = separator_length(after);
        out.push_str(&after[..length]);
        rest = &after[length..];
    }
    out
}

/// Up to the next character that is neither letter nor digit; letters beyond ASCII are none.
fn word_length(text: &str) -> usize {
    text.bytes().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(text.len())
}

/// `\x2d`, a dash that systemd has escaped, is one separator; otherwise one character is.
fn separator_length(text: &str) -> usize {
    let is_escape = text.starts_with("\\x") && text.len() >= 4 && text.is_char_boundary(4);
    if is_escape { 4 } else { text.chars().next().map_or(0, char::len_utf8) }
}

/// A word of hexadecimal digits that is no word of a language: `facade` and `deadbeef` have no digit.
fn is_hex(word: &str) -> bool {
    word.len() >= HEX_DIGITS_MIN
        && word.bytes().all(|byte| byte.is_ascii_hexdigit())
        && word.bytes().any(|byte| byte.is_ascii_digit())
}

fn is_uuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= UUID_BYTES
        && bytes[..UUID_BYTES].iter().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::family;
    use proptest::prelude::*;

    #[test]
    fn names_that_come_in_numbers_are_families() {
        let cases = [
            ("session-12.scope", "session-*.scope"),
            ("session-c3.scope", "session-*.scope"),
            ("user@1000.service", "user@*.service"),
            ("user-runtime-dir@0.service", "user-runtime-dir@*.service"),
            ("run-r0f3a94e7c1a14a8bb0ba4a28d1f0e3ac.scope", "run-*.scope"),
            ("run-u12.service", "run-*.service"),
            ("run-p1234-i5678.service", "run-*.service"),
            (
                "docker-3f4b1f9de0f64bd2b7b0d8f0a3a1c6e23f4b1f9de0f64bd2b7b0d8f0a3a1c6e2.scope",
                "docker-*.scope",
            ),
            ("sshd@12-10.0.0.1:22-10.0.0.2:55555.service", "sshd@*.service"),
            ("sshd@0-[2001:db8::1]:22-[2001:db8::2]:55555.service", "sshd@*.service"),
            ("systemd-coredump@3-1234-0.service", "systemd-coredump@*.service"),
            ("job@1f0e3dad-99f1-4f2b-9c7a-0123456789ab.service", "job@*.service"),
            (
                "snap.firefox.firefox-1f0e3dad-99f1-4f2b-9c7a-0123456789ab.scope",
                "snap.firefox.firefox-*.scope",
            ),
            ("app-gnome-org.gnome.Terminal-4711.scope", "app-gnome-org.gnome.Terminal-*.scope"),
            (r"machine-qemu\x2d3\x2dweb.scope", r"machine-qemu\x2d*\x2dweb.scope"),
            ("batch-170012.service", "batch-*.service"),
            ("dbus-:1.2-org.freedesktop.portal@0.service", "dbus-:1.2-org.freedesktop.portal@0.service"),
        ];
        for (name, told) in cases {
            assert_eq!(family(name), told);
        }
    }

    #[test]
    fn names_that_somebody_chose_are_kept() {
        let names = [
            "nginx.service",
            "getty@tty1.service",
            "postgresql@15-main.service",
            "redis-6379.service",
            "worker@3.service",
            "facade.service",
            "deadbeef.service",
            "init.scope",
            "run-parts.service",
            "noname",
            "é.service",
            "prometheus-node-exporter.service",
            "wg-quick@wg0.service",
            "",
            ".scope",
        ];
        for name in names {
            assert_eq!(family(name), name);
        }
    }

    proptest! {
        #[test]
        fn a_family_is_its_own(name in r"[a-z0-9@.:\\é-]{0,60}") {
            let once = family(&name);
            prop_assert!(once.len() <= name.len() + 2);
            prop_assert_eq!(family(&once), once);
        }
    }
}
