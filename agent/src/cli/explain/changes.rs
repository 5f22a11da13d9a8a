//! What changed on the host in the hour before an alert: files, packages, units, logins, the kernel.

use super::moment::Moment;
use crate::cli::output::{field, items};
use crate::cli::{Common, Failure, daemon};
use crate::percent::encode;
use crate::visible::visible;
use hostward_model::number;
use serde_json::{Value, json};

/// What is looked for, and how what has it is found.
const LOOKS: [(&str, &str); 8] = [
    ("file changed", "hostward_file_changed_timestamp_seconds > time() - 3600"),
    ("updates pending", "hostward_packages_pending and changes(hostward_packages_pending[1h]) > 0"),
    ("package lists fetched", "hostward_package_lists_update_timestamp_seconds > time() - 3600"),
    ("unit started again", "increase(hostward_unit_restarts_total[1h]) > 0"),
    ("unit failed", "hostward_unit_failed unless hostward_unit_failed offset 1h"),
    ("logins", "sum by (service, method, result) (increase(hostward_logins_total[1h])) > 0"),
    ("restart is due", "hostward_reboot_required == 1 unless hostward_reboot_required offset 1h == 1"),
    ("host started", "node_boot_time_seconds > time() - 3600"),
];
/// Series of each that are told.
const SERIES_MAX: usize = 5;

/// What is found, as the history of series has it.
pub fn found(common: &Common, moment: Moment) -> Result<Vec<Value>, Failure> {
    let mut found = Vec::new();
    for (what, query) in LOOKS {
        let path = format!("query?query={}&time={}", encode(query), moment.active);
        let answer = daemon::get(common, &path)?;
        let series = items(&answer, "result").iter().take(SERIES_MAX);
        found.extend(
            series.map(|own| json!({ "what": what, "labels": own["metric"], "value": own["value"][1] })),
        );
    }
    Ok(found)
}

/// As lines.
pub fn text(changes: &[Value]) -> String {
    if changes.is_empty() {
        return "no change of files, packages, units or logins is seen in the hour before\n".to_owned();
    }
    format!("changed in the hour before\n{}", changes.iter().map(line).collect::<String>())
}

fn line(own: &Value) -> String {
    let labels = own["labels"].as_object().into_iter().flatten().filter(|(name, _)| *name != "__name__");
    let labels: Vec<_> = labels.map(|(_, value)| visible(value.as_str().unwrap_or(""))).collect();
    let value = own["value"].as_str().and_then(|text| text.parse().ok()).map_or_else(String::new, shown);
    format!("  {}: {}{value}\n", field(own, "what"), labels.join(" "))
}

/// Counts are told, times and marks are not.
fn shown(value: f64) -> String {
    if value <= 1.0 || value > 1e9 { String::new() } else { format!(" ({})", number::brief(value)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hostward_engine::promql::Expr;

    #[test]
    fn each_look_is_an_expression() {
        for (what, query) in LOOKS {
            assert!(Expr::parse(query).is_ok_and(|expr| expr.unfit_for_rule().is_none()), "{what}");
        }
    }

    #[test]
    fn changes_are_lines() {
        let login = json!({ "what": "logins", "labels": { "method": "password", "result": "failed" }, "value": "12" });
        let file =
            json!({ "what": "file changed", "labels": { "file": "/etc/a\u{1b}" }, "value": "1750000000" });
        let told =
            "changed in the hour before\n  logins: password failed (12)\n  file changed: /etc/a\\u{1b}\n";
        assert_eq!(text(&[login, file]), told);
    }
}
