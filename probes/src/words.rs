//! Kernel text as lines and words, and the fault that names the word that makes no sense.

use crate::Fault;
use hostward_model::Batch;
use std::str::SplitWhitespace;

/// One line of a file, read word by word.
#[derive(Clone)]
pub struct Line<'a> {
    file: &'a str,
    number: usize,
    words: SplitWhitespace<'a>,
}

/// The lines of `text`; `file` is the name that faults give.
pub fn lines<'a>(file: &'a str, text: &'a str) -> impl Iterator<Item = Line<'a>> {
    text.lines().zip(1..).map(move |(line, number)| Line { file, number, words: line.split_whitespace() })
}

/// The single line of a file that has but one.
pub fn only_line<'a>(file: &'a str, text: &'a str) -> Line<'a> {
    Line { file, number: 1, words: text.lines().next().unwrap_or("").split_whitespace() }
}

impl<'a> Line<'a> {
    /// The next word, if there is one.
    pub fn word(&mut self) -> Option<&'a str> {
        self.words.next()
    }

    /// The word after `skipped` others, if there is one.
    pub fn nth_word(&mut self, skipped: usize) -> Option<&'a str> {
        self.words.nth(skipped)
    }

    /// The next word as a whole number that is not negative; a line that ends here is at fault.
    pub fn count(&mut self) -> Result<f64, Fault> {
        let word = self.word().unwrap_or("");
        self.as_count(word)
    }

    /// The next word as a whole number that is not negative; nothing at the end of the line.
    pub fn next_count(&mut self) -> Option<Result<f64, Fault>> {
        self.word().map(|word| self.as_count(word))
    }

    /// `word` of this line as a whole number that is not negative.
    ///
    /// Beyond 2^53 a neighbouring number is given, as everywhere in Prometheus.
    pub fn as_count(&self, word: &str) -> Result<f64, Fault> {
        let count: u64 = word.parse().map_err(|_| self.fault(word, "a whole number"))?;
        Ok(count as f64)
    }

    /// `word` of this line as a hexadecimal number without `0x`.
    pub fn as_hex(&self, word: &str) -> Result<u64, Fault> {
        u64::from_str_radix(word, 16).map_err(|_| self.fault(word, "a hexadecimal number"))
    }

    /// `word` of this line as a whole number; some counters of the kernel use -1 for "no limit".
    pub fn as_integer(&self, word: &str) -> Result<f64, Fault> {
        match word.strip_prefix('-') {
            Some(_) => {
                word.parse::<i64>().map(|value| value as f64).map_err(|_| self.fault(word, "a number"))
            }
            None => self.as_count(word),
        }
    }

    /// The fault for a word of this line.
    pub fn fault(&self, word: &str, expected: &'static str) -> Fault {
        Fault::malformed(self.file, self.number, word, expected)
    }
}

/// Faults a file in which nothing that was `expected` was found: an empty text must not look like an idle host.
pub fn not_empty(file: &str, before: usize, out: &Batch, expected: &'static str) -> Result<(), Fault> {
    if out.len() > before { Ok(()) } else { Err(Fault::malformed(file, 1, "", expected)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_file_line_and_word() {
        let mut second = lines("/proc/x", "1 2\nthree 4\n").nth(1).unwrap();
        assert_eq!(
            second.count().unwrap_err().to_string(),
            "/proc/x:2: expected a whole number, found \"three\""
        );
    }

    #[test]
    fn numbers_are_strict() {
        let line = only_line("/proc/x", "");
        assert_eq!(only_line("/proc/x", "a b c").nth_word(1), Some("b"));
        assert_eq!(line.as_count("18446744073709551615").unwrap(), 18_446_744_073_709_551_615.0);
        for bad in ["", "-1", "1e3", "0x1", "18446744073709551616", "NaN", "1.5"] {
            assert!(line.as_count(bad).is_err(), "{bad}");
        }
        assert_eq!(line.as_integer("-1").unwrap(), -1.0);
        assert!(line.as_integer("--1").is_err());
        assert_eq!(line.as_hex("000dfb82").unwrap(), 0xdfb82);
        assert!(line.as_hex("0x1").is_err() && line.as_hex("").is_err());
    }
}
