//! The evidence bundle of an alert: what the host looked like when it fired.

use crate::cli::output::field;
use crate::cli::{Common, Failure, daemon};
use crate::visible::visible;
use serde_json::{Map, Value, json};

/// The parts that are told, and how many lines of each.
const TOLD: [(&str, usize); 4] =
    [("processes", 12), ("package changes", 5), ("unit changes", 5), ("kernel messages", 5)];

/// The bundle by its sections; null when there is none.
pub fn of(common: &Common, alert: &Value) -> Result<Value, Failure> {
    let id = alert["id"].as_str().unwrap_or("");
    let found = daemon::get(common, &format!("alerts/{id}/evidence"))?;
    let Some(text) = found["text"].as_str() else { return Ok(Value::Null) };
    Ok(json!({ "path": found["path"], "sections": sections(text) }))
}

fn sections(text: &str) -> Map<String, Value> {
    let mut sections = Map::new();
    let mut title = None;
    for line in text.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("== ").and_then(|rest| rest.strip_suffix(" ==")) {
            Some(next) => title = Some(next.to_owned()),
            None => {
                let Some(title) = &title else { continue };
                let lines = sections.entry(title.clone()).or_insert_with(|| json!([]));
                if let Some(lines) = lines.as_array_mut() {
                    lines.push(line.into());
                }
            }
        }
    }
    sections
}

/// As lines.
pub fn text(bundle: &Value) -> String {
    if bundle.is_null() {
        return "no evidence bundle was written for it\n".to_owned();
    }
    let mut out = String::new();
    for (title, lines_max) in TOLD {
        let lines = bundle["sections"][title].as_array().map_or(&[][..], Vec::as_slice);
        if !lines.is_empty() {
            out += &format!("{title} then\n");
        }
        let shown = lines.iter().take(lines_max).filter_map(Value::as_str);
        out.extend(shown.map(|line| format!("  {}\n", visible(line))));
    }
    out + &format!("all evidence: {}\n", field(bundle, "path"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_told_by_its_sections() {
        let bundle = "evidence of 2026\n\n== processes ==\n1 init\n2 \u{1b}[2Jx\n\n== sockets ==\ntcp\n";
        let bundle = json!({ "path": "/e/a.txt", "sections": sections(bundle) });
        assert_eq!(bundle["sections"]["sockets"], json!(["tcp"]));
        let told = "processes then\n  1 init\n  2 \\u{1b}[2Jx\nall evidence: /e/a.txt\n";
        assert_eq!(text(&bundle), told);
    }
}
