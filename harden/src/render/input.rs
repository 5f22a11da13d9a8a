//! The types of a playbook's inputs: what each accepts, and how a value of it is written down.

use serde::Deserialize;
use std::borrow::Cow;

/// One declared input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Name of the input and of the alert label that fills it.
    pub name: String,
    /// What it accepts.
    pub kind: Type,
    /// Without a value there is no script; an optional input without one is the empty string.
    pub required: bool,
    /// One sentence: what it is.
    pub about: String,
}

/// What a value has to be before it may enter a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// An absolute path; any bytes but NUL, because directory names may hold any.
    Path,
    /// A block device as `/proc/diskstats` or `/dev` names it.
    Device,
    /// A network interface.
    Interface,
    /// A systemd unit.
    Unit,
    /// An account name as somebody typed it: whoever knocks at sshd chooses it freely.
    User,
    /// A host name or an address.
    Host,
    /// A whole number.
    Integer,
    /// A finite number.
    Number,
    /// A TCP or UDP port.
    Port,
    /// The name of something that machines read: a key, a module, a package, a unit's setting.
    Word,
    /// Any text.
    Text,
}

const PATH_BYTES_MAX: usize = 4096;
const DEVICE_BYTES_MAX: usize = 64;
/// IFNAMSIZ without its NUL.
const INTERFACE_BYTES_MAX: usize = 15;
/// As systemd has it: UNIT_NAME_MAX without its NUL.
const UNIT_BYTES_MAX: usize = 255;
const USER_BYTES_MAX: usize = 256;
const HOST_BYTES_MAX: usize = 253;
const WORD_BYTES_MAX: usize = 128;
const TEXT_BYTES_MAX: usize = 4096;

impl Type {
    /// Every type, in the order of the documentation.
    pub const ALL: [Type; 11] = [
        Type::Path,
        Type::Device,
        Type::Interface,
        Type::Unit,
        Type::User,
        Type::Host,
        Type::Integer,
        Type::Number,
        Type::Port,
        Type::Word,
        Type::Text,
    ];

    /// The word in the front matter.
    pub fn as_str(self) -> &'static str {
        match self {
            Type::Path => "path",
            Type::Device => "device",
            Type::Interface => "interface",
            Type::Unit => "unit",
            Type::User => "user",
            Type::Host => "host",
            Type::Integer => "integer",
            Type::Number => "number",
            Type::Port => "port",
            Type::Word => "word",
            Type::Text => "text",
        }
    }

    /// What it accepts, in words.
    pub fn accepts(self) -> &'static str {
        match self {
            Type::Path => "an absolute path of at most 4096 bytes without NUL",
            Type::Device => "1 to 64 of A-Z a-z 0-9 ! . _ / : -, not starting with - and without ..",
            Type::Interface => "1 to 15 bytes without / : or white space",
            Type::Unit => "1 to 255 of A-Z a-z 0-9 : _ . \\ @ -",
            Type::User => "1 to 256 bytes without NUL",
            Type::Host => "1 to 253 of A-Z a-z 0-9 . _ : % -, not starting with -",
            Type::Integer => "a whole number of 64 bits",
            Type::Number => "a finite number",
            Type::Port => "a number from 1 to 65535",
            Type::Word => "1 to 128 of A-Z a-z 0-9 . _ / : @ + -, not starting with -",
            Type::Text => "1 to 4096 bytes without NUL",
        }
    }

    /// True when a value of it is a number and needs no quotes in any language.
    pub fn is_numeric(self) -> bool {
        matches!(self, Type::Integer | Type::Number | Type::Port)
    }

    /// The value as it may enter a script, or nothing when it does not fit.
    ///
    /// Text comes back as it is; a number comes back in one spelling (`007` would be octal to a shell).
    pub fn accept(self, value: &str) -> Option<Cow<'_, str>> {
        if self.is_numeric() {
            self.number(value).map(Cow::Owned)
        } else {
            self.fits(value).then_some(value.into())
        }
    }

    fn number(self, value: &str) -> Option<String> {
        match self {
            Type::Port => value.parse::<u16>().ok().filter(|port| *port > 0).map(|port| port.to_string()),
            Type::Integer => value.parse::<i64>().ok().map(|integer| integer.to_string()),
            _ => value
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite())
                .map(hostward_model::number::to_string),
        }
    }

    fn fits(self, value: &str) -> bool {
        match self {
            Type::Path => value.starts_with('/') && is_text(value, PATH_BYTES_MAX),
            Type::Device => is_word(value, DEVICE_BYTES_MAX, b"!._/:-") && !value.contains(".."),
            Type::Interface => is_interface(value),
            Type::Unit => is_text(value, UNIT_BYTES_MAX) && value.bytes().all(|byte| is_of(byte, b":_.\\@-")),
            Type::User => is_text(value, USER_BYTES_MAX),
            Type::Host => is_word(value, HOST_BYTES_MAX, b"._:%-"),
            Type::Word => is_word(value, WORD_BYTES_MAX, b"._/:@+-"),
            _ => is_text(value, TEXT_BYTES_MAX),
        }
    }
}

fn is_text(value: &str, bytes_max: usize) -> bool {
    (1..=bytes_max).contains(&value.len()) && !value.contains('\0')
}

fn is_word(value: &str, bytes_max: usize, others: &[u8]) -> bool {
    is_text(value, bytes_max) && !value.starts_with('-') && value.bytes().all(|byte| is_of(byte, others))
}

fn is_of(byte: u8, others: &[u8]) -> bool {
    byte.is_ascii_alphanumeric() || others.contains(&byte)
}

/// The kernel's `dev_valid_name`.
fn is_interface(value: &str) -> bool {
    let refused = |c: char| c == '/' || c == ':' || c.is_whitespace();
    is_text(value, INTERFACE_BYTES_MAX) && value != "." && value != ".." && !value.contains(refused)
}

#[cfg(test)]
mod tests {
    use super::Type;

    #[test]
    fn each_type_takes_what_it_says() {
        let cases: [(Type, &[&str]); 11] = [
            (Type::Path, &["/", "/srv/a b", "/mnt/it's\n$(id)", "/\u{1b}[2J"]),
            (Type::Device, &["sda", "/dev/mapper/vg0-root", "cciss!c0d0", "8:0"]),
            (Type::Interface, &["eth0", "br-1234567890ab", "eth0.100", "-x", "w\u{fc}"]),
            (Type::Unit, &["ssh.service", "-.mount", "dev-disk-by\\x2dlabel.swap", "getty@tty1.service"]),
            (Type::User, &["root", "-rf", "$(id)", "a\nb", "\u{202e}"]),
            (Type::Host, &["web1", "192.0.2.1", "2001:db8::1", "fe80::1%eth0"]),
            (Type::Integer, &["0", "-3", "9223372036854775807"]),
            (Type::Number, &["0.5", "-3", "12"]),
            (Type::Port, &["1", "22", "65535"]),
            (Type::Word, &["kernel.kptr_restrict", "net/ipv4", "libstdc++6", "0"]),
            (Type::Text, &["x", "-n", "';reboot;'"]),
        ];
        for (kind, values) in cases {
            for value in values {
                assert_eq!(kind.accept(value).as_deref(), Some(*value), "{kind:?}");
            }
        }
    }

    #[test]
    fn each_type_refuses_what_does_not_fit() {
        let long = "/".repeat(4097);
        let cases: [(Type, &[&str]); 11] = [
            (Type::Path, &["", "srv", "-/", "/a\0b", &long]),
            (Type::Device, &["", "sda 1", "-sda", "../etc", "sda;id", "sd\n", &long[..65]]),
            (Type::Interface, &["", "a/b", "a b", "a\nb", "..", "sixteen-bytes-xx", "e\0", "\u{2028}"]),
            (Type::Unit, &["", "a b.service", "a;b", "a$b", "\u{fc}.service", "a\n"]),
            (Type::User, &["", "a\0", &long[..257]]),
            (Type::Host, &["", "-h", "a b", "$(id)", "a\nb", "h\u{fc}"]),
            (Type::Integer, &["", "1.5", "0x10", "1 ", "9223372036854775808", "a[$(id)]"]),
            (Type::Number, &["", "NaN", "inf", "1e999", "1,5"]),
            (Type::Port, &["", "0", "65536", "-1", "22 ", "ssh"]),
            (Type::Word, &["", "-x", "a b", "a=b", "$(id)", "a\n", "\u{fc}"]),
            (Type::Text, &["", "\0", &long]),
        ];
        for (kind, values) in cases {
            for value in values {
                assert_eq!(kind.accept(value), None, "{kind:?} {value:?}");
            }
        }
    }

    #[test]
    fn numbers_have_one_spelling() {
        assert_eq!(Type::Integer.accept("0010").as_deref(), Some("10"));
        assert_eq!(Type::Port.accept("+0022").as_deref(), Some("22"));
        assert_eq!(Type::Number.accept("1e3").as_deref(), Some("1000"));
    }
}
