//! Where in a line the time, the value and the label are.

use super::fields::{fields, text};
use super::{instant, number};

/// Separators that are tried, in this order. Exactly one may give the columns.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
/// Fields that are looked at in a first line; more are another kind of file.
const COLUMNS_MAX: usize = 4096;
/// Columns whose names an error repeats.
const NAMES_TOLD: usize = 8;

/// What a reader of the file is after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Times and values.
    Values,
    /// Times and labels.
    Labels,
}

/// Which column is which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub separator: u8,
    /// How many there are; a row with more is not of this file.
    pub columns: usize,
    pub timestamp: usize,
    pub value: Option<usize>,
    pub label: Option<usize>,
    /// Whether the first line names the columns and is no row itself.
    pub has_header: bool,
}

impl Layout {
    /// From the first line of a file; an error says what was looked for and what is there.
    pub fn of(first: &[u8], need: Need) -> Result<Layout, String> {
        let mut found = SEPARATORS.iter().filter_map(|separator| of_separator(first, *separator, need));
        match (found.next(), found.next()) {
            (Some(layout), None) => Ok(layout),
            (Some(_), Some(_)) => {
                Err("its first line has columns with more than one separator; write it with commas alone"
                    .to_owned())
            }
            (None, _) => Err(complaint(first, need)),
        }
    }
}

fn of_separator(first: &[u8], separator: u8, need: Need) -> Option<Layout> {
    let names = names(first, separator);
    let column = |wanted: &[&str]| names.iter().position(|name| wanted.contains(&name.as_str()));
    let (value, label) = (column(&["value"]), column(&["label", "is_anomaly"]));
    let columns = fields(first, separator).count();
    let named = |timestamp| Layout { separator, columns, timestamp, value, label, has_header: true };
    let is_there = |layout: &Layout| match need {
        Need::Values => layout.value.is_some(),
        Need::Labels => layout.label.is_some(),
    };
    let headed = column(&["timestamp"]).map(named).filter(is_there);
    headed.or_else(|| headless(&names, separator, need))
}

/// Two columns without names: a time, and what is needed.
fn headless(names: &[String], separator: u8, need: Need) -> Option<Layout> {
    let [timestamp, second] = names else { return None };
    instant(timestamp)?;
    let (value, label) = match need {
        Need::Values => (number::value(second).is_ok().then_some(1)?.into(), None),
        Need::Labels => (None, number::label(second).is_ok().then_some(1)?.into()),
    };
    Some(Layout { separator, columns: 2, timestamp: 0, value, label, has_header: false })
}

fn names(first: &[u8], separator: u8) -> Vec<String> {
    let name = |field| text(field).unwrap_or_default().trim().to_ascii_lowercase();
    fields(first, separator).take(COLUMNS_MAX).map(name).collect()
}

fn complaint(first: &[u8], need: Need) -> String {
    let (second, example) = match need {
        Need::Values => ("value", "timestamp,value"),
        Need::Labels => ("label", "timestamp,label"),
    };
    let there: Vec<String> = names(first, b',').into_iter().take(NAMES_TOLD).collect();
    format!(
        "no columns \"timestamp\" and {second:?} in its first line, which has {there:?}; give it the header {example}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    type Places = (u8, usize, Option<usize>, Option<usize>, bool);

    fn of(first: &str) -> Result<Places, String> {
        let all = |own: Layout| (own.separator, own.timestamp, own.value, own.label, own.has_header);
        Layout::of(first.as_bytes(), Need::Values).map(all)
    }

    #[test]
    fn columns_are_found_by_name_and_separator() {
        assert_eq!(of("timestamp,value"), Ok((b',', 0, Some(1), None, true)));
        assert_eq!(of("host;Value; TIMESTAMP"), Ok((b';', 2, Some(1), None, true)));
        assert_eq!(of("\"timestamp\"\t\"a,b\"\t\"value\"\tlabel"), Ok((b'\t', 0, Some(2), Some(3), true)));
    }

    #[test]
    fn two_columns_need_no_names() {
        assert_eq!(of("1396310400,1.5"), Ok((b',', 0, Some(1), None, false)));
        assert_eq!(of("2014-04-01 00:00:00;"), Ok((b';', 0, Some(1), None, false)));
        assert!(of("1,2,3").is_err());
        let labels = Layout::of(b"1,1", Need::Labels).unwrap();
        assert_eq!((labels.value, labels.label), (None, Some(1)));
    }

    #[test]
    fn what_is_there_instead_is_told() {
        let error = of("time,load").unwrap_err();
        assert!(error.contains("[\"time\", \"load\"]") && error.contains("timestamp,value"), "{error}");
        assert!(of("timestamp,value;x\ttimestamp;value").is_err());
        assert!(Layout::of(b"timestamp,value", Need::Labels).unwrap_err().contains("\"label\""));
    }
}
