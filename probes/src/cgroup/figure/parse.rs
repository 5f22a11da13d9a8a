//! The files of a group, each as text.

use super::{Figures, READ_BYTES, READS, THROTTLED_PERIODS, THROTTLED_TIME, WRITES, WRITTEN_BYTES};
use crate::Fault;
use crate::words::{Line, lines, only_line};

/// A figure in a file: its place and what its unit is worth, as a factor and a divisor.
pub type Place = (usize, u64, u64);

/// Lines of a key and a value. A group without a quota is never throttled: it has no such figures.
pub fn table(file: &str, text: &str, keys: &[(&str, Place)], into: &mut Figures) -> Result<(), Fault> {
    let mut quota = true;
    for mut line in lines(file, text) {
        let key = line.word().unwrap_or("");
        if let Some((_, place)) = keys.iter().find(|(known, _)| *known == key) {
            put(*place, whole(&mut line)?, into);
        } else if key == "nr_periods" {
            quota = whole(&mut line)? > 0;
        }
    }
    if !quota {
        (into[THROTTLED_PERIODS], into[THROTTLED_TIME]) = (None, None);
    }
    Ok(())
}

/// One number, or `max` where there is no limit.
pub fn value(file: &str, text: &str, place: Place, into: &mut Figures) -> Result<(), Fault> {
    if text == "max" {
        return Ok(());
    }
    put(place, whole(&mut only_line(file, text))?, into);
    Ok(())
}

fn put((index, factor, divisor): Place, value: u64, into: &mut Figures) {
    into[index] = Some(value.saturating_mul(factor) / divisor);
}

fn add(index: usize, value: u64, into: &mut Figures) {
    into[index] = Some(into[index].unwrap_or(0).saturating_add(value));
}

fn whole(line: &mut Line<'_>) -> Result<u64, Fault> {
    let word = line.word().unwrap_or("");
    word.parse().map_err(|_| line.fault(word, "a whole number"))
}

/// `8:0 rbytes=90112 wbytes=0 rios=3 wios=0 dbytes=0 dios=0`: a line for each disk, `8:16` alone for one never used.
pub fn io_stat(file: &str, text: &str, into: &mut Figures) -> Result<(), Fault> {
    let keys = [("rbytes", READ_BYTES), ("wbytes", WRITTEN_BYTES), ("rios", READS), ("wios", WRITES)];
    keys.iter().for_each(|(_, index)| into[*index] = Some(0));
    for mut line in lines(file, text) {
        let _device = line.word();
        while let Some(word) = line.word() {
            let (key, value) = word.split_once('=').ok_or_else(|| line.fault(word, "key=value"))?;
            if let Some((_, index)) = keys.iter().find(|(known, _)| *known == key) {
                let value = value.parse().map_err(|_| line.fault(word, "a whole number behind ="))?;
                add(*index, value, into);
            }
        }
    }
    Ok(())
}

/// `8:0 Read 4096`, and `Total 4096` at the end.
pub fn blkio(file: &str, text: &str, read: usize, written: usize, into: &mut Figures) -> Result<(), Fault> {
    (into[read], into[written]) = (Some(0), Some(0));
    for mut line in lines(file, text) {
        let (_device, kind) = (line.word(), line.word().unwrap_or(""));
        match kind {
            "Read" => add(read, whole(&mut line)?, into),
            "Write" => add(written, whole(&mut line)?, into),
            _ => {}
        }
    }
    Ok(())
}

/// `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`, then `full …`.
pub fn pressure(file: &str, text: &str, at: usize, into: &mut Figures) -> Result<(), Fault> {
    for mut line in lines(file, text) {
        let index = match line.word() {
            Some("some") => at,
            Some("full") => at + 1,
            other => return Err(line.fault(other.unwrap_or(""), "some or full")),
        };
        while let Some(word) = line.word() {
            if let Some(total) = word.strip_prefix("total=") {
                into[index] =
                    Some(total.parse().map_err(|_| line.fault(word, "microseconds behind total="))?);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{ALL, MEMORY_LIMIT, PRESSURE, V2_TABLES};
    use super::*;
    use proptest::prelude::*;

    fn shown(parse: impl FnOnce(&mut Figures) -> Result<(), Fault>) -> String {
        let mut figures = [None; ALL];
        let result = parse(&mut figures);
        let set = figures.iter().enumerate().filter_map(|(index, figure)| Some((index, (*figure)?)));
        format!(
            "{:?}{}",
            set.collect::<Vec<_>>(),
            result.map_or_else(|fault| format!(" {fault}"), |()| String::new())
        )
    }

    #[test]
    fn quota_and_none() {
        let cpu = |text: &str| shown(|into| table("cpu.stat", text, V2_TABLES[0].1, into));
        let idle = "usage_usec 30\nuser_usec 10\nsystem_usec 20\nnice_usec 0\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\n";
        assert_eq!(cpu(idle), "[(0, 10), (1, 20)]");
        assert_eq!(cpu(&idle.replace("periods 0", "periods 7")), "[(0, 10), (1, 20), (2, 0), (3, 0)]");
        assert_eq!(cpu("user_usec ten\n"), "[] cpu.stat:1: expected a whole number, found \"ten\"");
        assert_eq!(cpu("user_usec\n"), "[] cpu.stat:1: expected a whole number, found \"\"");
    }

    #[test]
    fn disks_add_up() {
        let io = |text: &str| shown(|into| io_stat("io.stat", text, into));
        assert_eq!(
            io(
                "8:0 rbytes=4096 wbytes=1 rios=2 wios=3 dbytes=9 dios=9\n8:16 \n253:0 rbytes=4 wbytes=4 rios=4 wios=4\n"
            ),
            "[(5, 4100), (6, 5), (7, 6), (8, 7)]"
        );
        assert_eq!(io(""), "[(5, 0), (6, 0), (7, 0), (8, 0)]");
        assert!(
            io("8:0 rbytes=x\n").ends_with("io.stat:1: expected a whole number behind =, found \"rbytes=x\"")
        );
        assert!(io("8:0 junk\n").ends_with("io.stat:1: expected key=value, found \"junk\""));
        let old = |text: &str| shown(|into| blkio("b", text, READS, WRITES, into));
        assert_eq!(old("8:0 Read 3\n8:0 Write 5\n8:0 Sync 1\n8:16 Read 1\nTotal 9\n"), "[(7, 4), (8, 5)]");
        assert!(old("8:0 Read -3\n").ends_with("b:1: expected a whole number, found \"-3\""));
    }

    #[test]
    fn pressure_and_limits() {
        let text = "some avg10=0.00 avg60=0.00 avg300=0.00 total=12\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=3\n";
        assert_eq!(shown(|into| pressure("p", text, PRESSURE, into)), "[(9, 12), (10, 3)]");
        let bad = shown(|into| pressure("p", "some total=-1\n", PRESSURE, into));
        assert_eq!(bad, "[] p:1: expected microseconds behind total=, found \"total=-1\"");
        assert_eq!(shown(|into| value("memory.max", "max", (MEMORY_LIMIT, 1, 1), into)), "[]");
        assert_eq!(shown(|into| value("memory.max", "9", (MEMORY_LIMIT, 1, 1), into)), "[(17, 9)]");
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in any::<String>()) {
            let mut figures = [None; ALL];
            let _ = table("x", &text, V2_TABLES[0].1, &mut figures);
            let _ = value("x", &text, (0, u64::MAX, 1), &mut figures);
            let _ = io_stat("x", &text, &mut figures);
            let _ = blkio("x", &text, 0, 1, &mut figures);
            let _ = pressure("x", &text, PRESSURE, &mut figures);
        }
    }
}
