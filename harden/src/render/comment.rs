//! Text from outside, made fit for a comment or a message: one line, printable ASCII.

use std::fmt::Write;

/// Longest text kept of one value, in characters of its own; what is cut is counted in the output.
pub const VALUE_CHARS_MAX: usize = 400;

/// `text` on one line in printable ASCII; all else is shown as an escape (`\n`, `\u{202e}`).
///
/// A backslash stays as it is: a comment is read by people, and expressions are full of them.
pub fn plain(text: &str) -> String {
    shortened(text, VALUE_CHARS_MAX)
}

/// As [`plain`], with a bound of the caller's.
pub fn shortened(text: &str, chars_max: usize) -> String {
    let mut out = String::new();
    let mut rest = text.chars();
    rest.by_ref().take(chars_max).for_each(|c| push(&mut out, c));
    let cut = rest.count();
    if cut > 0 {
        let _ = write!(out, " ... ({cut} more characters)");
    }
    out
}

fn push(out: &mut String, c: char) {
    match c {
        ' '..='~' => out.push(c),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c => out.extend(c.escape_unicode()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_move_a_cursor_or_end_a_line_is_shown() {
        let cases = [
            ("web 1 \\d+ $(id)", "web 1 \\d+ $(id)"),
            ("a\nrm -rf /", "a\\nrm -rf /"),
            ("\r\t\u{1b}[2J\0\u{7f}", "\\r\\t\\u{1b}[2J\\u{0}\\u{7f}"),
            ("\u{202e}txt\u{2028}\u{85}\u{feff}", "\\u{202e}txt\\u{2028}\\u{85}\\u{feff}"),
            ("M\u{fc}ller", "M\\u{fc}ller"),
        ];
        for (text, shown) in cases {
            assert_eq!(plain(text), shown);
        }
    }

    #[test]
    fn long_text_says_how_much_was_cut() {
        assert_eq!(shortened("abcdef", 6), "abcdef");
        assert_eq!(shortened("abcdef", 4), "abcd ... (2 more characters)");
    }
}
