//! Words of a line: blanks and equals signs separate them, quotes hold them together.

/// Words of one line, without their quotes. A quote that is not closed ends with the line.
pub fn words(line: &str) -> Vec<&str> {
    let separates = |c: char| c.is_whitespace() || c == '=';
    let mut words = Vec::new();
    let mut rest = line.trim_start_matches(separates);
    while let Some(first) = rest.chars().next() {
        let (word, after) = match first {
            '\'' | '"' => rest[1..].split_once(first).unwrap_or((&rest[1..], "")),
            _ => rest.split_at(rest.find(separates).unwrap_or(rest.len())),
        };
        words.push(word);
        rest = after.trim_start_matches(separates);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_words_together() {
        assert_eq!(words("CHART a.b '' 'a title' \"it's\"x"), ["CHART", "a.b", "", "a title", "it's", "x"]);
        assert_eq!(words("  SET 'a b' = 5\r"), ["SET", "a b", "5"]);
        assert_eq!(words("SET a="), ["SET", "a"]);
        assert_eq!(words("CHART 'open title"), ["CHART", "open title"]);
        assert_eq!(words(" \t"), Vec::<&str>::new());
    }
}
