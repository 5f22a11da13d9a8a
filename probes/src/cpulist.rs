//! Lists of CPUs as the kernel writes them: `0-3,8`.

use crate::Fault;
use std::ops::RangeInclusive;

/// A kernel can be built for as many (`CONFIG_NR_CPUS`).
const CPUS_MAX: u32 = 8192;

/// The ranges of a list; an empty text is an empty list.
pub fn parse(file: &str, text: &str) -> Result<Vec<RangeInclusive<u32>>, Fault> {
    let words = text.trim().split(',').filter(|word| !word.is_empty());
    let range = |word| range(word).ok_or_else(|| Fault::malformed(file, 1, word, "a range of CPUs"));
    words.map(range).collect()
}

fn range(word: &str) -> Option<RangeInclusive<u32>> {
    let (first, last) = word.split_once('-').unwrap_or((word, word));
    let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last && last < CPUS_MAX).then_some(first..=last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_single_cpus() {
        assert_eq!(parse("x", "1,3-5,9\n").unwrap(), [1..=1, 3..=5, 9..=9]);
        assert_eq!(parse("x", "\n").unwrap(), []);
        assert_eq!(parse("x", "0-8191").unwrap(), [0..=8191]);
    }

    #[test]
    fn nonsense_is_named_and_nothing_is_endless() {
        for word in ["3-1", "a", "1-", "-1", "0-8192", "0-4294967295", "1-2-3"] {
            let fault = parse("/sys/x", &format!("0,{word}\n")).unwrap_err();
            assert_eq!(fault, Fault::malformed("/sys/x", 1, word, "a range of CPUs"));
        }
    }
}
