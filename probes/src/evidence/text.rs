//! Text from the host made fit for one line.

/// Longest line of evidence.
pub const LINE_CHARS_MAX: usize = 500;

/// `text` with control characters spelt out and cut after `chars_max`; names and messages are not to be trusted.
pub fn one_line(text: &str, chars_max: usize) -> String {
    let mut line = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == chars_max {
            line.push('…');
            break;
        }
        if c.is_control() { line.push(char::REPLACEMENT_CHARACTER) } else { line.push(c) }
    }
    line
}

/// The last `lines_max` lines, each fit for one line.
pub fn last_lines(text: &str, lines_max: usize) -> Vec<String> {
    let mut lines: Vec<String> =
        text.lines().rev().take(lines_max).map(|line| one_line(line, LINE_CHARS_MAX)).collect();
    lines.reverse();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_length_are_tamed() {
        assert_eq!(one_line("a\x1b[31m\nb", 99), "a\u{fffd}[31m\u{fffd}b");
        assert_eq!(one_line("äöüß", 2), "äö…");
        assert_eq!(one_line("äö", 2), "äö");
        assert_eq!(last_lines("1\n2\n3\n", 2), ["2", "3"]);
        assert!(last_lines("", 2).is_empty());
    }
}
