//! Words of a line, separated by blanks; double quotes hold them together, a backslash takes the meaning of what follows.

/// Words without their quotes, which can be around a part of a word (`message="all is well"`). Nothing if one is not closed.
pub fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let (mut word, mut begun, mut quoted) = (String::new(), false, false);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => (quoted, begun) = (!quoted, true),
            '\\' if quoted => word.extend(chars.next()),
            ' ' | '\t' if !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            c => {
                word.push(c);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    (!quoted).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_words_together() {
        let cases = [
            ("PUTVAL \"h/a b/c\" N:1", Some(vec!["PUTVAL", "h/a b/c", "N:1"])),
            ("a message=\"x \\\"y\\\" \\\\\"  b", Some(vec!["a", "message=x \"y\" \\", "b"])),
            ("\"\" x", Some(vec!["", "x"])),
            ("\"open", None),
            ("", Some(vec![])),
        ];
        for (line, expected) in cases {
            let expected: Option<Vec<String>> =
                expected.map(|words| words.iter().map(|w| w.to_string()).collect());
            assert_eq!(words(line), expected, "{line}");
        }
    }
}
