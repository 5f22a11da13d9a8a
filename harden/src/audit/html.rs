//! An audit as one page that needs nothing else: no script, no picture or font from elsewhere, readable on paper and on a dark
//! screen. Each text goes through [`escaped`].

mod picture;
mod words;

use super::drift::Drift;
use super::outside::escaped;
use super::record::{Checked, Record, Scored};
use crate::check::{Severity, Verdict};
use std::collections::BTreeMap;
use std::fmt::Write;
use words::{STATUSES, VERDICTS, percent};

const STYLE: &str = include_str!("html/style.css");
/// Nothing is loaded and nothing runs, whatever a text may say.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
/// Flaws that are shown of one check; the rest is counted.
const FLAWS_MAX: usize = 20;

/// The page, with what has changed since an older audit if there is one.
pub fn html(record: &Record, drift: Option<&Drift>) -> String {
    let title = escaped(&format!("Audit of {}", record.about.host));
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style></head>\n<body>\n<header><h1>{title}</h1>{}</header>\n",
        about(record)
    );
    out += &overview(record);
    drift.iter().for_each(|drift| out += &words::changes(drift));
    out += &frameworks(record);
    for (verdict, head) in
        [(Verdict::Fail, "Failed"), (Verdict::Error, "Could not be told"), (Verdict::Waived, "Waived")]
    {
        out += &checks(head, &record.of(verdict));
    }
    out += &rest(record);
    out += &record.frameworks.iter().map(requirements).collect::<String>();
    out.push_str("</body></html>\n");
    out
}

fn about(record: &Record) -> String {
    let about = &record.about;
    let profile =
        if about.profile.is_empty() { String::new() } else { format!(", profile {}", about.profile) };
    let text = format!("{}, level {}{profile}, hostward {}", about.at, about.level.as_str(), about.version);
    format!("<p class=\"soft\">{}</p>", escaped(&text))
}

fn overview(record: &Record) -> String {
    let parts: Vec<_> = VERDICTS
        .iter()
        .map(|(verdict, colour)| (*colour, verdict.as_str(), record.count(*verdict)))
        .collect();
    let legend: String = parts
        .iter()
        .map(|(colour, name, count)| format!("<li>{} {count} {name}</li>", picture::swatch(colour)))
        .collect();
    let judged = record.count(Verdict::Pass) + record.count(Verdict::Fail) + record.count(Verdict::Waived);
    let ratio = (judged > 0).then(|| record.count(Verdict::Pass) as f64 / judged as f64);
    let ring = picture::ring(&parts, &percent(ratio), "Checks by what they say; the legend has the numbers");
    format!(
        "<div class=\"cards\"><section class=\"card\"><h3>{} checks</h3><div class=\"side\">{ring}\
         <ul class=\"legend\">{legend}</ul></div><p class=\"soft\">In the middle: passed of those that passed, \
         failed or are waived.</p></section>{}</div>\n",
        record.checks.len(),
        by_area(record)
    )
}

fn by_area(record: &Record) -> String {
    let mut areas: BTreeMap<&str, usize> = BTreeMap::new();
    record.of(Verdict::Fail).iter().for_each(|own| *areas.entry(own.area()).or_default() += 1);
    let mut rows: Vec<_> = areas.into_iter().map(|(area, count)| (area.to_owned(), count)).collect();
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let picture = picture::rows(&rows, "fail", "Failed checks by area");
    let high = record.of(Verdict::Fail).iter().filter(|own| own.severity == Severity::High).count();
    format!(
        "<section class=\"card\"><h3>Failed checks by area</h3>{picture}<p class=\"soft\">{high} of them high.</p></section>"
    )
}

fn frameworks(record: &Record) -> String {
    if record.frameworks.is_empty() {
        return String::new();
    }
    let head = "<h2>Frameworks</h2><table><thead><tr><th>framework</th><th class=\"number\">of decided</th>\
                <th>requirements</th></tr></thead><tbody>";
    let rows: String = record.frameworks.iter().map(framework).collect();
    let legend: String = STATUSES
        .iter()
        .map(|(status, colour)| format!("{} {} &#160; ", picture::swatch(colour), status.as_str()))
        .collect();
    format!("{head}{rows}</tbody></table><p class=\"soft\">{legend}</p>\n")
}

fn framework(own: &Scored) -> String {
    let count = |name: &str| own.counts.get(name).copied().unwrap_or(0);
    let parts: Vec<_> =
        STATUSES.iter().map(|(status, colour)| (*colour, status.as_str(), count(status.as_str()))).collect();
    let said: Vec<_> = parts
        .iter()
        .filter(|(.., count)| *count > 0)
        .map(|(_, name, count)| format!("{count} {name}"))
        .collect();
    let said = said.join(", ");
    format!(
        "<tr><td><b>{}</b> {}<br/><span class=\"soft\">{}</span></td><td class=\"number\">{}</td><td>{}<br/>\
         <span class=\"soft\">{}</span></td></tr>",
        escaped(&own.id),
        escaped(&own.version),
        escaped(&own.title),
        percent(own.ratio_of_decided),
        picture::bar(&parts, &said),
        escaped(&said)
    )
}

fn checks(head: &str, all: &[&Checked]) -> String {
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
    let line = |flaw: &&super::record::Seen| {
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

fn rest(record: &Record) -> String {
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

fn requirements(own: &Scored) -> String {
    let rows: String = own
        .requirements
        .iter()
        .map(|known| {
            let grade = known.grade.map_or("", |grade| grade.as_str());
            format!(
                "<tr><td><code>{}</code></td><td>{}</td><td class=\"soft\">{grade}</td></tr>",
                escaped(&known.id),
                known.status.as_str()
            )
        })
        .collect();
    format!(
        "<h2>{} {}</h2><p>{}</p><p class=\"soft\">Mapping: {}</p><details><summary>{} requirements</summary><table><thead><tr>\
         <th>requirement</th><th>status</th><th>grade of the mapping</th></tr></thead><tbody>{rows}</tbody></table></details>\n",
        escaped(&own.title),
        escaped(&own.version),
        escaped(&own.about),
        escaped(&own.sources.join("; ")),
        own.requirements.len()
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::record;
    use super::*;

    fn page() -> String {
        let (old, new) = (record(), record());
        let mut old = old;
        old.checks[0].verdict = Verdict::Pass;
        html(&new, Some(&Drift::between(&old, &new)))
    }

    #[test]
    fn no_text_becomes_markup() {
        let page = page();
        assert!(page.contains("Audit of web&lt;1&gt;") && !page.contains("web<1>"));
        assert!(page.contains("yes &lt;b&gt;&amp;&quot;&#39;") && page.contains("Bench &amp; Mark"));
        assert!(!page.contains('\u{1b}'));
    }

    /// Well-formed, so every element that was opened is closed in its order, and nothing is fetched.
    #[test]
    fn the_page_is_well_formed_and_needs_nothing_else() {
        let page = page();
        for outside in ["http://", "https://", "src=", "<script", "<link", "@import", "url("] {
            assert!(!page.contains(outside), "{outside}");
        }
        let body = &page[page.find("<body>").unwrap()..page.find("</html>").unwrap()];
        let mut reader = quick_xml::Reader::from_str(body);
        reader.config_mut().check_end_names = true;
        let mut open = 0;
        loop {
            match reader.read_event().unwrap() {
                quick_xml::events::Event::Start(_) => open += 1,
                quick_xml::events::Event::End(_) => open -= 1,
                quick_xml::events::Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(open, 0);
    }

    #[test]
    fn what_matters_is_said() {
        let page = page();
        for said in [
            "1 checks got worse",
            "50 %",
            "no mount at /home",
            "ops until 2027-01-01",
            "5.1.20",
            "level strict, profile web-server",
            "passed as far as a host can tell",
        ] {
            assert!(page.contains(said), "{said}");
        }
    }
}
