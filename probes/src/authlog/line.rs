//! The head of a syslog line: who said it, and what.

/// What a program said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// The program as it calls itself: `sshd`, `sudo`.
    pub program: &'a str,
    /// The rest, without leading blanks (`sudo` pads its messages).
    pub message: &'a str,
}

/// Splits `Nov 21 04:10:00 host sshd[12]: message` and its form with an ISO 8601 time, which journalctl writes too.
pub fn parse(line: &str) -> Option<Line<'_>> {
    let rest = after_time(line)?;
    let (_host, rest) = rest.split_once(' ')?;
    let (tag, message) = rest.split_once(": ")?;
    let program = tag.split_once('[').map_or(tag, |(program, _pid)| program);
    let fit = !program.is_empty() && !program.contains(char::is_whitespace);
    fit.then(|| Line { program, message: message.trim_start() })
}

fn after_time(line: &str) -> Option<&str> {
    let (first, rest) = line.split_once(' ')?;
    if first.starts_with(|c: char| c.is_ascii_digit()) {
        return first.contains('T').then_some(rest);
    }
    // The day of the month is padded with a blank.
    let (day, rest) = rest.trim_start().split_once(' ')?;
    let (time, rest) = rest.split_once(' ')?;
    let fit = first.len() == 3 && day.parse::<u8>().is_ok() && time.split(':').count() == 3;
    fit.then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::parse;
    use proptest::prelude::*;

    #[test]
    fn both_times_and_all_tags() {
        let said = |line| parse(line).map(|line| (line.program, line.message));
        assert_eq!(said("Nov 21 04:40:21 vm sshd[12057]: Accepted x"), Some(("sshd", "Accepted x")));
        assert_eq!(said("Nov  1 04:40:21 vm su: pam_unix"), Some(("su", "pam_unix")));
        assert_eq!(
            said("2026-11-21T04:40:21.123456+00:00 vm sshd-session[7]: a: b"),
            Some(("sshd-session", "a: b"))
        );
        assert_eq!(said("2026-11-21T04:40:21+0000 vm sudo[7]:   bob : x"), Some(("sudo", "bob : x")));
    }

    #[test]
    fn what_is_no_line_is_none() {
        for line in [
            "",
            "-- Journal begins at Fri 2026-11-20 11:11:00 UTC. --",
            "    continued: with sshd[1]: Accepted password",
            "2026-11-21 04:40:21 vm sshd[1]: x",
            "Nov 21 04:40:21 vm last message repeated",
            "Nov 21 04:40:21",
            "Nov 99999 04:40:21 vm sshd: x",
        ] {
            assert_eq!(parse(line), None, "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(line in any::<String>()) {
            let _ = parse(&line);
        }
    }
}
