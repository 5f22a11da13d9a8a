//! An alert with all that is known around it.

use super::moment::Moment;
use super::{bundle, changes, find, rule, unusual};
use crate::cli::chart::{self, Pen};
use crate::cli::output::{field, items};
use crate::cli::{Common, Failure, baseline, daemon};
use serde_json::{Value, json};

/// Asks for everything.
pub fn gather(common: &Common, incidents: &Value, alert: &Value) -> Result<Value, Failure> {
    let moment = Moment::of(alert);
    let of = field(&alert["labels"], "incident");
    let outbox = daemon::get(common, "outbox")?;
    let artifact = items(&outbox, "artifacts").iter().find(|own| own["alert"] == alert["id"]);
    Ok(json!({
        "alert": alert,
        "conditions": rule::conditions(common, alert, moment),
        "incident": find(incidents, &of).unwrap_or(&Value::Null),
        "unusual": unusual::ranked(incidents, moment),
        "changes": changes::found(common, moment)?,
        "evidence": bundle::of(common, alert)?,
        "artifact": artifact.unwrap_or(&Value::Null),
    }))
}

/// As text.
pub fn text(explained: &Value) -> String {
    let alert = &explained["alert"];
    let mut out = format!(
        "alert {} ({}) since {}\n",
        field(alert, "name"),
        field(alert, "state"),
        field(alert, "activeAt")
    );
    out += &format!("  {}\n  {}\n", field(&alert["annotations"], "summary"), field(alert, "expr"));
    out += &rule::text(items(explained, "conditions"), chart::width(), Pen::of_locale());
    for seen in items(alert, "evidence") {
        out += &format!("  {} = {}{}\n", field(seen, "series"), field(seen, "value"), usual(seen));
    }
    out += &unusual::text(items(explained, "unusual"));
    out += &changes::text(items(explained, "changes"));
    out += &bundle::text(&explained["evidence"]);
    let artifact = &explained["artifact"];
    if artifact.is_null() {
        return out + "no script answers it\n";
    }
    out + &format!(
        "script of {}: hostward outbox show {}\n",
        field(artifact, "playbook"),
        field(artifact, "id")
    )
}

fn usual(seen: &Value) -> String {
    if seen["band"].is_null() {
        return String::new();
    }
    format!(", expected {}, usual {}", baseline::brief(&seen["expected"]), baseline::band(&seen["band"]))
}
