//! Numbers as bcache prints them for people.

use crate::Fault;

const UNITS: &str = "kMGTPEZY";

/// `20.4G` and the like in bytes; `path` and `line` are for the fault.
///
/// The digits after the point are not decimal: the kernel divides a remainder of up to 1023 by about a hundred and
/// prints what it gets, up to 10. They are read as node_exporter reads them, as parts of 10.24, and what is left
/// of a byte is cut off.
pub fn bytes(path: &str, line: usize, text: &str) -> Result<f64, Fault> {
    read(text).ok_or_else(|| Fault::malformed(path, line, text, "a number with or without one of kMGTPEZY"))
}

fn read(text: &str) -> Option<f64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest));
    let power = digits.chars().last().and_then(|last| UNITS.find(last));
    let digits = power.map_or(digits, |_| &digits[..digits.len() - 1]);
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, "0"));
    let amount = count(whole)? + count(rest)? / 10.24;
    let unit = power.map_or(1.0, |power| 1024f64.powi(power as i32 + 1));
    Some(sign * (amount * unit).trunc())
}

/// More digits than these are no number that bcache prints.
const DIGITS_MAX: usize = 20;

fn count(digits: &str) -> Option<f64> {
    let is_count = !digits.is_empty() && digits.len() <= DIGITS_MAX;
    let is_count = is_count && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_count.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn numbers_for_people() {
        let cases = [
            ("0", Some(0.0)),
            ("512", Some(512.0)),
            ("1.1M", Some(1_150_976.0)),
            ("20.4G", Some(21_894_266_880.0)),
            ("427.5k", Some(437_748.0)),
            ("-2.5k", Some(-2548.0)),
            ("2Y", Some(2.0 * 1024f64.powi(8))),
        ];
        for (text, bytes) in cases {
            assert_eq!(read(text), bytes, "{text}");
        }
        let odd = ["", "k", "1.", ".1", "1.2.3", "1e3", "--1", "1 2", "+1", "1kk", "é", "NaN"];
        assert_eq!(odd.into_iter().find(|text| read(text).is_some()), None);
        assert_eq!(read(&"9".repeat(400)), None);
    }
}
