//! How a shared object wants to be asked: what it says of that, from the child to the daemon.

use std::fmt;

/// How the line begins, which comes before the first answer.
const BEGINNING: &str = "# WANTS ";

/// What a shared object says of how it wants to be asked. The administrator has the last word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wants {
    /// Time between two answers.
    pub interval_ms: u32,
    /// How long one answer may take.
    pub timeout_ms: u32,
}

impl fmt::Display for Wants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{BEGINNING}interval_ms={} timeout_ms={}", self.interval_ms, self.timeout_ms)
    }
}

impl Wants {
    /// Reads the line, if it is one.
    pub fn parse(line: &str) -> Option<Wants> {
        let mut words = line.strip_prefix(BEGINNING)?.trim_end().split(' ');
        let mut number = |key: &str| words.next()?.strip_prefix(key)?.strip_prefix('=')?.parse().ok();
        Some(Wants { interval_ms: number("interval_ms")?, timeout_ms: number("timeout_ms")? })
    }
}

#[cfg(test)]
mod tests {
    use super::Wants;

    #[test]
    fn what_is_said_is_read() {
        let wants = Wants { interval_ms: 300_000, timeout_ms: 20_000 };
        assert_eq!(wants.to_string(), "# WANTS interval_ms=300000 timeout_ms=20000\n");
        assert_eq!(Wants::parse(&wants.to_string()), Some(wants));
        for other in ["", "# WANTS", "# WANTS interval_ms=1", "# WANTS interval_ms=-1 timeout_ms=1", "a 1"] {
            assert_eq!(Wants::parse(other), None, "{other}");
        }
    }
}
