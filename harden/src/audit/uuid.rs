//! UUIDs that the same audit gets each time: OSCAL wants one for everything, and a pure function has no chance to draw one.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Named by its parts, of which none may hold a line feed. The bits are those of a SHA-256, marked as a UUID of version 4: OSCAL takes
/// no other but 5, which is a SHA-1.
pub fn uuid(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\n"));
    let mut text = String::with_capacity(36);
    for (place, byte) in digest.iter().take(16).enumerate() {
        let byte = match place {
            6 => byte & 0x0f | 0x40,
            8 => byte & 0x3f | 0x80,
            _ => *byte,
        };
        let dash = if matches!(place, 4 | 6 | 8 | 10) { "-" } else { "" };
        let _ = write!(text, "{dash}{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_their_uuid() {
        let own = uuid(&["a", "b"]);
        assert_eq!(own, uuid(&["a", "b"]));
        assert_ne!(own, uuid(&["ab"]));
        let lengths: Vec<_> = own.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(&own[14..15], "4");
        assert!("89ab".contains(&own[19..20]));
    }
}
