//! What belongs to whom in the output of a check, and which state its text names.

use crate::State;

/// The parts of an output.
pub struct Said<'a> {
    /// The first line without performance data.
    pub text: &'a str,
    /// The further lines without theirs.
    pub detail: String,
    /// Performance data, with the line that they are on.
    pub perfdata: Vec<(usize, &'a str)>,
}

/// Takes an output apart: `text | perfdata`, then long text, then after another `|` performance data up to the end.
///
/// Some plugins use the sign for something else; behind it there are performance data only if there is an equals sign.
pub fn split(output: &str) -> Said<'_> {
    let mut lines = output.trim_end().lines();
    let (text, first) = cut(lines.next().unwrap_or(""));
    let mut said = Said { text, detail: String::new(), perfdata: Vec::new() };
    said.perfdata.extend(first.map(|part| (1, part)));
    let mut only_perfdata = false;
    for (at, line) in (2..).zip(lines) {
        let (text, part) = if only_perfdata { ("", Some(line)) } else { cut(line) };
        only_perfdata |= part.is_some();
        said.perfdata.extend(part.map(|part| (at, part)));
        said.detail.push_str(if said.detail.is_empty() || text.is_empty() { "" } else { "\n" });
        said.detail.push_str(text);
    }
    said
}

fn cut(line: &str) -> (&str, Option<&str>) {
    match line.split_once('|') {
        Some((text, part)) if part.contains('=') => (text.trim(), Some(part)),
        _ => (line.trim(), None),
    }
}

/// The state that a text names where plugins use to name it: before the first `:` or ` - `, in capitals or as the very first word.
/// Nothing if none is named there, or several.
pub fn stated(text: &str) -> Option<State> {
    let head =
        [":", " - ", ";"].iter().filter_map(|mark| text.find(mark)).min().map_or(text, |at| &text[..at]);
    let states = [State::Ok, State::Warning, State::Critical, State::Unknown];
    let named = |word: &str| states.into_iter().find(|state| state.as_str() == word);
    if head.len() < text.len() && !head.contains(' ') {
        return named(&head.to_ascii_uppercase());
    }
    let mut found = head.split(|c: char| !c.is_alphanumeric()).filter_map(named);
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_where_it_is_meant() {
        let cases = [
            ("DISK OK - free space: /dev", Some(State::Ok)),
            ("OK", Some(State::Ok)),
            ("cpu (AMD EPYC) OK - cpu user 69.8%", Some(State::Ok)),
            ("CLUSTER WARNING: Service cluster: 2 ok, 1 CRITICAL", Some(State::Warning)),
            ("Critical: down", Some(State::Critical)),
            ("SSL_CERT CRITICAL example.org", Some(State::Critical)),
            ("CRITICAL - 1 of 5 is OK", Some(State::Critical)),
            ("Warning threshold must be float!", None),
            ("LOG OK WARNING", None),
            ("Host: OK", None),
            ("TOKEN 5", None),
            ("", None),
        ];
        for (text, state) in cases {
            assert_eq!(stated(text), state, "{text}");
        }
    }

    #[test]
    fn text_and_performance_data_are_told_apart() {
        let said = split("DISK OK; | /=1MB;2\n/ 15 MB;\n/var 8 MB; | /boot=6MB\n/home=7MB\n");
        assert_eq!((said.text, said.detail.as_str()), ("DISK OK;", "/ 15 MB;\n/var 8 MB;"));
        assert_eq!(said.perfdata, [(1, " /=1MB;2"), (3, " /boot=6MB"), (4, "/home=7MB")]);
    }
}
