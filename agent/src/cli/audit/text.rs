//! What an audit found, for people at a terminal.

use crate::cli::output::table;
use hostward_harden::audit::{Change, Checked, Conflict, Drift, Record, Scored, Seen, Shift};
use hostward_harden::check::Verdict;
use hostward_harden::compliance::Status;

/// Flaws that are shown of one check; the rest is counted.
const FLAWS_SHOWN: usize = 5;

/// Characters of a value that are shown.
const VALUE_CHARS_SHOWN: usize = 120;

const ORDER: [Verdict; 6] = [
    Verdict::Pass,
    Verdict::NotApplicable,
    Verdict::NotSelected,
    Verdict::Waived,
    Verdict::Error,
    Verdict::Fail,
];

/// The whole of it, or what needs somebody.
pub fn record(record: &Record, all: bool) -> String {
    let quiet = [Verdict::Pass, Verdict::NotApplicable, Verdict::NotSelected];
    let mut judged: Vec<_> =
        record.checks.iter().filter(|own| all || !quiet.contains(&own.verdict)).collect();
    // The worst stands last, where a terminal ends.
    judged.sort_by_key(|own| (place(own.verdict), own.severity));
    let mut text: String = judged.into_iter().map(paragraph).collect();
    text += &counts(record);
    text += &record.conflicts.iter().map(conflict).collect::<String>();
    text.push('\n');
    text += &scores(&record.frameworks);
    text
}

fn place(verdict: Verdict) -> Option<usize> {
    ORDER.iter().position(|own| *own == verdict)
}

fn paragraph(own: &Checked) -> String {
    let (verdict, severity) = (own.verdict.as_str(), own.severity.as_str());
    let head = format!("{verdict:<15}{severity:<8}{:<28}{}\n", own.id, own.title);
    let flaws: Vec<_> = own.flaws().collect();
    format!("{head}{}{}", reason(&own.reason), lines(&flaws))
}

fn reason(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{:15}{text}\n", "") }
}

fn lines(flaws: &[&Seen]) -> String {
    let shown: String = flaws.iter().take(FLAWS_SHOWN).map(|flaw| line(flaw)).collect();
    let more = flaws.len().saturating_sub(FLAWS_SHOWN);
    let rest = if more == 0 { String::new() } else { format!("{:15}and {more} more\n", "") };
    format!("{shown}{rest}")
}

fn line(own: &Seen) -> String {
    let origin = own.origin.as_ref().map(|origin| format!("  ({origin})")).unwrap_or_default();
    format!("{:15}{}: {}; wanted {}{origin}\n", "", own.what, shortened(&own.observed), own.wanted)
}

/// Lists of algorithms fill a screen; the JSON has all of it.
fn shortened(text: &str) -> String {
    let cut: String = text.chars().take(VALUE_CHARS_SHOWN).collect();
    if cut.len() < text.len() { cut + "…" } else { cut }
}

fn conflict(own: &Conflict) -> String {
    let asked: Vec<_> = own.asked.iter().map(|(by, said)| format!("{by} wants {said}")).collect();
    format!("conflict       {}: {}\n", own.setting, asked.join(", "))
}

fn counts(record: &Record) -> String {
    let said = ORDER.iter().map(|verdict| (record.count(*verdict), verdict.as_str()));
    let said: Vec<_> =
        said.filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    format!("{} checks: {}\n", record.checks.len(), said.join(", "))
}

fn scores(scores: &[Scored]) -> String {
    let heads = [
        "framework",
        "of decided",
        "passed",
        "as far as here",
        "failed",
        "waived",
        "n/a",
        "unknown",
        "not decidable",
    ];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    rows.extend(scores.iter().map(|own| {
        let counts =
            Status::ALL.map(|status| own.counts.get(status.as_str()).copied().unwrap_or(0).to_string());
        [vec![format!("{} {}", own.id, own.version), percent(own.ratio_of_decided)], counts.to_vec()].concat()
    }));
    table(&rows)
}

fn percent(ratio: Option<f64>) -> String {
    ratio.map_or("-".to_owned(), |ratio| format!("{:.0} %", ratio * 100.0))
}

/// What has changed since an older audit.
pub fn drift(own: &Drift) -> String {
    let lists = [
        ("gone", &own.gone),
        ("new", &own.new),
        ("other", &own.other),
        ("better", &own.better),
        ("worse", &own.worse),
    ];
    let mut text: String =
        lists.iter().flat_map(|(word, all)| all.iter().map(|own| change(word, own))).collect();
    let counts: Vec<_> = lists.iter().rev().map(|(word, all)| format!("{} {word}", all.len())).collect();
    text += &format!("since {}: {}\n", own.since, counts.join(", "));
    text += &own.scores.iter().map(shift).collect::<String>();
    text
}

fn change(word: &str, own: &Change) -> String {
    let said = |verdict: Option<Verdict>| verdict.map_or("-", Verdict::as_str);
    let head = format!(
        "{word:<8}{:<8}{:<28}{} -> {}  {}\n",
        own.severity.as_str(),
        own.id,
        said(own.before),
        said(own.now),
        own.title
    );
    let flaws: Vec<_> = own.flaws.iter().collect();
    format!("{head}{}{}", reason(&own.reason), lines(&flaws))
}

fn shift(own: &Shift) -> String {
    format!("{:<20}{} -> {}\n", own.framework, percent(own.before), percent(own.now))
}
