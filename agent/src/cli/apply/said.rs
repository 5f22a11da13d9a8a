//! How it went, for people and programs.

use crate::apply::Outcome as Applied;
use crate::cli::{Common, Found, output};
use crate::outbox::Stage;
use hostward_model::time;
use serde_json::json;

/// Says how it went.
pub fn said(common: &Common, id: &str, outcome: &Applied) -> Found {
    let (stage, reason, confirm_by_ms) = match outcome {
        Applied::Done { confirm_by_ms: Some(by_ms) } => (Stage::Applied, "", Some(*by_ms)),
        Applied::Done { confirm_by_ms: None } => (Stage::Confirmed, "", None),
        Applied::Undone(reason) => (Stage::RolledBack, reason.as_str(), None),
        Applied::Stuck(reason) => (Stage::Stuck, reason.as_str(), None),
    };
    let by = confirm_by_ms.map(time::rfc3339);
    let value = json!({ "id": id, "stage": stage, "reason": reason, "confirmBy": by });
    output::either(common.format, &value, |_| match (stage, &by) {
        (Stage::Applied, Some(by)) => {
            format!(
                "{id} is applied. Log in anew, and if you can: hostward confirm {id}\nIt is undone at {by} otherwise.\n"
            )
        }
        (Stage::Confirmed, _) => format!("{id} is applied\n"),
        (Stage::Stuck, _) => format!("{id} could not be undone: {reason}\nWhat it saved is in the vault.\n"),
        _ => format!("{id} is undone: {reason}\n"),
    });
    if matches!(outcome, Applied::Done { .. }) { Found::Well } else { Found::Wrong }
}
