//! `/proc/PID/stat`: proc_pid_stat(5).

use crate::Fault;

/// The fields that are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// The program's name, cut to 15 bytes by the kernel; chosen by the process.
    pub comm: String,
    pub state: char,
    /// A thread of the kernel, without memory and files of its own.
    pub is_kernel: bool,
    /// User and system time.
    pub cpu_ticks: u64,
    pub threads: u64,
    /// Ticks from the boot to its start; a number that is used again has another one.
    pub start_ticks: u64,
    pub resident_pages: u64,
}

/// `PF_KTHREAD` of the kernel's `sched.h`.
const KERNEL_THREAD: u64 = 0x0020_0000;
/// Places of the fields in the manual that are read, ascending.
const FIELDS: [usize; 6] = [9, 14, 15, 20, 22, 24];

/// The name stands in brackets and may hold brackets and blanks, so the last bracket ends it.
pub fn parse(path: &str, text: &str) -> Result<Stat, Fault> {
    let text = text.trim_end();
    fields(text).ok_or_else(|| Fault::malformed(path, 1, text, "the fields of a process"))
}

fn fields(text: &str) -> Option<Stat> {
    let (head, tail) = text.rsplit_once(')')?;
    let (_pid, comm) = head.split_once('(')?;
    let mut words = tail.split_ascii_whitespace();
    let state = words.next()?.chars().next()?;
    let (mut numbers, mut next) = ([0; FIELDS.len()], 4);
    for (number, field) in numbers.iter_mut().zip(FIELDS) {
        *number = words.nth(field - next)?.parse::<u64>().ok()?;
        next = field + 1;
    }
    let [flags, user, system, threads, start_ticks, resident_pages] = numbers;
    let is_kernel = flags & KERNEL_THREAD != 0;
    let cpu_ticks = user.checked_add(system)?;
    Some(Stat { comm: comm.to_owned(), state, is_kernel, cpu_ticks, threads, start_ticks, resident_pages })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_may_look_like_fields() {
        let text = "7 (x) Z 1 (y) R 1 1 1 0 -1 4194560 9 0 8 0 10 2 3 4 20 0 12 0 2 17000 3 99\n";
        let stat = parse("/proc/7/stat", text).unwrap();
        assert_eq!((stat.comm.as_str(), stat.state, stat.is_kernel), ("x) Z 1 (y", 'R', false));
        assert_eq!((stat.cpu_ticks, stat.threads, stat.start_ticks, stat.resident_pages), (12, 12, 2, 3));
        let thread = "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 2 0 0";
        assert!(parse("/proc/2/stat", thread).unwrap().is_kernel);
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in any::<String>()) {
            let _ = parse("x", &text);
        }

        #[test]
        fn no_numbers_break_it(words in prop::collection::vec("[0-9]{0,21}|-1|x", 0..30)) {
            let _ = parse("x", &format!("1 (a) S {}", words.join(" ")));
        }
    }
}
