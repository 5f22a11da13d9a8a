//! Detectors for people, and for programs.

use super::super::output::table;
use crate::state::NamedDetector;
use crate::visible::visible;
use hostward_model::time::rfc3339;
use serde_json::{Value, json};

/// Everything but the bytes of what it learnt.
pub fn value(own: &NamedDetector) -> Value {
    json!({
        "name": own.name,
        "about": own.about,
        "level": own.level,
        "rate": own.rate,
        "created": rfc3339(own.created_ms),
        "training": own.training.as_ref().map(|own| json!({
            "at": rfc3339(own.at_ms), "file": own.file, "values": own.values, "until": own.newest_ms.map(rfc3339),
            "learntBytes": own.learnt.len() / 4 * 3,
        })),
    })
}

/// One line for each.
pub fn all(all: &[NamedDetector]) -> String {
    let row = |own: &NamedDetector| {
        let values =
            own.training.as_ref().map_or("not trained".to_owned(), |own| format!("{} values", own.values));
        let by = if own.rate { ", by rate" } else { "" };
        vec![own.name.clone(), format!("level {}{by}", own.level), values, visible(&own.about)]
    };
    table(&all.iter().map(row).collect::<Vec<_>>())
}

/// One of them.
pub fn one(own: &NamedDetector) -> String {
    let trained = own.training.as_ref().map_or("never".to_owned(), |own| {
        format!(
            "{} on {}; {} values in all, up to {}; {} bytes",
            rfc3339(own.at_ms),
            visible(&own.file),
            own.values,
            own.newest_ms.map_or("-".to_owned(), rfc3339),
            own.learnt.len() / 4 * 3
        )
    });
    let rows = [
        ("name", own.name.clone()),
        ("about", visible(&own.about)),
        ("level", own.level.to_string()),
        (
            "values",
            if own.rate { "of a counter, judged by its rate" } else { "judged as they come" }.to_owned(),
        ),
        ("created", rfc3339(own.created_ms)),
        ("trained", trained),
    ];
    table(&rows.map(|(name, value)| vec![name.to_owned(), value]))
}
