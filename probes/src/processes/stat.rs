//! `/proc/PID/stat`: proc_pid_stat(5).

use crate::Fault;

/// The fields that are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// The program's name, cut to 15 bytes by the kernel; chosen by the process.
    pub comm: String,
    pub state: char,
    /// User and system time.
    pub cpu_ticks: u64,
    pub threads: u64,
    pub resident_pages: u64,
}

/// The name stands in brackets and may hold brackets and blanks, so the last bracket ends it.
pub fn parse(path: &str, text: &str) -> Result<Stat, Fault> {
    let text = text.trim_end();
    fields(text).ok_or_else(|| Fault::malformed(path, 1, text, "the fields of a process"))
}

fn fields(text: &str) -> Option<Stat> {
    let (head, tail) = text.rsplit_once(')')?;
    let (_pid, comm) = head.split_once('(')?;
    let fields: Vec<&str> = tail.split_whitespace().collect();
    // Counted from the state, which is field 3 in the manual.
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    Some(Stat {
        comm: comm.to_owned(),
        state: fields.first()?.chars().next()?,
        cpu_ticks: number(14)? + number(15)?,
        threads: number(20)?,
        resident_pages: number(24)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_may_look_like_fields() {
        let text = "7 (x) Z 1 (y) R 1 1 1 0 -1 4194560 9 0 8 0 10 2 3 4 20 0 12 0 2 17000 3 99\n";
        let stat = parse("/proc/7/stat", text).unwrap();
        assert_eq!((stat.comm.as_str(), stat.state), ("x) Z 1 (y", 'R'));
        assert_eq!((stat.cpu_ticks, stat.threads, stat.resident_pages), (12, 12, 3));
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in any::<String>()) {
            let _ = parse("x", &text);
        }
    }
}
