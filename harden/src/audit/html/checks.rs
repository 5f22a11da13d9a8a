//! Checks on the page: those that need somebody with all that is known, the others in a table.

use super::super::outside::escaped;
use super::super::record::{Checked, Record, Seen};
use crate::check::Verdict;
use std::fmt::Write;

/// Flaws that are shown of one check; the rest is counted.
const FLAWS_MAX: usize = 20;

/// Checks one below the other with their evidence; nothing when there are none.
pub fn listed(head: &str, all: &[&Checked]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let all: String = all.iter().map(|own| check(own)).collect();
    format!("<h2>{head}</h2>\n{all}")
}

fn check(own: &Checked) -> String {
    let verdict = own.verdict.as_str();
    let mut out = format!(
        "<section class=\"check {verdict}\"><h3><span class=\"word {verdict}\">{verdict}</span> {} \
         <code>{}</code> <span class=\"soft\">{}</span></h3><p>{}</p>",
        escaped(&own.title),
        escaped(&own.id),
        own.severity.as_str(),
        escaped(&own.rationale)
    );
    if !own.reason.is_empty() {
        let _ = write!(out, "<p><b>{}</b></p>", escaped(&own.reason));
    }
    out += &flaws(own);
    own.risks.iter().for_each(|risk| {
        let _ = write!(out, "<p class=\"soft\">Mind: {}</p>", escaped(risk));
    });
    let asked: Vec<_> =
        own.asked_by.iter().map(|by| format!("{} {}", by.framework, by.requirement)).collect();
    if !asked.is_empty() {
        let count = asked.len();
        let _ = write!(
            out,
            "<details><summary>asked for by {count} requirements</summary><p class=\"soft\">{}</p></details>",
            escaped(&asked.join(", "))
        );
    }
    out + "</section>\n"
}

fn flaws(own: &Checked) -> String {
    let all: Vec<_> = own.flaws().collect();
    if all.is_empty() {
        return String::new();
    }
    let line = |flaw: &&Seen| {
        let origin =
            flaw.origin.as_ref().map(|origin| format!(" <span class=\"soft\">{}</span>", escaped(origin)));
        format!(
            "<li><code>{}: {}</code>; wanted <code>{}</code>{}</li>",
            escaped(&flaw.what),
            escaped(&flaw.observed),
            escaped(&flaw.wanted),
            origin.unwrap_or_default()
        )
    };
    let shown: String = all.iter().take(FLAWS_MAX).map(line).collect();
    let more = all.len().saturating_sub(FLAWS_MAX);
    let more = if more == 0 { String::new() } else { format!("<li>and {more} more</li>") };
    format!("<ul>{shown}{more}</ul>")
}

/// What nobody has to do anything about, in a table that is shut at first.
pub fn rest(record: &Record) -> String {
    let quiet = [Verdict::Pass, Verdict::NotApplicable, Verdict::NotSelected];
    let rows: String = quiet
        .iter()
        .flat_map(|verdict| record.of(*verdict))
        .map(|own| {
            format!(
                "<tr><td><span class=\"word {0}\">{0}</span></td><td><code>{1}</code></td><td>{2}<br/><span class=\"soft\">{3}</span></td></tr>",
                own.verdict.as_str(),
                escaped(&own.id),
                escaped(&own.title),
                escaped(&own.reason)
            )
        })
        .collect();
    let count = quiet.iter().map(|verdict| record.count(*verdict)).sum::<usize>();
    format!(
        "<h2>Everything else</h2><details><summary>{count} checks that pass, do not apply or are not asked for</summary>\
         <table><tbody>{rows}</tbody></table></details>\n"
    )
}
