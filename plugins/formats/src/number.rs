//! Numbers as plugins print them.

/// A finite decimal number. `nan`, `inf` and hexadecimal numbers are none, nor is a comma a decimal point.
pub fn decimal(text: &str) -> Option<f64> {
    let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    let number: f64 = text.bytes().all(plain).then(|| text.parse().ok())??;
    number.is_finite().then_some(number)
}

/// What a field says, if it is there and not empty; an error names what it is not.
pub fn field<T>(text: Option<&str>, read: fn(&str) -> Option<T>, what: &str) -> Result<Option<T>, String> {
    match text.filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => read(text).map(Some).ok_or_else(|| format!("{text} is no {what}")),
    }
}

/// The number at the beginning, as text, and what follows it.
pub fn leading(text: &str) -> (&str, &str) {
    let mut end = digits(text, text.len() - text.trim_start_matches(['+', '-']).len());
    if text[end..].starts_with('.') {
        end = digits(text, end + 1);
    }
    if text[end..].starts_with(['e', 'E']) {
        let sign = usize::from(text[end + 1..].starts_with(['+', '-']));
        let exponent = digits(text, end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    text.split_at(end)
}

/// Where the digits from `at` on end.
fn digits(text: &str, at: usize) -> usize {
    at + text[at..].bytes().take_while(u8::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_numbers_are_numbers() {
        assert_eq!(
            ["1", "-2.50", ".5", "5.", "1e3", "+7"].map(decimal).map(|n| n.unwrap()),
            [1.0, -2.5, 0.5, 5.0, 1000.0, 7.0]
        );
        for text in
            ["", "nan", "NaN", "inf", "-Infinity", "0x1f", "1,5", "1_000", "1 ", "e", "-", ".", "1e999"]
        {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    #[test]
    fn a_unit_may_follow() {
        let cases = [
            ("12ms", "12", "ms"),
            ("-1.5e-3s", "-1.5e-3", "s"),
            ("5eggs", "5", "eggs"),
            ("5e", "5", "e"),
            ("%", "", "%"),
            ("1.e+x", "1.", "e+x"),
            ("", "", ""),
        ];
        for (text, number, rest) in cases {
            assert_eq!(leading(text), (number, rest));
        }
    }
}
