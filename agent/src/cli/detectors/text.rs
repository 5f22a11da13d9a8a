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
        "created": rfc3339(own.created_ms),
        "training": own.training.as_ref().map(|own| json!({
            "at": rfc3339(own.at_ms), "file": own.file, "values": own.values, "learntBytes": own.learnt.len() / 4 * 3,
        })),
    })
}

/// One line for each.
pub fn all(all: &[NamedDetector]) -> String {
    let row = |own: &NamedDetector| {
        let values =
            own.training.as_ref().map_or("not trained".to_owned(), |own| format!("{} values", own.values));
        vec![own.name.clone(), format!("level {}", own.level), values, visible(&own.about)]
    };
    table(&all.iter().map(row).collect::<Vec<_>>())
}

/// One of them.
pub fn one(own: &NamedDetector) -> String {
    let trained = own.training.as_ref().map_or("never".to_owned(), |own| {
        format!(
            "{} on {}; {} values in all, {} bytes",
            rfc3339(own.at_ms),
            visible(&own.file),
            own.values,
            own.learnt.len() / 4 * 3
        )
    });
    let rows = [
        ("name", own.name.clone()),
        ("about", visible(&own.about)),
        ("level", own.level.to_string()),
        ("created", rfc3339(own.created_ms)),
        ("trained", trained),
    ];
    table(&rows.map(|(name, value)| vec![name.to_owned(), value]))
}
