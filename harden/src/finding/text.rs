//! Text from scanners, made fit to be shown: it may not steer a terminal, and it may not be endless.

use std::fmt::Write;

/// `text` on one line: white space is folded, what could steer a terminal is shown as an escape.
pub fn line(text: &str, chars_max: usize) -> String {
    let mut out = String::new();
    let mut space = false;
    let mut kept = 0;
    for c in text.trim().chars() {
        if matches!(c, ' ' | '\n' | '\t' | '\r') {
            space = true;
            continue;
        }
        if kept == chars_max {
            out.push_str(" ...");
            return out;
        }
        if std::mem::take(&mut space) {
            out.push(' ');
        }
        push(&mut out, c);
        kept += 1;
    }
    out
}

/// `text` with its lines and their indentation; what could steer a terminal is shown as an escape.
pub fn lines(text: &str, chars_max: usize) -> String {
    let mut out = String::new();
    let mut chars = text.trim_end().trim_start_matches(['\n', '\r']).chars();
    for c in chars.by_ref().take(chars_max) {
        match c {
            '\n' => out.push('\n'),
            '\t' => out.push_str("    "),
            '\r' => {}
            c => push(&mut out, c),
        }
    }
    if chars.next().is_some() {
        out.push_str(" ...");
    }
    out
}

fn push(out: &mut String, c: char) {
    if is_plain(c) {
        out.push(c);
    } else {
        let _ = write!(out, "{}", c.escape_unicode());
    }
}

/// Neither control, nor what turns the direction of text, nor what is not seen at all.
fn is_plain(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_a_terminal_and_nothing_is_endless() {
        assert_eq!(
            line(" a\n b\u{1b}[2J\u{202e}c \u{fc}\u{200b}", 99),
            "a b\\u{1b}[2J\\u{202e}c \u{fc}\\u{200b}"
        );
        assert_eq!(line("abcdef", 3), "abc ...");
        assert_eq!(line("abc ", 3), "abc");
        assert_eq!(lines("\n  a\r\n\tb\u{9b}1m\n", 99), "  a\n    b\\u{9b}1m");
        assert_eq!(lines("abcdef", 3), "abc ...");
    }
}
