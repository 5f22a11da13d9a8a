//! `hostward status`: how the daemon and the host are.

use super::output::{field, items, table};
use super::{Common, Found, Outcome, daemon, output};
use serde_json::Value;

/// How many unusual series are named; the strongest come first.
const UNUSUAL_SHOWN: usize = 5;

/// Shows the daemon's word; alerts that fire are something wrong with the host.
pub fn act(common: &Common) -> Outcome {
    let status = daemon::get(common, "status")?;
    output::either(common.format, &status, show);
    let firing = status["engine"]["firing"].as_u64().unwrap_or(0);
    Ok(if firing > 0 { Found::Wrong } else { Found::Well })
}

fn show(status: &Value) -> String {
    let engine = &status["engine"];
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let mut rows = vec![
        row(
            "hostward",
            format!(
                "{} (pid {}), since {}",
                field(status, "version"),
                status["pid"],
                field(status, "started")
            ),
        ),
        row("metrics", field(status, "metrics")),
        row("state", field(status, "stateDir") + writable(status)),
        row("config", config(status)),
        row("ticks", format!("{}, {} missed", status["ticks"], status["ticksMissed"])),
        row("series", format!("{} ({} bytes of history)", engine["series"], engine["historyBytes"])),
        row("rules", field(engine, "rules")),
        row("alerts", format!("{} firing, {} pending", engine["firing"], engine["pending"])),
    ];
    let anomalies = items(engine, "anomalies");
    for anomaly in anomalies.iter().take(UNUSUAL_SHOWN) {
        let (series, since) = (field(&anomaly["evidence"], "series"), field(anomaly, "since"));
        rows.push(row("unusual", format!("{series} since {since}")));
    }
    if let Some(more) = anomalies.len().checked_sub(UNUSUAL_SHOWN).filter(|more| *more > 0) {
        rows.push(row("", format!("and {more} more: hostward query hostward_anomaly_confidence")));
    }
    table(&rows)
}

fn writable(status: &Value) -> &'static str {
    if status["storeWritable"] == false {
        " (CANNOT BE WRITTEN: changes of alerts are held back)"
    } else {
        ""
    }
}

fn config(status: &Value) -> String {
    let files: Vec<_> = items(status, "config").iter().filter_map(Value::as_str).collect();
    let files = if files.is_empty() { "none, all defaults".to_owned() } else { files.join(", ") };
    let refused = status["configLoaded"] == false;
    files + if refused { " (THE FILES ON DISK HAVE ERRORS: see hostward check-config)" } else { "" }
}
