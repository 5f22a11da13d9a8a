//! hostward's own: Prometheus text or OpenMetrics on standard output, from a plugin that runs once or stays.
//!
//! A text that ends with `# EOF` is held to OpenMetrics, any other to text 0.0.4; either is strict and whole or refused whole. Names
//! are the author's. Families come out as text 0.0.4 has them, so that there is one way to carry on with them.
//!
//! Two comments may stand just before `# EOF`: `# STATUS WORD reason` says how the run ended, and with anything but OK nothing of it
//! counts; `# REJECTED COUNT reason` says how many samples the plugin's host has refused, and why the first of them.

use crate::exposition::{self, Family, Format, Sample, Type};
use crate::sheet::{Again, Sheet};
use crate::whole::{bounded, fault, refused, utf8};
use crate::{Limits, Output, Report, failure};
use std::borrow::Cow;

/// Reads one run or one batch.
pub fn read(output: &Output, limits: &Limits) -> Report {
    let mut sheet = Sheet::new(limits, Again::Replace);
    if let Some(why) = failure(output, 0) {
        return sheet.unknown(why);
    }
    let (stdout, remarks) = remarks(output.stdout);
    if let Some((status, reason)) = remarks.status.filter(|(status, _)| *status != "OK") {
        let colon = if reason.is_empty() { "" } else { ": " };
        return sheet.unknown(format!("{status}{colon}{reason}"));
    }
    if let Some((count, reason)) = remarks.rejected {
        sheet.reject(0, reason);
        sheet.report.rejected_count = count;
    }
    match families(&stdout) {
        Ok(families) => bounded(families, output, sheet),
        Err((line, why)) => refused(sheet, line, &why),
    }
}

/// What the last comments say.
#[derive(Default)]
struct Remarks {
    status: Option<(String, String)>,
    rejected: Option<(usize, String)>,
}

/// The text without the remarks just before its end, and the remarks.
fn remarks(bytes: &[u8]) -> (Cow<'_, [u8]>, Remarks) {
    let mut remarks = Remarks::default();
    let Some(mut body) = bytes.strip_suffix(b"# EOF\n").or_else(|| bytes.strip_suffix(b"# EOF")) else {
        return (Cow::Borrowed(bytes), remarks);
    };
    let before = body.len();
    while let Some((rest, line)) = last_line(body) {
        if let Some(said) = line.strip_prefix("# STATUS ") {
            let (word, reason) = said.split_once(' ').unwrap_or((said, ""));
            remarks.status = Some((word.to_owned(), reason.trim().to_owned()));
        } else if let Some((count, reason)) = line.strip_prefix("# REJECTED ").and_then(counted) {
            remarks.rejected = Some((count, reason.to_owned()));
        } else {
            break;
        }
        body = rest;
    }
    match body.len() == before {
        true => (Cow::Borrowed(bytes), remarks),
        false => (Cow::Owned([body, b"# EOF\n"].concat()), remarks),
    }
}

/// What stands before the last line, and that line if it is text and ends with a line feed.
fn last_line(body: &[u8]) -> Option<(&[u8], &str)> {
    let line = body.strip_suffix(b"\n")?;
    let start = line.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    Some((&body[..start], str::from_utf8(&line[start..]).ok()?))
}

fn counted(said: &str) -> Option<(usize, &str)> {
    let (count, reason) = said.split_once(' ').unwrap_or((said, ""));
    count.parse().ok().filter(|count| *count > 0).map(|count| (count, reason))
}

fn families(bytes: &[u8]) -> Result<Vec<Family>, (usize, String)> {
    let text = utf8(bytes)?;
    let format = match text.strip_suffix('\n').unwrap_or(text).rsplit('\n').next() {
        Some("# EOF") => Format::OpenMetrics,
        _ => Format::Text,
    };
    let families = exposition::read(text, format).map_err(fault)?;
    Ok(match format {
        Format::Text => families,
        Format::OpenMetrics => families.into_iter().flat_map(as_text).collect(),
    })
}

/// The families of text 0.0.4 that say what a family of OpenMetrics says: each suffix that 0.0.4 does not know in the family's
/// type becomes a family of its own.
fn as_text(family: Family) -> Vec<Family> {
    let own: &[&str] = match family.kind {
        Type::Histogram => &["_bucket", "_sum", "_count"],
        Type::GaugeHistogram => &["_bucket"],
        Type::Summary => &["", "_sum", "_count"],
        _ => &[],
    };
    let main = match family.kind {
        Type::Counter => format!("{}_total", family.name),
        Type::Info => format!("{}_info", family.name),
        _ => family.name.clone(),
    };
    let mut families: Vec<Family> = Vec::new();
    for sample in family.samples {
        let suffix = sample.name.strip_prefix(&family.name).unwrap_or("");
        let name = if own.contains(&suffix) { &main } else { &sample.name };
        let kind = if *name == main { text_kind(family.kind) } else { Type::Gauge };
        let at = families.iter().position(|family| family.name == *name).unwrap_or_else(|| {
            let (help, unit) = (family.help.clone(), family.unit.clone());
            families.push(Family { name: name.clone(), kind, help, unit, samples: Vec::new() });
            families.len() - 1
        });
        families[at].samples.push(Sample { exemplar: None, ..sample });
    }
    families
}

fn text_kind(kind: Type) -> Type {
    match kind {
        Type::GaugeHistogram => Type::Histogram,
        Type::Info | Type::StateSet => Type::Gauge,
        kind => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::exposition::Family;
    use crate::{Exit, Limits, Output, Report};

    fn report(text: &str) -> Report {
        let output =
            Output { name: "x", stdout: text.as_bytes(), stderr: b"", exit: Exit::Running, declared: b"" };
        read(&output, &Limits::default())
    }

    #[test]
    fn a_time_that_nobody_can_mean_costs_its_family() {
        let report =
            report(&format!("# TYPE a gauge\na 1 {}\n# TYPE b gauge\nb 2\n# EOF\n", "3".repeat(105)));
        assert_eq!(report.families.iter().map(|own| own.name.as_str()).collect::<Vec<_>>(), ["b"]);
        assert_eq!(report.rejected[0].reason, "the time of a is out of range");
    }

    #[test]
    fn a_status_takes_the_whole_answer_with_it() {
        let cases = [
            ("# STATUS UNAVAILABLE no battery\n# EOF\n", Some("UNAVAILABLE: no battery")),
            ("# STATUS TIMEOUT\n# EOF\n", Some("TIMEOUT")),
            ("a 1\n# STATUS ERROR half of it\n# REJECTED 1 x\n# EOF\n", Some("ERROR: half of it")),
            ("a 1\n# STATUS OK\n# EOF\n", None),
        ];
        for (text, unknown) in cases {
            let report = report(text);
            assert_eq!(report.unknown.as_deref(), unknown, "{text}");
            assert_eq!(report.families.is_empty(), unknown.is_some(), "{text}");
        }
    }

    #[test]
    fn what_the_host_refused_is_counted() {
        let report = report("a 1\n# REJECTED 9 b is not a number\n# EOF\n");
        assert_eq!(report.rejected_count, 9);
        assert_eq!(report.rejected[0].reason, "b is not a number");
        assert_eq!(report.families.iter().map(|family: &Family| family.samples.len()).sum::<usize>(), 1);
    }

    #[test]
    fn remarks_elsewhere_are_no_openmetrics() {
        for text in ["# STATUS OK\na 1\n# EOF\n", "a 1\n# REJECTED many\n# EOF\n", "a 1\n#STATUS OK\n# EOF\n"]
        {
            assert!(report(text).unknown.is_some(), "{text}");
        }
    }
}
