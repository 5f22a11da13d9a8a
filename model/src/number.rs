//! Numbers as the Prometheus text formats write them.

use std::fmt::Write;

/// Largest magnitude up to which every integer is exact in an `f64`: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Appends `value` in the shortest form that reads back as the same `f64`.
///
/// `NaN`, `+Inf` and `-Inf` are spelt as in the text format.
pub fn write(out: &mut String, value: f64) {
    if value.is_nan() {
        out.push_str("NaN");
    } else if value.is_infinite() {
        out.push_str(if value > 0.0 { "+Inf" } else { "-Inf" });
    } else if value == value.trunc() && value.abs() <= EXACT {
        write_integer(out, value as i64);
    } else if (1e-5..1e21).contains(&value.abs()) {
        let _ = write!(out, "{value}");
    } else {
        let _ = write!(out, "{value:e}");
    }
}

/// `{}` of an integer costs three times as much as this loop, and a scrape is mostly integers.
fn write_integer(out: &mut String, value: i64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push('-');
    }
    out.extend(digits[at..].iter().map(|digit| char::from(*digit)));
}

/// The number as text, for messages.
pub fn to_string(value: f64) -> String {
    let mut out = String::new();
    write(&mut out, value);
    out
}

/// The number for a person's eye: six significant digits.
pub fn brief(value: f64) -> String {
    to_string(format!("{value:.5e}").parse().unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::{brief, to_string};

    #[test]
    fn six_digits_are_enough_for_an_eye() {
        let cases = [
            (0.0, "0"),
            (0.9398496240601504, "0.93985"),
            (-0.0047050684620678525, "-0.00470507"),
            (1_234_567.891, "1234570"),
            (98.5, "98.5"),
            (f64::INFINITY, "+Inf"),
            (1e-300, "1e-300"),
        ];
        for (value, text) in cases {
            assert_eq!(brief(value), text);
        }
    }

    #[test]
    fn reads_as_prometheus_writes() {
        let cases = [
            (0.0, "0"),
            (-3.0, "-3"),
            (12.5, "12.5"),
            (1e15, "1000000000000000"),
            (1e22, "1e22"),
            (2e-9, "2e-9"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ];
        for (value, text) in cases {
            assert_eq!(to_string(value), text);
        }
    }

    #[test]
    fn every_number_reads_back() {
        for value in [0.1, 1.0 / 3.0, 9_007_199_254_740_993.0, -1e300, 5e-324, f64::MAX] {
            assert_eq!(to_string(value).parse::<f64>().unwrap(), value);
        }
    }
}
