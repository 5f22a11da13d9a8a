//! One row of the answer, as CSV or as a line of JSON.

use super::super::Format;
use super::Said;
use crate::dataset::Row;
use crate::visible::visible;
use hostward_model::number;
use serde::Serialize;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `timestamp,value,anomaly_score,confidence,is_anomaly`.
    Csv,
    /// One JSON object on each line.
    Json,
}

impl Form {
    /// By what was asked for on the command line.
    pub fn of(format: Format) -> Form {
        match format {
            Format::Text => Form::Csv,
            _ => Form::Json,
        }
    }
}

/// What stands before the rows.
pub fn write_head(form: Form) -> &'static str {
    match form {
        Form::Csv => "timestamp,value,anomaly_score,confidence,is_anomaly\n",
        Form::Json => "",
    }
}

/// Appends a row: time and value as they came, and what is said of them.
pub fn write_row(form: Form, out: &mut String, row: &Row<'_>, said: &Said) {
    match form {
        Form::Csv => csv(out, row, said),
        Form::Json => json(out, row, said),
    }
    out.push('\n');
}

fn csv(out: &mut String, row: &Row<'_>, said: &Said) {
    cell(out, &row.timestamp);
    out.push(',');
    cell(out, &row.value);
    out.push(',');
    said.judgement.inspect(|judged| number::write(out, judged.score));
    out.push(',');
    said.judgement.inspect(|judged| number::write(out, judged.confidence));
    out.push_str(if said.is_anomaly { ",true" } else { ",false" });
}

/// A field in quotes where it needs them. Control characters are shown, not written: the reader may be a terminal.
fn cell(out: &mut String, text: &str) {
    if text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b',' | b'"') || byte == b' ') {
        return out.push_str(text);
    }
    let shown = visible(text);
    if shown.contains([',', '"']) {
        out.push_str(&format!("\"{}\"", shown.replace('"', "\"\"")));
    } else {
        out.push_str(&shown);
    }
}

#[derive(Serialize)]
struct Line<'a> {
    timestamp: &'a str,
    value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<f64>,
    anomaly_score: Option<f64>,
    confidence: Option<f64>,
    is_anomaly: bool,
    expected: Option<f64>,
    band: Option<(f64, f64)>,
    channel: Option<&'static str>,
}

fn json(out: &mut String, row: &Row<'_>, said: &Said) {
    let Said { judgement: judged, rate, is_anomaly } = *said;
    let line = Line {
        timestamp: &row.timestamp,
        value: row.reading.as_ref().ok().and_then(|reading| reading.value),
        rate,
        anomaly_score: judged.map(|judged| judged.score),
        confidence: judged.map(|judged| judged.confidence),
        is_anomaly,
        expected: judged.map(|judged| judged.expected),
        band: judged.map(|judged| judged.band),
        channel: judged.map(|judged| judged.channel.as_str()),
    };
    // Plain numbers and text have no way to fail.
    out.push_str(&serde_json::to_string(&line).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Need, Rows};
    use hostward_engine::anomaly::{Channel, Judgement};

    fn written(form: Form, line: &str, judgement: Option<Judgement>, rate: Option<f64>) -> String {
        let file = format!("timestamp,value\n{line}\n");
        let mut rows = Rows::new(Box::new(std::io::Cursor::new(file)), Need::Values).unwrap();
        let mut out = String::new();
        let said = Said { judgement, rate, is_anomaly: judgement.is_some() };
        write_row(form, &mut out, &rows.read().unwrap().unwrap(), &said);
        out
    }

    #[test]
    fn time_and_value_stay_as_they_came() {
        let channel = Channel::default();
        let judged = Judgement {
            value: 1.5,
            expected: 1.0,
            band: (0.5, 1.5),
            score: 0.25,
            confidence: 0.999,
            channel,
        };
        assert_eq!(
            written(Form::Csv, "2014-04-01 00:00:00,1.50", Some(judged), None),
            "2014-04-01 00:00:00,1.50,0.25,0.999,true\n"
        );
        assert_eq!(written(Form::Csv, "60,NaN", None, None), "60,NaN,,,false\n");
        assert_eq!(
            written(Form::Json, "60,1.50", Some(judged), None),
            "{\"timestamp\":\"60\",\"value\":1.5,\"anomaly_score\":0.25,\"confidence\":0.999,\"is_anomaly\":true,\
             \"expected\":1.0,\"band\":[0.5,1.5],\"channel\":\"level\"}\n"
        );
        let counter = written(Form::Json, "60,90", Some(judged), Some(1.5));
        assert!(counter.contains("\"value\":90.0,\"rate\":1.5,"), "{counter}");
    }

    #[test]
    fn what_is_not_understood_stays_one_field_and_harmless() {
        assert_eq!(
            written(Form::Csv, "\"a,\"\"b\",\u{1b}[2J", None, None),
            "\"a,\"\"b\",\\u{1b}[2J,,,false\n"
        );
    }
}
