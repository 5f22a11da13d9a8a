//! The name under which a process is counted.
//!
//! Processes choose their names, and many put a number into it. A number that stands by itself becomes `*`; one
//! that belongs to the word, as in `python3.11`, stays.

use crate::processes::Stat;

/// Digits from which on a number is one even within a word.
const SERIAL_DIGITS_MIN: usize = 4;

/// The program's name without what makes its processes many.
pub fn program(stat: &Stat) -> String {
    if !stat.is_kernel {
        return fold(&stat.comm);
    }
    // Behind a slash kernel threads carry processor, device or purpose: kworker/0:1-events, jbd2/sda1-8.
    match stat.comm.split_once('/') {
        Some((name, _)) => name.to_owned(),
        None => fold_end(&stat.comm),
    }
}

/// `kswapd0` is one of `kswapd*`.
fn fold_end(name: &str) -> String {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    if stem.len() == name.len() || stem.is_empty() { name.to_owned() } else { format!("{stem}*") }
}

fn fold(name: &str) -> String {
    let (mut out, mut rest, mut before) = (String::with_capacity(name.len()), name, ' ');
    while let Some(first) = rest.chars().next() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let length = if digits > 0 { digits } else { first.len_utf8() };
        let (word, after) = rest.split_at(length);
        let stands_alone = "-_:/#[( ".contains(before) && !after.starts_with('.') && !out.is_empty();
        let folds = digits >= SERIAL_DIGITS_MIN || digits > 0 && stands_alone;
        out.push_str(if folds { "*" } else { word });
        (rest, before) = (after, word.chars().next_back().unwrap_or(first));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(comm: &str, is_kernel: bool) -> String {
        let comm = comm.to_owned();
        program(&Stat {
            comm,
            is_kernel,
            state: 'S',
            cpu_ticks: 0,
            threads: 1,
            start_ticks: 0,
            resident_pages: 0,
        })
    }

    #[test]
    fn kernel_threads_are_grouped_by_purpose() {
        for (comm, name) in [
            ("kworker/0:1-events", "kworker"),
            ("jbd2/sda1-8", "jbd2"),
            ("kswapd0", "kswapd*"),
            ("scsi_eh_12", "scsi_eh_*"),
            ("kthreadd", "kthreadd"),
        ] {
            assert_eq!(told(comm, true), name);
        }
    }

    #[test]
    fn numbers_that_stand_alone_are_left_out() {
        for (comm, name) in [
            ("worker-17", "worker-*"),
            ("worker:3:abc", "worker:*:abc"),
            ("runc:[2:INIT]", "runc:[*:INIT]"),
            ("job12345x", "job*x"),
            ("pool-7-thread-9", "pool-*-thread-*"),
        ] {
            assert_eq!(told(comm, false), name);
        }
        for same in
            ["python3.11", "php-fpm7.4", "postgres", "a/b", "(sd-pam)", "7zip", "", "é1", "python-3.11"]
        {
            assert_eq!(told(same, false), same);
        }
    }

    proptest! {
        #[test]
        fn no_name_breaks_it(comm in any::<String>(), kernel in any::<bool>()) {
            prop_assert!(told(&comm, kernel).len() <= comm.len() + 1);
        }
    }
}
