//! `hostward plugin test --replay`: what recorded outputs mean.

use crate::cli::{Common, Failure, Found, Outcome, output};
use crate::plugin::{Recording, recordings};
use crate::visible::visible;
use hostward_formats::exposition;
use hostward_formats::{Format, Report, Service};
use serde_json::{Value, json};
use std::path::Path;

/// Says what they mean. One that cannot be relied on, or has lines that are not understood, is something wrong.
pub fn act(common: &Common, path: &Path, format: Option<Format>) -> Outcome {
    let all = recordings(path).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
    if all.is_empty() {
        let message = format!("{} holds no recorded output: NAME.sample, or NAME.stdout", path.display());
        return Err(Failure::Usage(message));
    }
    let read: Vec<_> = all.iter().map(|own| (own, replayed(own, format))).collect();
    let value =
        json!({ "recordings": read.iter().map(|(own, replayed)| value(own, replayed)).collect::<Vec<_>>() });
    output::either(common.format, &value, |_| {
        read.iter().map(|(own, replayed)| text(own, replayed)).collect()
    });
    let is_good = |replayed: &Replayed| match replayed {
        Replayed::Report(_, _, report) => report.unknown.is_none() && report.rejected_count == 0,
        Replayed::Asked(answer) => answer.is_ok(),
        Replayed::Unknown => false,
    };
    Ok(if read.iter().all(|(_, replayed)| is_good(replayed)) { Found::Well } else { Found::Wrong })
}

enum Replayed {
    /// What it said, by which format, and why by that.
    Report(Format, String, Box<Report>),
    /// What a Munin plugin answered to `autoconf` or `suggest`.
    Asked(Result<String, String>),
    /// Nobody knows its format.
    Unknown,
}

fn replayed(own: &Recording, format: Option<Format>) -> Replayed {
    if let Some(answer) = own.answer() {
        return Replayed::Asked(answer);
    }
    own.format(format).map_or(Replayed::Unknown, |(format, why)| {
        Replayed::Report(format, why, Box::new(own.understood(format)))
    })
}

fn text(own: &Recording, replayed: &Replayed) -> String {
    let path = own.path.display();
    let (how, text) = match replayed {
        Replayed::Report(format, why, report) => (format!("{}, {why}", format.as_str()), report.to_string()),
        Replayed::Asked(Ok(answer)) => (format!("munin, {}", own.asked), format!("{answer}\n")),
        Replayed::Asked(Err(why)) => (format!("munin, {}", own.asked), format!("no: {why}\n")),
        Replayed::Unknown => ("its format is not known; say it with --as".to_owned(), String::new()),
    };
    let lines: String = text.lines().map(|line| format!("{}\n", visible(line))).collect();
    format!("# {} ({how})\n{lines}", visible(&path.to_string()))
}

fn value(own: &Recording, replayed: &Replayed) -> Value {
    let mut value = json!({ "path": own.path, "name": own.name });
    match replayed {
        Replayed::Report(format, why, report) => {
            let rejected: Vec<_> =
                report.rejected.iter().map(|own| json!({ "line": own.line, "reason": own.reason })).collect();
            value["format"] = json!(format.as_str());
            value["formatBecause"] = json!(why);
            value["unknown"] = json!(report.unknown);
            value["services"] = services(report);
            value["metrics"] = json!(exposition::write(&report.families, exposition::Format::Text));
            value["rejected"] = json!(rejected);
            value["rejectedTotal"] = json!(report.rejected_count);
            value["dropped"] = json!(report.dropped.series);
        }
        Replayed::Asked(answer) => {
            value["format"] = json!(Format::Munin.as_str());
            value["asked"] = json!(own.asked);
            value["answer"] = json!(answer.as_ref().ok());
            value["unknown"] = json!(answer.as_ref().err());
        }
        Replayed::Unknown => value["unknown"] = json!("its format is not known; say it with --as"),
    }
    value
}

/// What was judged.
pub fn services(report: &Report) -> Value {
    let service = |own: &Service| json!({ "name": own.name, "state": own.state.as_str(), "text": own.text, "detail": own.detail });
    json!(report.services.iter().map(service).collect::<Vec<_>>())
}
