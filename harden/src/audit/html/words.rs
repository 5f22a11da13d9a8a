//! The words and colours of the page, and what it says of changes.

use super::super::drift::{Change, Drift};
use super::super::outside::escaped;
use crate::check::Verdict;
use crate::compliance::Status;

/// Verdicts in their order with their colours.
pub const VERDICTS: [(Verdict, &str); 6] = [
    (Verdict::Pass, "pass"),
    (Verdict::Fail, "fail"),
    (Verdict::Error, "error"),
    (Verdict::Waived, "waived"),
    (Verdict::NotApplicable, "grey"),
    (Verdict::NotSelected, "dark"),
];

/// What is known of requirements, in its order with its colours.
pub const STATUSES: [(Status, &str); 7] = [
    (Status::Passed, "pass"),
    (Status::PassedHere, "here"),
    (Status::Failed, "fail"),
    (Status::Waived, "waived"),
    (Status::Unknown, "error"),
    (Status::NotApplicable, "grey"),
    (Status::NotDecidable, "dark"),
];

/// A ratio for people; a dash when there is none.
pub fn percent(ratio: Option<f64>) -> String {
    ratio.map_or("-".to_owned(), |ratio| format!("{:.0} %", ratio * 100.0))
}

/// What has changed.
pub fn changes(drift: &Drift) -> String {
    let lists = [
        ("got worse", &drift.worse),
        ("got better", &drift.better),
        ("say something else", &drift.other),
        ("are new", &drift.new),
        ("are gone", &drift.gone),
    ];
    let lists: String =
        lists.iter().filter(|(_, all)| !all.is_empty()).map(|(head, all)| list(head, all)).collect();
    let lists = if lists.is_empty() { "<p>Nothing.</p>".to_owned() } else { lists };
    format!("<h2>Changed since {}</h2>{lists}\n", escaped(&drift.since))
}

fn list(head: &str, all: &[Change]) -> String {
    let word = |verdict: Option<Verdict>| verdict.map_or("-", Verdict::as_str);
    let line = |own: &Change| {
        let (before, now) = (word(own.before), word(own.now));
        format!(
            "<li><code>{}</code> {}: {before} &#8594; <b>{now}</b></li>",
            escaped(&own.id),
            escaped(&own.title)
        )
    };
    let lines: String = all.iter().map(line).collect();
    format!("<p>{} checks {head}</p><ul>{lines}</ul>", all.len())
}
