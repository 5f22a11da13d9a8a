//! Numbers as the formats spell them.

use super::cursor::Cursor;
use super::error::ReadError;
use hostward_model::text::Format;

/// Takes a value: a decimal number, `NaN` or an infinity in any case.
pub fn value(cursor: &mut Cursor<'_>, message: &str) -> Result<f64, ReadError> {
    let word = cursor.take_while(|c| c != ' ' && c != '\t');
    word.parse().map_err(|_| cursor.refuse(word, message))
}

/// Takes a timestamp, in seconds whatever the format counts in.
pub fn timestamp(cursor: &mut Cursor<'_>, format: Format) -> Result<f64, ReadError> {
    let word = cursor.take_while(|c| c != ' ' && c != '\t');
    let seconds = match format {
        Format::Text => word.parse::<i64>().ok().map(|ms| ms as f64 / 1000.0),
        Format::OpenMetrics => word.parse::<f64>().ok().filter(|seconds| seconds.is_finite()),
    };
    seconds.ok_or_else(|| match format {
        Format::Text => cursor.refuse(word, "a timestamp is a whole number of milliseconds"),
        Format::OpenMetrics => cursor.refuse(word, "a timestamp is a finite number of seconds"),
    })
}

/// The bound in a label (`le`, `quantile`): infinity has one spelling there.
pub fn bound(word: &str) -> Option<f64> {
    match word {
        "+Inf" => Some(f64::INFINITY),
        _ => word.parse().ok().filter(|bound: &f64| bound.is_finite()),
    }
}
