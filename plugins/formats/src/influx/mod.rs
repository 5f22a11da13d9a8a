//! Influx line protocol, as Telegraf's inputs `exec` and `execd` take it: `measurement,tag=value field=value time`.
//!
//! Each field becomes `PLUGIN_MEASUREMENT_FIELD` with the tags as labels; a field `value` adds nothing to the name. Whether
//! something counts or is a level is not said in this format, so the metrics are untyped. true and false are 1 and 0; text is no number
//! and is left out. Times are read by their size as seconds, milliseconds, microseconds or nanoseconds.

mod point;

use crate::exposition::{Labels, Type};
use crate::sheet::{Again, Metric, Sheet};
use crate::{Limits, Output, Report, failure, name};
use point::{Point, Value};

/// Reads one run or one batch.
pub fn read(output: &Output, limits: &Limits) -> Report {
    let mut sheet = Sheet::new(limits, Again::Replace);
    if let Some(why) = failure(output, 0) {
        return sheet.unknown(why);
    }
    let bytes = sheet.whole_lines(output);
    match std::str::from_utf8(bytes) {
        Ok(text) => points(&mut sheet, output.name, text, 1),
        Err(_) => {
            for (at, line) in sheet.lines(bytes, 1) {
                points(&mut sheet, output.name, line, at);
            }
        }
    }
    sheet.report
}

fn points(sheet: &mut Sheet<'_>, plugin: &str, text: &str, first: usize) {
    let (mut rest, mut line) = (text, first);
    while !rest.is_empty() {
        let blank = rest.len() - rest.trim_start_matches(['\n', ' ', '\t', '\r']).len();
        line += feeds(&rest[..blank]);
        rest = &rest[blank..];
        if rest.is_empty() {
            return;
        }
        let end = match point::read(rest) {
            Ok((point, end)) => {
                point.iter().for_each(|point| tell(sheet, plugin, line, point));
                end
            }
            Err(why) => {
                sheet.reject(line, why);
                rest.find('\n').unwrap_or(rest.len())
            }
        };
        line += feeds(&rest[..end]);
        rest = &rest[end..];
    }
}

fn feeds(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

fn tell(sheet: &mut Sheet<'_>, plugin: &str, line: usize, point: &Point) {
    let labels: Labels = point.tags.iter().map(|(tag, value)| (name::label(tag), value.clone())).collect();
    for (field, value) in &point.fields {
        let value = match value {
            Value::Number(value) => *value,
            Value::Text => continue,
        };
        let field = if field == "value" { "" } else { field };
        let help =
            format!("{} of {}.", if field.is_empty() { "The value" } else { field }, point.measurement);
        let metric = Metric::new(plugin, &[&point.measurement, field], "", Type::Unknown, &help);
        sheet.push(line, &metric, labels.clone(), value, point.timestamp_s);
    }
}

/// Whether a line is a point.
pub(crate) fn is_point(line: &str) -> bool {
    matches!(point::read(line), Ok((Some(_), end)) if end == line.len())
}
