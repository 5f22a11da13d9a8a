//! Text of a record in the languages of others: markup and references.

use std::fmt::Write;

/// For text and attributes alike; a record holds no character that XML has no place for.
pub fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Noncharacters are not XML.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
        out
    })
}

/// A path below the root as a relative reference of RFC 3986.
pub fn reference(path: &str) -> String {
    path.trim_start_matches('/').bytes().fold(String::new(), |mut uri, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            other => {
                let _ = write!(uri, "%{other:02X}");
            }
        }
        uri
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out() {
        assert_eq!(escaped("<a href=\"x\" y='&'>"), "&lt;a href=&quot;x&quot; y=&#39;&amp;&#39;&gt;");
        assert_eq!(reference("/etc/a \"b\"#?%:@\u{fc}.conf"), "etc/a%20%22b%22%23%3F%25%3A%40%C3%BC.conf");
    }
}
