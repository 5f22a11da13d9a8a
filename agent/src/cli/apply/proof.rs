//! Whether what was applied without a person helped: it stands when its alert is over in time, and is undone otherwise.
//!
//! Who waits may be killed, and the power may go: then the timer that was armed before anything changed undoes it, or the boot
//! does. So it stands only if it was seen to help.

use super::said::said;
use super::script::fetch;
use super::vault::Place;
use crate::apply::Entry;
use crate::cli::output::message;
use crate::cli::{Common, Failure, Found, Outcome, daemon, verify};
use crate::clock;
use crate::outbox::Stage;
use serde_json::json;
use std::thread;
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Waits until it helped, or its time is over.
pub fn awaited(common: &Common, place: &Place, id: &str) -> Outcome {
    loop {
        let Some(entry) = place.on_trial(common)?.filter(|entry| entry.id == id) else {
            return Ok(overtaken(common, id));
        };
        // Whoever was at it is gone, and left it half done.
        if entry.stage != Stage::Applied {
            return undone(common, place, &entry, "it was broken off");
        }
        match verify::seen(common, id) {
            Ok((true, saw)) => {
                place.stands(common, id, &saw)?;
                message(&format!("{id} helped, and stands: {saw}"));
                return Ok(Found::Well);
            }
            Ok((false, why)) | Err(Failure::Usage(why) | Failure::Failed(why)) if is_over(&entry) => {
                return undone(common, place, &entry, &format!("it did not help in time: {why}"));
            }
            _ => thread::sleep(LOOK_EVERY),
        }
    }
}

fn is_over(entry: &Entry) -> bool {
    entry.confirm_by_ms.is_none_or(|by_ms| clock::now().wall_ms >= by_ms)
}

fn undone(common: &Common, place: &Place, entry: &Entry, why: &str) -> Outcome {
    Ok(match place.unhelpful(common, &entry.id, why)? {
        Some(outcome) => {
            wake(common, &entry.id);
            said(common, &entry.id, &outcome)
        }
        None => overtaken(common, &entry.id),
    })
}

fn overtaken(common: &Common, id: &str) -> Found {
    message(&format!("{id} is not on trial any more: somebody, or its timer, was first"));
    wake(common, id);
    Found::Wrong
}

/// Ends the quiet around an alert that is not over: people are told now.
pub fn wake(common: &Common, id: &str) {
    let Ok((artifact, _)) = fetch(common, id) else { return };
    let seen = json!({ "comment": format!("{id} did not help"), "for": "1s" });
    // One that is over in the end wakes nobody.
    let _ = daemon::post(common, &format!("alerts/{}/acknowledge", artifact.alert), &seen);
}
