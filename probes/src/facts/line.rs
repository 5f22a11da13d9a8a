//! Lines of configuration files: numbered, without comments, joined, split into words.

/// Lines that say something, trimmed, with their numbers from 1 on; a line that starts with one of `comment` does not.
pub fn lines<'a>(text: &'a str, comment: &'a [char]) -> impl Iterator<Item = (usize, &'a str)> {
    let numbered = (1..).zip(text.lines().map(str::trim));
    numbered.filter(move |(_, line)| !line.is_empty() && !line.starts_with(comment))
}

/// Lines that say something; one that ends with a backslash goes on in the next and has its first number.
pub fn joined(text: &str) -> Vec<(usize, String)> {
    let mut all: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (number, line) in (1..).zip(text.lines()) {
        let (part, goes_on) = line.strip_suffix('\\').map_or((line, false), |part| (part, true));
        match all.last_mut().filter(|_| open) {
            Some((_, whole)) => {
                whole.push(' ');
                whole.push_str(part.trim());
            }
            None => all.push((number, part.trim().to_owned())),
        }
        // A comment ends with its line.
        open = goes_on && all.last().is_some_and(|(_, line)| !line.starts_with('#'));
    }
    all.retain(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    all
}

/// Words between blanks; quotes of either kind keep blanks in a word and are dropped, `#` begins a comment.
pub fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut begun) = (Vec::new(), String::new(), None, false);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => (quote, begun) = (Some(c), true),
            (Some('"') | None, '\\') => word.extend(chars.next()),
            (None, '#') if word.is_empty() && !begun => break,
            (None, c) if c.is_whitespace() => {
                if begun || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            _ => word.push(c),
        }
    }
    if begun || !word.is_empty() {
        words.push(word);
    }
    words
}

/// `key = value`, `key value` or `key` alone; blanks around are dropped.
pub fn pair(line: &str) -> (&str, &str) {
    let end = line.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(line.len());
    let (key, rest) = line.split_at(end);
    let rest = rest.trim_start();
    (key, rest.strip_prefix('=').unwrap_or(rest).trim())
}

/// A value without the quotes around it.
pub fn unquoted(value: &str) -> &str {
    let inner = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

/// What stands before a comment that follows a value.
pub fn before_comment(line: &str) -> &str {
    line.split_once(" #").or_else(|| line.split_once("\t#")).map_or(line, |(before, _)| before).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_quotes() {
        assert_eq!(words("a \"b c\" d'e f' # g"), ["a", "b c", "de f"]);
        assert_eq!(words("\"\" x\\ y \"q\\\"r\" a#b"), ["", "x y", "q\"r", "a#b"]);
        assert_eq!(words("\"open"), ["open"]);
    }

    #[test]
    fn pairs() {
        assert_eq!(pair("a = b c"), ("a", "b c"));
        assert_eq!(pair("a=b"), ("a", "b"));
        assert_eq!(pair("a\tb = c"), ("a", "b = c"));
        assert_eq!(pair("a"), ("a", ""));
        assert_eq!(unquoted("'a b'"), "a b");
        assert_eq!(unquoted("\""), "\"");
        assert_eq!(before_comment("a b # c"), "a b");
    }

    #[test]
    fn a_line_goes_on_after_a_backslash() {
        assert_eq!(joined("a \\\n b\\\nc\n\n#x\nd\\"), [(1, "a b c".to_owned()), (6, "d".to_owned())]);
        assert_eq!(lines("\n; x\n y \n", &['#', ';']).collect::<Vec<_>>(), [(3, "y")]);
    }
}
