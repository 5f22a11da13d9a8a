//! The texts that bcachefs writes for people.

use super::{COMPRESSED, COUNTER, ERRORS, IO_DONE, IO_ERRORS, TREE_WRITE_SIZE, TREE_WRITES, UNCOMPRESSED};
use crate::Fault;
use crate::words::{Line, lines, only_line};
use hostward_model::{Batch, Metric};

/// Digits of a time in seconds, until the year 2286.
const TIME_DIGITS: usize = 10;

/// One size: `2.05G`.
pub fn size(
    path: &str,
    text: &str,
    metric: &'static Metric,
    labels: &[&str],
    out: &mut Batch,
) -> Result<(), Fault> {
    let mut line = only_line(path, text);
    out.push(metric, labels, next_size(&mut line)?);
    Ok(())
}

/// A heading, then `lz4 48.9G 71.2G 62.5k` for each algorithm.
pub fn compression(path: &str, text: &str, labels: &[&str], out: &mut Batch) -> Result<(), Fault> {
    for mut line in lines(path, text).skip(1) {
        let Some(algorithm) = line.word() else { continue };
        let labels = [algorithm, labels[0]];
        out.push(&COMPRESSED, &labels, next_size(&mut line)?);
        out.push(&UNCOMPRESSED, &labels, next_size(&mut line)?);
    }
    Ok(())
}

/// `bset_bad_csum 2 1767112063`: how often, and when last. A count of more than eight digits fills its column and
/// runs into the time.
pub fn errors(path: &str, text: &str, labels: &[&str], out: &mut Batch) -> Result<(), Fault> {
    for mut line in lines(path, text) {
        let Some(kind) = line.word() else { continue };
        let (word, time) = (line.word().unwrap_or(""), line.word());
        let count = match word.len().checked_sub(TIME_DIGITS) {
            Some(split @ 8..) if time.is_none() => word.get(..split).unwrap_or(word),
            _ => word,
        };
        out.push(&ERRORS, &[kind, labels[0]], line.as_count(count)?);
    }
    Ok(())
}

/// A heading, then `initial: 3298401 100k` for each type.
pub fn tree_writes(path: &str, text: &str, labels: &[&str], out: &mut Batch) -> Result<(), Fault> {
    for mut line in lines(path, text).skip(1) {
        let Some(kind) = line.word() else { continue };
        let labels = [kind.trim_end_matches(':'), labels[0]];
        out.push(&TREE_WRITES, &labels, line.count()?);
        out.push(&TREE_WRITE_SIZE, &labels, next_size(&mut line)?);
    }
    Ok(())
}

/// `since mount: 475G`, then `since filesystem creation: 44.5T`.
pub fn counter(path: &str, text: &str, name: &str, uuid: &str, out: &mut Batch) -> Result<(), Fault> {
    for (line, number) in text.lines().zip(1..) {
        if let Some((_, value)) = line.split_once("since filesystem creation:") {
            let value = value.trim();
            let size = parse_size(value).ok_or_else(|| Fault::malformed(path, number, value, A_SIZE))?;
            out.push_named(&COUNTER, name, &[uuid], size);
        }
    }
    Ok(())
}

/// `read:` and `write:` with lines such as `btree : 2193358848` below.
pub fn io_done(path: &str, text: &str, labels: &[&str], out: &mut Batch) -> Result<(), Fault> {
    let mut operation = "";
    for (line, number) in text.lines().zip(1..) {
        let Some((key, value)) = line.split_once(':') else { continue };
        let (key, value) = (key.trim(), value.trim());
        if value.is_empty() {
            operation = key;
        } else {
            let bytes: u64 =
                value.parse().map_err(|_| Fault::malformed(path, number, value, "a number of bytes"))?;
            out.push(&IO_DONE, &[key, labels[0], operation, labels[1]], bytes as f64);
        }
    }
    Ok(())
}

/// Two lists with headings: since the file system was made, then since the counters were reset.
pub fn io_errors(path: &str, text: &str, labels: &[&str], out: &mut Batch) -> Result<(), Fault> {
    let first = text.lines().zip(1..).skip(1).take_while(|(line, _)| line.starts_with(' '));
    for (line, number) in first {
        let Some((key, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        let count: u64 =
            value.parse().map_err(|_| Fault::malformed(path, number, value, "a number of errors"))?;
        out.push(&IO_ERRORS, &[labels[0], key.trim(), labels[1]], count as f64);
    }
    Ok(())
}

const A_SIZE: &str = "a number with or without one of kMGTPE";

fn next_size(line: &mut Line<'_>) -> Result<f64, Fault> {
    let word = line.word().unwrap_or("");
    parse_size(word).ok_or_else(|| line.fault(word, A_SIZE))
}

/// `48.9G`: three digits that matter, what is left of a byte is cut off.
fn parse_size(word: &str) -> Option<f64> {
    let power = word.chars().last().and_then(|last| "kMGTPE".find(last));
    let digits = power.map_or(word, |_| &word[..word.len() - 1]);
    let is_number = digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let amount: f64 = digits.parse().ok().filter(|amount: &f64| is_number && *amount < 2f64.powi(64))?;
    Some((amount * power.map_or(1.0, |power| 1024f64.powi(power as i32 + 1))).trunc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;
    use expect_test::expect;

    #[test]
    fn tables_with_headings() {
        let text =
            "typetype  compressed  uncompressed  average extent size\ngzip 0 0 0\nlz4 48.9G 71.2G 62.5k\n";
        check(
            |text, out| compression("/c", text, &["u"], out),
            text,
            expect![[r#"
            node_bcachefs_compression_compressed_bytes{algorithm="gzip",uuid="u"} 0
            node_bcachefs_compression_uncompressed_bytes{algorithm="gzip",uuid="u"} 0
            node_bcachefs_compression_compressed_bytes{algorithm="lz4",uuid="u"} 52505975193
            node_bcachefs_compression_uncompressed_bytes{algorithm="lz4",uuid="u"} 76450417868
        "#]],
        );
        let text = "  nr  size\ninitial:  3298401   100k\ninterior:  7  1.26k\n";
        check(
            |text, out| tree_writes("/w", text, &["u"], out),
            text,
            expect![[r#"
            node_bcachefs_btree_writes_total{type="initial",uuid="u"} 3298401
            node_bcachefs_btree_write_average_size_bytes{type="initial",uuid="u"} 102400
            node_bcachefs_btree_writes_total{type="interior",uuid="u"} 7
            node_bcachefs_btree_write_average_size_bytes{type="interior",uuid="u"} 1290
        "#]],
        );
    }

    #[test]
    fn a_count_that_runs_into_its_time() {
        let text = "bset_bad_csum   2       1767112063\nextent_io_opts_not_set   11299659571772285102\nshort 12345678\n";
        check(
            |text, out| errors("/e", text, &["u"], out),
            text,
            expect![[r#"
            node_bcachefs_errors_total{error_type="bset_bad_csum",uuid="u"} 2
            node_bcachefs_errors_total{error_type="extent_io_opts_not_set",uuid="u"} 1129965957
            node_bcachefs_errors_total{error_type="short",uuid="u"} 12345678
        "#]],
        );
    }

    #[test]
    fn a_counter_and_what_a_device_did() {
        let text = "since mount:      475G\nsince filesystem creation:     44.5T\n";
        check(
            |text, out| counter("/n", text, "data_read", "u", out),
            text,
            expect![[r#"
            node_bcachefs_data_read_total{uuid="u"} 48928267436032
        "#]],
        );
        let text = "read:\nsb   :  86016\nuser :377\nwrite:\nuser : 5\n";
        check(
            |text, out| io_done("/d", text, &["4", "u"], out),
            text,
            expect![[r#"
            node_bcachefs_device_io_done_bytes_total{data_type="sb",device="4",operation="read",uuid="u"} 86016
            node_bcachefs_device_io_done_bytes_total{data_type="user",device="4",operation="read",uuid="u"} 377
            node_bcachefs_device_io_done_bytes_total{data_type="user",device="4",operation="write",uuid="u"} 5
        "#]],
        );
        let text = "IO errors since filesystem creation\n  read:    197416\n  checksum:0\nIO errors since 8 y ago\n  read:  1\n";
        check(
            |text, out| io_errors("/x", text, &["4", "u"], out),
            text,
            expect![[r#"
            node_bcachefs_device_io_errors_total{device="4",type="read",uuid="u"} 197416
            node_bcachefs_device_io_errors_total{device="4",type="checksum",uuid="u"} 0
        "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            |text, out| size("/s", text, &COUNTER, &["u"], out),
            "",
            expect![[r#"
            fault malformed: /s:1: expected a number with or without one of kMGTPE, found ""
        "#]],
        );
        check(
            |text, out| compression("/c", text, &["u"], out),
            "h\nlz4 1.5X 2\n",
            expect![[r#"
            fault malformed: /c:2: expected a number with or without one of kMGTPE, found "1.5X"
        "#]],
        );
        check(
            |text, out| errors("/e", text, &["u"], out),
            "bad\n",
            expect![[r#"
            fault malformed: /e:1: expected a whole number, found ""
        "#]],
        );
        check(
            |text, out| io_done("/d", text, &["4", "u"], out),
            "read:\nsb : -1\n",
            expect![[r#"
            fault malformed: /d:2: expected a number of bytes, found "-1"
        "#]],
        );
        let odd = ["", ".", "1.2.3", "G", "1e3", "inf", "-1", "1GG", "é"];
        assert_eq!(odd.into_iter().find(|word| parse_size(word).is_some()), None);
        assert_eq!(parse_size(&"9".repeat(400)), None);
    }
}
