//! Numbers as people read them, in the words of Prometheus' template functions.

use super::decimal::significant;

const LARGE: [&str; 8] = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
const SMALL: [&str; 8] = ["m", "u", "n", "p", "f", "a", "z", "y"];
const BINARY: [&str; 8] = ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];

/// `1234567` is `1.235M`.
pub fn humanize(value: f64) -> String {
    if value.abs() >= 1.0 { scaled(value, 1000.0, &LARGE) } else { small(value) }
}

/// `1048576` is `1Mi`.
pub fn humanize_1024(value: f64) -> String {
    scaled(value, 1024.0, &BINARY)
}

/// `0.873` is `87.3%`.
pub fn percentage(value: f64) -> String {
    significant(value * 100.0, 4) + "%"
}

/// `5400` is `1h 30m 0s`.
pub fn duration(value: f64) -> String {
    if !value.is_finite() {
        return significant(value, 4);
    }
    if value.abs() < 1.0 {
        return small(value) + "s";
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let whole = value.abs() as u64;
    let (days, hours, minutes, seconds) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60, whole % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{sign}{}s", significant(value.abs(), 4)),
        (0, 0, _) => format!("{sign}{minutes}m {seconds}s"),
        (0, ..) => format!("{sign}{hours}h {minutes}m {seconds}s"),
        _ => format!("{sign}{days}d {hours}h {minutes}m {seconds}s"),
    }
}

/// Seconds since the epoch as a date in UTC.
pub fn timestamp(value: f64) -> String {
    if !value.is_finite() || value.abs() > 1e14 {
        return significant(value, 4);
    }
    let ms = (value * 1000.0).trunc() as i64;
    let second = ms.div_euclid(1000);
    let (days, rest) = (second.div_euclid(86_400), second.rem_euclid(86_400));
    let (year, month, day) = crate::promql::civil(days);
    let fraction = match ms.rem_euclid(1000) {
        0 => String::new(),
        ms => format!(".{ms:03}").trim_end_matches('0').to_owned(),
    };
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{fraction} +0000 UTC")
}

fn scaled(mut value: f64, base: f64, prefixes: &[&str]) -> String {
    let mut prefix = "";
    if value.is_finite() {
        for next in prefixes {
            if value.abs() < base {
                break;
            }
            (prefix, value) = (next, value / base);
        }
    }
    significant(value, 4) + prefix
}

fn small(mut value: f64) -> String {
    let mut prefix = "";
    if value != 0.0 && value.is_finite() {
        for next in SMALL {
            if value.abs() >= 1.0 {
                break;
            }
            (prefix, value) = (next, value * 1000.0);
        }
    }
    significant(value, 4) + prefix
}
