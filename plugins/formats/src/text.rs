//! Text from outside, made fit to be shown.

/// The text without control characters (a line feed and a tab become a space), cut after `bytes_max`.
pub fn line(text: &str, bytes_max: usize) -> String {
    clean(text, bytes_max, |c| if matches!(c, '\n' | '\t') { Some(' ') } else { None })
}

/// The text without control characters but line feeds and tabs, cut after `bytes_max`.
pub fn lines(text: &str, bytes_max: usize) -> String {
    clean(text, bytes_max, |c| matches!(c, '\n' | '\t').then_some(c))
}

/// Control characters could move a terminal's cursor, and those that turn the direction of writing could hide what is
/// written: they become U+FFFD unless `keep` has another one for them.
fn clean(text: &str, bytes_max: usize, keep: impl Fn(char) -> Option<char>) -> String {
    let text = text.trim();
    let text = &text[..text.floor_char_boundary(bytes_max)];
    let hides = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if hides(c) { keep(c).unwrap_or('\u{fffd}') } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_cannot_be_steered() {
        assert_eq!(line("  \u{1b}[2Jred\tand\nblue\u{202e} ", 99), "\u{fffd}[2Jred and blue\u{fffd}");
        assert_eq!(lines("a\r\nb\tc\u{9b}", 99), "a\u{fffd}\nb\tc\u{fffd}");
        assert_eq!(line("äöü", 3), "ä");
    }
}
