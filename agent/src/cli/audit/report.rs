//! What an audit found, for people and for programs.

use super::Audited;
use crate::cli::output::table;
use crate::visible::visible;
use hostward_harden::check::{Check, Judgement, Level, Observation, Verdict};
use hostward_harden::compliance::{Framework, Score, Solution, Status};
use serde_json::{Value, json};

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

pub fn text(audited: &Audited<'_>, all: bool) -> String {
    let quiet = [Verdict::Pass, Verdict::NotApplicable, Verdict::NotSelected];
    let mut judged: Vec<_> =
        audited.judged.iter().filter(|(_, own)| all || !quiet.contains(&own.verdict)).collect();
    // The worst stands last, where a terminal ends.
    judged.sort_by_key(|(check, own)| (place(own.verdict), check.severity));
    let mut text: String = judged.iter().map(|(check, own)| paragraph(check, own)).collect();
    text += &counts(audited);
    text += &audited.conflicts.iter().map(conflict).collect::<String>();
    text.push('\n');
    text += &scores(&audited.scores);
    text
}

fn place(verdict: Verdict) -> Option<usize> {
    ORDER.iter().position(|own| *own == verdict)
}

fn paragraph(check: &Check, own: &Judgement) -> String {
    let head = format!(
        "{:<15}{:<8}{:<28}{}\n",
        own.verdict.as_str(),
        check.severity.as_str(),
        check.id,
        check.title
    );
    let reason =
        if own.reason.is_empty() { String::new() } else { format!("{:15}{}\n", "", visible(&own.reason)) };
    let flaws: Vec<_> = own.flaws().collect();
    let shown: String = flaws.iter().take(FLAWS_SHOWN).map(|flaw| line(flaw)).collect();
    let more = flaws.len().saturating_sub(FLAWS_SHOWN);
    let rest = if more == 0 { String::new() } else { format!("{:15}and {more} more\n", "") };
    format!("{head}{reason}{shown}{rest}")
}

fn line(own: &Observation) -> String {
    let origin = own.origin.as_ref().map(|origin| format!("  ({origin})")).unwrap_or_default();
    let text = format!("{}: {}; wanted {}{origin}", own.what, shortened(&own.observed), own.wanted);
    format!("{:15}{}\n", "", visible(&text))
}

/// Lists of algorithms fill a screen; the JSON has all of it.
fn shortened(text: &str) -> String {
    let cut: String = text.chars().take(VALUE_CHARS_SHOWN).collect();
    if cut.len() < text.len() { cut + "…" } else { cut }
}

fn conflict(own: &Solution) -> String {
    let asked: Vec<_> = own.asked.iter().map(|(by, said)| format!("{by} wants {said}")).collect();
    format!("conflict       {}: {}\n", own.setting, asked.join(", "))
}

fn counts(audited: &Audited<'_>) -> String {
    let count = |verdict: &Verdict| audited.judged.iter().filter(|(_, own)| own.verdict == *verdict).count();
    let said = ORDER.iter().map(|verdict| (count(verdict), verdict.as_str())).filter(|(count, _)| *count > 0);
    let said: Vec<_> = said.map(|(count, word)| format!("{count} {word}")).collect();
    format!("{} checks: {}\n", audited.judged.len(), said.join(", "))
}

fn scores(scores: &[(&Framework, Score)]) -> String {
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
    rows.extend(scores.iter().map(|(framework, score)| {
        let ratio = score.ratio().map_or("-".to_owned(), |ratio| format!("{:.0} %", ratio * 100.0));
        let counts = Status::ALL.map(|status| score.count(status).to_string());
        [vec![format!("{} {}", framework.id, framework.version), ratio], counts.to_vec()].concat()
    }));
    table(&rows)
}

pub fn json(audited: &Audited<'_>, level: Level) -> Value {
    json!({
        "level": level.as_str(),
        "checks": audited.judged.iter().map(|(check, own)| check_json(check, own)).collect::<Vec<_>>(),
        "conflicts": audited.conflicts.iter().map(|own| json!({ "setting": own.setting, "asked": own.asked })).collect::<Vec<_>>(),
        "frameworks": audited.scores.iter().map(|(framework, score)| score_json(framework, score)).collect::<Vec<_>>(),
    })
}

fn check_json(check: &Check, own: &Judgement) -> Value {
    let observation = |own: &Observation| {
        json!({
            "what": own.what,
            "observed": own.observed,
            "wanted": own.wanted,
            "origin": own.origin.as_ref().map(ToString::to_string),
            "met": own.met,
        })
    };
    json!({
        "id": check.id,
        "title": check.title,
        "severity": check.severity.as_str(),
        "verdict": own.verdict.as_str(),
        "reason": own.reason,
        "rationale": check.rationale,
        "risks": check.risks,
        "observations": own.observations.iter().map(observation).collect::<Vec<_>>(),
    })
}

fn score_json(framework: &Framework, score: &Score) -> Value {
    let counts: serde_json::Map<String, Value> =
        Status::ALL.iter().map(|status| (status.as_str().to_owned(), json!(score.count(*status)))).collect();
    let requirements = score.requirements.iter().map(|(id, (status, grade))| {
        json!({ "id": id, "status": status.as_str(), "grade": grade.map(|grade| grade.as_str()) })
    });
    json!({
        "id": framework.id,
        "title": framework.title,
        "version": framework.version,
        "about": framework.about,
        "sources": framework.sources,
        "ratio_of_decided": score.ratio(),
        "counts": counts,
        "requirements": requirements.collect::<Vec<_>>(),
    })
}
