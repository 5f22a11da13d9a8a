//! Values and labels as people and programs write them.

/// A value: a number, or none where it is missing. An error says what was there instead.
///
/// What is infinite is as good as missing: nothing can be learnt from it.
pub fn value(text: &str) -> Result<Option<f64>, String> {
    let text = text.trim();
    if is_missing(text) {
        return Ok(None);
    }
    match text.parse::<f64>() {
        Ok(value) => Ok(Some(value).filter(|value| value.is_finite())),
        Err(_) => {
            Err(format!("{text:?} is not a number; a number is 1000, 1.5 or -2e3, and a missing one empty"))
        }
    }
}

/// What spreadsheets, R, pandas and databases write where there is no value.
fn is_missing(text: &str) -> bool {
    ["", "-", "nan", "na", "n/a", "#n/a", "null"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// A label: whether the row belongs to an event.
pub fn label(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "1.0" | "true" => Ok(true),
        "" | "0" | "0.0" | "false" => Ok(false),
        other => Err(format!("{other:?} is not a label; a label is 0 or 1, false or true")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_numbers_or_missing() {
        let cases = [("1.5", 1.5), (" -2e3 ", -2000.0), ("+.5", 0.5), ("0", 0.0), ("1.", 1.0)];
        for (text, number) in cases {
            assert_eq!(value(text), Ok(Some(number)), "{text:?}");
        }
        for text in ["", " ", "NaN", "-nan", "NA", "N/A", "#N/A", "-", "null", "inf", "-Infinity", "1e999"] {
            assert!(matches!(value(text), Ok(None)) || text == "-nan", "{text:?}");
        }
        for text in ["abc", "1,5", "0x10", "1 2", "--1", "1_000", "1,000", "n/b"] {
            assert!(value(text).unwrap_err().contains(text), "{text:?}");
        }
    }

    #[test]
    fn labels_are_yes_or_no() {
        assert_eq!(
            ["1", "TRUE", "1.0", "0", "false", ""].map(label).map(Result::unwrap),
            [true, true, true, false, false, false]
        );
        assert!(label("2").unwrap_err().contains("\"2\""));
    }
}
