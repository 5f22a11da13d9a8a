//! The order of Debian's versions: deb-version(7).

use std::cmp::Ordering;

/// Epoch, upstream version and revision, compared one after the other; an absent revision is older than any other
/// but `0`.
pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (Parts::of(a), Parts::of(b));
    let epochs = number_order(a.epoch, b.epoch);
    epochs.then_with(|| part_order(a.upstream, b.upstream)).then_with(|| part_order(a.revision, b.revision))
}

struct Parts<'a> {
    epoch: &'a [u8],
    upstream: &'a [u8],
    revision: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(version: &'a str) -> Self {
        let (epoch, rest) = version.split_once(':').unwrap_or(("", version));
        let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
        Parts { epoch: epoch.as_bytes(), upstream: upstream.as_bytes(), revision: revision.as_bytes() }
    }
}

/// Runs of other characters and runs of digits in turn.
fn part_order(mut a: &[u8], mut b: &[u8]) -> Ordering {
    while !(a.is_empty() && b.is_empty()) {
        let (word_a, word_b) = (take(&mut a, false), take(&mut b, false));
        let (number_a, number_b) = (take(&mut a, true), take(&mut b, true));
        let order = word_order(word_a, word_b).then_with(|| number_order(number_a, number_b));
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// The run of digits, or of what are none, at the head of `rest`.
fn take<'a>(rest: &mut &'a [u8], digits: bool) -> &'a [u8] {
    let end = rest.iter().position(|byte| byte.is_ascii_digit() != digits).unwrap_or(rest.len());
    let (run, after) = rest.split_at(end);
    *rest = after;
    run
}

/// A tilde sorts before the end, the end before letters, letters before everything else.
fn word_order(a: &[u8], b: &[u8]) -> Ordering {
    let rank = |word: &[u8], at: usize| match word.get(at) {
        None => 0,
        Some(b'~') => -1,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(byte) => i32::from(*byte) + 256,
    };
    let ranks = (0..a.len().max(b.len())).map(|at| rank(a, at).cmp(&rank(b, at)));
    ranks.fold(Ordering::Equal, Ordering::then)
}

/// Digits of any length: no number is too large.
fn number_order(a: &[u8], b: &[u8]) -> Ordering {
    let significant = |digits: &[u8]| digits.iter().position(|digit| *digit != b'0').unwrap_or(digits.len());
    let (a, b) = (&a[significant(a)..], &b[significant(b)..]);
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::process::Command;

    #[test]
    fn versions_in_order() {
        let ordered = [
            "1.0~~",
            "1.0~~a",
            "1.0~",
            "1.0~rc1-1",
            "1.0",
            "1.0-0.1",
            "1.0-1~bpo12+1",
            "1.0-1",
            "1.0-1+b2",
            "1.0-1+b10",
            "1.0a",
            "1.0+dfsg",
            "1.0.1",
            "1.1",
            "1.00000000000000000000002",
            "1:0.1",
            "2:0",
        ];
        for pair in ordered.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
        for (a, b) in [("1.0", "1.0-0"), ("0:1", "1"), ("1.01", "1.1"), ("", "")] {
            assert_eq!(compare(a, b), Ordering::Equal, "{a} {b}");
        }
    }

    fn dpkg_says(a: &str, relation: &str, b: &str) -> bool {
        Command::new("dpkg").args(["--compare-versions", a, relation, b]).status().unwrap().success()
    }

    /// Few characters, so that versions have long common beginnings.
    fn version() -> impl Strategy<Value = String> {
        ("([0-2]:)?", "[0-9][0-2a~.+]{0,7}", "(-[0-2a~.+]{1,4})?")
            .prop_map(|(epoch, upstream, revision)| epoch + &upstream + &revision)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn dpkg_agrees((a, b) in (version(), version())) {
            let order = compare(&a, &b);
            prop_assert_eq!(order.is_lt(), dpkg_says(&a, "lt", &b), "{} {}", a, b);
            prop_assert_eq!(order.is_eq(), dpkg_says(&a, "eq", &b), "{} {}", a, b);
        }
    }
}
