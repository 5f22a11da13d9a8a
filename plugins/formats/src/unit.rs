//! Units as plugins name them, and the base units of Prometheus that they become.

/// A base unit, and how many of it one of the plugin's is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// What the name of the metric ends with; empty for a plain number.
    pub suffix: &'static str,
    times: f64,
    /// How many places the decimal point moves to the right.
    places: i32,
}

impl Unit {
    /// A plain number.
    pub const NONE: Unit = Unit { suffix: "", times: 1.0, places: 0 };

    /// The unit that a plugin means by a word. `k` and `K` are 1000, as the guidelines of the Monitoring Plugins say; `Ki` is 1024.
    pub fn named(word: &str) -> Option<Unit> {
        let own = |words: &str| words.split(' ').any(|own| own == word);
        let &(_, suffix, times, places) = UNITS.iter().find(|(words, ..)| own(words))?;
        Some(Unit { suffix, times, places })
    }

    /// A value in the base unit. The decimal point is moved as in writing, as 29.6 ÷ 100 is not 0.296 in binary.
    pub fn base(self, value: f64) -> f64 {
        match self.places {
            0 => value * self.times,
            // Only infinity cannot be read then, and stays what it is.
            places => format!("{value}e{places}").parse().unwrap_or(value),
        }
    }
}

/// The words, separated by spaces; the suffix; what a value is multiplied with; places of its decimal point. `m` and `M` differ.
const UNITS: [(&str, &str, f64, i32); 27] = [
    ("s sec secs second seconds", "seconds", 1.0, 0),
    ("ms msec milliseconds", "seconds", 1.0, -3),
    ("us µs usec microseconds", "seconds", 1.0, -6),
    ("ns nanoseconds", "seconds", 1.0, -9),
    ("min minutes", "seconds", 60.0, 0),
    ("h hours", "seconds", 3600.0, 0),
    ("d days", "seconds", 86_400.0, 0),
    ("% percent percentage", "ratio", 1.0, -2),
    ("B Byte Bytes byte bytes", "bytes", 1.0, 0),
    ("KB kB", "bytes", 1.0, 3),
    ("MB", "bytes", 1.0, 6),
    ("GB", "bytes", 1.0, 9),
    ("TB", "bytes", 1.0, 12),
    ("PB", "bytes", 1.0, 15),
    ("KiB kiB", "bytes", 1024.0, 0),
    ("MiB", "bytes", 1_048_576.0, 0),
    ("GiB", "bytes", 1_073_741_824.0, 0),
    ("TiB", "bytes", 1_099_511_627_776.0, 0),
    ("C °C Celsius celsius", "celsius", 1.0, 0),
    ("V volts Volts", "volts", 1.0, 0),
    ("A amperes", "amperes", 1.0, 0),
    ("W watts Watts", "watts", 1.0, 0),
    ("J joules", "joules", 1.0, 0),
    ("Hz hertz", "hertz", 1.0, 0),
    ("kHz", "hertz", 1.0, 3),
    ("MHz", "hertz", 1.0, 6),
    ("rpm RPM", "rpm", 1.0, 0),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_base_units() {
        let of = |value, word| Unit::named(word).map(|unit| (unit.base(value), unit.suffix));
        assert_eq!(of(29.6, "%"), Some((0.296, "ratio")));
        assert_eq!(of(0.015, "ms"), Some((0.000_015, "seconds")));
        assert_eq!(of(2.0, "KB"), Some((2000.0, "bytes")));
        assert_eq!(of(f64::INFINITY, "%"), Some((f64::INFINITY, "ratio")));
        assert_eq!(of(2.0, "KiB"), Some((2048.0, "bytes")));
        assert_eq!(["", "mb", "seconds secs", "c"].map(Unit::named), [None; 4]);
    }
}
