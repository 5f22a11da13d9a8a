//! Durations as Prometheus writes them: `1h30m`, `90s`, `1d`, `500ms`.

const UNITS: [(&str, u64); 7] = [
    ("y", 365 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

/// Milliseconds of a duration; `0` needs no unit. Units come from large to small, each at most once.
pub fn parse_duration_ms(text: &str) -> Result<u64, String> {
    if text == "0" {
        return Ok(0);
    }
    parse(text).ok_or_else(|| {
        format!("`{text}` is not a duration: write numbers with y, w, d, h, m, s or ms, the largest first, as in 1h30m")
    })
}

fn parse(text: &str) -> Option<u64> {
    let (mut rest, mut total, mut units) = (text, 0_u64, UNITS.as_slice());
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let (unit, tail) = after.split_at(after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len()));
        let place = units.iter().position(|(name, _)| *name == unit)?;
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(units[place].1)?)?;
        (rest, units) = (tail, &units[place + 1..]);
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::parse_duration_ms;

    #[test]
    fn durations_are_read() {
        let good =
            [("0", 0), ("0s", 0), ("15s", 15_000), ("1h30m", 5_400_000), ("1d", 86_400_000), ("1s5ms", 1005)];
        for (text, ms) in good {
            assert_eq!(parse_duration_ms(text), Ok(ms), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in ["", "5", "m", "5 m", "1m1h", "1m1m", "-5m", "1.5h", "5x", "99999999999999y"] {
            assert!(parse_duration_ms(text).is_err(), "{text}");
        }
    }
}
