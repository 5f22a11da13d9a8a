//! Lines of `key value` or `key = value` that take the place of those with their keys in a file that has them.

/// `lines` put into `text`: the last line of a key changes where it stands, earlier ones go, and new keys are added at the
/// end. Comments and everything else stay.
pub fn merged(text: &str, lines: &str, equals: bool) -> String {
    let wanted: Vec<(&str, &str)> = lines.lines().filter_map(|line| Some((key(line, equals)?, line))).collect();
    let mut kept: Vec<&str> = Vec::new();
    let mut placed = vec![false; wanted.len()];
    for line in text.lines().rev() {
        let at = key(line, equals).and_then(|own| wanted.iter().position(|(name, _)| *name == own));
        match at {
            Some(at) if placed[at] => {}
            Some(at) => {
                placed[at] = true;
                kept.push(wanted[at].1);
            }
            None => kept.push(line),
        }
    }
    kept.reverse();
    kept.extend(wanted.iter().zip(&placed).filter(|(_, placed)| !**placed).map(|((_, line), _)| *line));
    kept.iter().flat_map(|line| [*line, "\n"]).collect()
}

/// The key of a line; nothing for comments and blank lines.
fn key(line: &str, equals: bool) -> Option<&str> {
    let line = line.trim_start();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let end = |c: char| c.is_whitespace() || (equals && c == '=');
    Some(line.split(end).next().unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::merged;
    use proptest::prelude::*;

    #[test]
    fn a_key_has_one_line_and_comments_stay() {
        let text = "# Ages\nUMASK 022\nPASS_MAX_DAYS\t99999\n#PASS_MIN_DAYS 0\nUMASK 002 # why\n";
        assert_eq!(
            merged(text, "UMASK 027\nPASS_MIN_DAYS 1\n", false),
            "# Ages\nPASS_MAX_DAYS\t99999\n#PASS_MIN_DAYS 0\nUMASK 027\nPASS_MIN_DAYS 1\n"
        );
        assert_eq!(merged("deny=3\n# deny = 9\n", "deny = 5\nsilent\n", true), "deny = 5\n# deny = 9\nsilent\n");
        assert_eq!(merged("", "a 1\n", false), "a 1\n");
    }

    proptest! {
        #[test]
        fn a_second_time_changes_nothing(text in "([a-c#]{1,2}( [0-9])?\n){0,8}") {
            let once = merged(&text, "a 1\nb 2\n", false);
            prop_assert_eq!(merged(&once, "a 1\nb 2\n", false), once);
        }
    }
}
