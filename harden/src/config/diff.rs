//! What changes in a file, as a unified diff: diff(1) with `-u`.

use std::fmt::Write;

/// Lines that are shown around a change.
const CONTEXT: usize = 3;
/// Lines of a file beyond which all of it counts as changed: the table of the comparison grows with the square.
const LINES_MAX: usize = 4_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Edit {
    Same,
    Gone,
    New,
}

/// The diff from `before` to `after`; empty when they are the same.
pub fn unified(path: &str, before: Option<&str>, after: Option<&str>) -> String {
    if before == after {
        return String::new();
    }
    let lines = |text: Option<&str>| -> Vec<String> {
        text.unwrap_or("").lines().map(str::to_owned).collect()
    };
    let (old, new) = (lines(before), lines(after));
    let name = |there: bool| if there { path.to_owned() } else { "/dev/null".to_owned() };
    let mut text = format!("--- {}\n+++ {}\n", name(before.is_some()), name(after.is_some()));
    hunks(&edits(&old, &new)).into_iter().for_each(|hunk| write_hunk(&mut text, &hunk));
    text
}

/// What becomes of each line, in order. What both ends share is set aside first.
fn edits<'l>(old: &'l [String], new: &'l [String]) -> Vec<(Edit, &'l str)> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old_rest[..old_rest.len() - tail], &new_rest[..new_rest.len() - tail]);
    let mut edits: Vec<(Edit, &str)> = old[..head].iter().map(|line| (Edit::Same, line.as_str())).collect();
    edits.extend(middle(a, b));
    edits.extend(old_rest[old_rest.len() - tail..].iter().map(|line| (Edit::Same, line.as_str())));
    edits
}

fn middle<'l>(a: &'l [String], b: &'l [String]) -> Vec<(Edit, &'l str)> {
    let gone = |line: &'l String| (Edit::Gone, line.as_str());
    let new = |line: &'l String| (Edit::New, line.as_str());
    if a.is_empty() || b.is_empty() || a.len().max(b.len()) > LINES_MAX {
        return a.iter().map(gone).chain(b.iter().map(new)).collect();
    }
    let common = common(a, b);
    let (mut i, mut j, mut edits) = (0, 0, Vec::new());
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            edits.push((Edit::Same, a[i].as_str()));
            (i, j) = (i + 1, j + 1);
        } else if j == b.len() || (i < a.len() && common[i + 1][j] >= common[i][j + 1]) {
            edits.push(gone(&a[i]));
            i += 1;
        } else {
            edits.push(new(&b[j]));
            j += 1;
        }
    }
    edits
}

/// The length of the longest common part of what remains from each pair of lines on.
fn common(a: &[String], b: &[String]) -> Vec<Vec<u16>> {
    let mut table = vec![vec![0_u16; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            table[i][j] =
                if a[i] == b[j] { table[i + 1][j + 1] + 1 } else { table[i + 1][j].max(table[i][j + 1]) };
        }
    }
    table
}

/// Changes with their context, and the first line of each in both files.
struct Hunk<'l> {
    old: usize,
    new: usize,
    lines: Vec<(Edit, &'l str)>,
}

fn hunks<'l>(edits: &[(Edit, &'l str)]) -> Vec<Hunk<'l>> {
    let changed: Vec<usize> =
        edits.iter().enumerate().filter(|(_, (edit, _))| *edit != Edit::Same).map(|(at, _)| at).collect();
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for at in changed {
        let (from, to) = (at.saturating_sub(CONTEXT), (at + CONTEXT + 1).min(edits.len()));
        match ranges.last_mut() {
            Some(last) if from <= last.1 => last.1 = to,
            _ => ranges.push((from, to)),
        }
    }
    let count = |to: usize, other: Edit| edits[..to].iter().filter(|(edit, _)| *edit != other).count();
    let hunk = |(from, to): (usize, usize)| Hunk {
        old: count(from, Edit::New),
        new: count(from, Edit::Gone),
        lines: edits[from..to].to_vec(),
    };
    ranges.into_iter().map(hunk).collect()
}

fn write_hunk(text: &mut String, hunk: &Hunk<'_>) {
    let length = |other: Edit| hunk.lines.iter().filter(|(edit, _)| *edit != other).count();
    let (old, new) = (length(Edit::New), length(Edit::Gone));
    // A side without lines is named by the line before it.
    let start = |first: usize, length: usize| if length == 0 { first } else { first + 1 };
    let _ = writeln!(text, "@@ -{},{old} +{},{new} @@", start(hunk.old, old), start(hunk.new, new));
    for (edit, line) in &hunk.lines {
        let sign = match edit {
            Edit::Same => ' ',
            Edit::Gone => '-',
            Edit::New => '+',
        };
        let _ = writeln!(text, "{sign}{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use proptest::prelude::*;

    #[test]
    fn changes_are_shown_with_their_context() {
        let before = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n";
        let after = "a\nB\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n";
        expect![[r#"
            --- /etc/x
            +++ /etc/x
            @@ -1,5 +1,5 @@
             a
            -b
            +B
             c
             d
             e
            @@ -9,3 +9,4 @@
             i
             j
             k
            +l
        "#]]
        .assert_eq(&unified("/etc/x", Some(before), Some(after)));
        assert_eq!(unified("/etc/x", Some("a\n"), Some("a\n")), "");
        assert_eq!(unified("/x", None, Some("a\n")), "--- /dev/null\n+++ /x\n@@ -0,0 +1,1 @@\n+a\n");
    }

    proptest! {
        #[test]
        fn both_sides_can_be_read_off(old in proptest::collection::vec("[abc]", 0..12), new in proptest::collection::vec("[abc]", 0..12)) {
            let edits = edits(&old, &new);
            let side = |other: Edit| edits.iter().filter(|(edit, _)| *edit != other).map(|(_, line)| *line).collect::<Vec<_>>();
            prop_assert_eq!(side(Edit::New), old.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(side(Edit::Gone), new.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
}
