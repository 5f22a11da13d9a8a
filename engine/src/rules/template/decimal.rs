//! Numbers as Go prints them.

/// From this exponent on, `%v` writes one.
const SHORTEST_EXPONENT_END: i32 = 6;

/// `%v` of a number: the shortest text that reads back, with an exponent from a million on.
pub fn shortest(value: f64) -> String {
    special(value).unwrap_or_else(|| general(value, &format!("{value:e}"), SHORTEST_EXPONENT_END))
}

/// `%.4g` and its like: so many significant digits, no trailing zeros.
pub fn significant(value: f64, digits: usize) -> String {
    let digits = digits.max(1);
    special(value).unwrap_or_else(|| general(value, &format!("{value:.*e}", digits - 1), digits as i32))
}

/// NaN and what is infinite have no digits.
pub fn special(value: f64) -> Option<String> {
    if value.is_nan() {
        return Some("NaN".to_owned());
    }
    value.is_infinite().then(|| if value > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() })
}

/// From Rust's scientific form to plain digits, or to Go's scientific form when the exponent is out of bounds.
fn general(value: f64, scientific: &str, exponent_end: i32) -> String {
    let (digits, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let digits =
        if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if exponent < -4 || exponent >= exponent_end {
        return with_exponent(digits, exponent);
    }
    let significant = digits.bytes().filter(u8::is_ascii_digit).count() as i32;
    let decimals = (significant - 1 - exponent).max(0) as usize;
    format!("{value:.decimals$}")
}

/// `%e`: so many digits behind the point.
pub fn scientific(value: f64, decimals: usize) -> String {
    let written = format!("{value:.decimals$e}");
    let (digits, exponent) = written.split_once('e').unwrap_or((&written, "0"));
    with_exponent(digits, exponent.parse().unwrap_or(0))
}

/// Go writes a sign and at least two digits.
fn with_exponent(digits: &str, exponent: i32) -> String {
    format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}
