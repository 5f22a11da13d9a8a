//! `hostward apply --allowed`: what the administrator allowed by name, applied without anybody's approval.
//!
//! The daemon has no say in it: which fixes, how often, and what their scripts do is read and rendered here, by root, from
//! root's own files. What the daemon wrote has to be the same to the byte but for what its head tells people.

use super::said::said;
use super::script::fetch;
use super::{proof, vault::Place};
use crate::apply::{Order, Outcome as Applied};
use crate::cli::output::{items, message};
use crate::cli::{Common, Failure, Found, Outcome, daemon, outbox};
use crate::config::{self, Config, Outbox};
use crate::outbox::{Artifact, Kind, Stage};
use crate::{clock, mend};
use hostward_harden::fix::{Cause, Language, Library};
use serde_json::json;

const HOUR_MS: i64 = 3_600_000;
/// Nobody is woken by the alert as long as it is on trial, and so much longer: for the look at the end, and for undoing it.
const QUIET_MORE_S: u64 = 60;
const WORKFLOW: &str = "auto-mend";

/// What one call goes by.
struct Round<'a> {
    common: &'a Common,
    place: &'a Place,
    confined: bool,
    library: Library,
    bounds: Outbox,
}

/// Goes on with what is on trial, then applies what is allowed, the oldest first and one at a time: the effect of each is seen
/// before the next.
pub fn act(common: &Common, place: &Place, confined: bool) -> Outcome {
    place.tell(common)?;
    let mut found = match place.on_trial(common)? {
        Some(entry) => proof::awaited(common, place, &entry.id)?,
        None => Found::Well,
    };
    let loaded = Config::load(&config::paths(common.config.as_deref()));
    let bounds = loaded.map_err(|error| Failure::Usage(error.to_string()))?.config.outbox;
    if bounds.auto.is_empty() {
        message("outbox.auto allows nothing");
        return Ok(found);
    }
    let library = mend::library().map_err(Failure::Usage)?;
    let round = Round { common, place, confined, library, bounds };
    while let Some(artifact) = round.next()? {
        place.check_turn(common)?;
        if place.begun_since(common, clock::now().wall_ms - HOUR_MS)? >= round.bounds.auto_per_hour_max {
            message(&format!("{} waits for a person: outbox.auto_per_hour_max is reached", artifact.id));
            return Ok(Found::Wrong);
        }
        if round.go(&artifact)? == Found::Wrong {
            found = Found::Wrong;
        }
    }
    Ok(found)
}

impl Round<'_> {
    /// The oldest that waits for an alert and is allowed.
    fn next(&self) -> Result<Option<Artifact>, Failure> {
        let all = daemon::get(self.common, "outbox")?;
        // The newest come first.
        for value in items(&all, "artifacts").iter().rev() {
            let Ok(artifact) = serde_json::from_value::<Artifact>(value.clone()) else { continue };
            let waits =
                artifact.state == Stage::Proposed && artifact.kind == Kind::Fix && !artifact.alert.is_empty();
            if !waits || !self.bounds.auto.contains(&artifact.playbook) {
                continue;
            }
            let script = fetch(self.common, &artifact.id)?.1;
            match may(&self.library, &artifact, &script) {
                Ok(()) => return Ok(Some(artifact)),
                Err(why) => message(&format!("{} is for a person: {why}", artifact.id)),
            }
        }
        Ok(None)
    }

    /// Approved in the administrator's name, watched by a workflow, and quiet for as long as it is on trial.
    fn go(&self, artifact: &Artifact) -> Outcome {
        let (common, id) = (self.common, artifact.id.as_str());
        outbox::approve(common, id, "outbox.auto allows it by name")?;
        daemon::post(common, "workflows", &json!({ "workflow": WORKFLOW, "inputs": { "artifact": id } }))?;
        let quiet = format!("{}s", self.bounds.auto_wait.duration().as_secs() + QUIET_MORE_S);
        let seen = json!({ "comment": format!("{id} is being applied"), "for": quiet });
        // An alert that is over already needs no quiet.
        let _ = daemon::post(common, &format!("alerts/{}/acknowledge", artifact.alert), &seen);
        // Read again, as it is approved now, and judged again: what runs is what was judged.
        let (artifact, script) = fetch(common, id)?;
        may(&self.library, &artifact, &script).map_err(Failure::Failed)?;
        match self.place.run(common, &self.order(&artifact, &script)) {
            Ok(Applied::Done { .. }) => proof::awaited(common, self.place, id),
            Ok(outcome) => {
                proof::wake(common, id);
                Ok(said(common, id, &outcome))
            }
            Err(failure) => {
                let (Failure::Usage(why) | Failure::Failed(why)) = &failure;
                outbox::reject(common, id, why)?;
                proof::wake(common, id);
                Err(failure)
            }
        }
    }

    fn order<'a>(&self, artifact: &'a Artifact, script: &'a str) -> Order<'a> {
        Order {
            artifact,
            script: script.as_bytes(),
            window: self.bounds.auto_wait.duration(),
            by_itself: true,
            after_failures: false,
            confined: self.confined,
        }
    }
}

/// Why it may not be applied without a person.
fn may(library: &Library, artifact: &Artifact, script: &str) -> Result<(), String> {
    let fix = library.get(&artifact.playbook).ok_or("there is no such fix")?;
    if !fix.reversible || fix.only_tells() {
        return Err(format!("{} cannot be undone without a trace, or changes nothing", fix.name));
    }
    if fix.can_lock_out {
        return Err(format!("{} can lock people out", fix.name));
    }
    let cause = Cause { id: artifact.id.clone(), version: artifact.version.clone(), lines: Vec::new() };
    let own = fix.script(Language::Bash, &cause, &artifact.inputs).map_err(|error| error.to_string())?;
    if is_same(&own, script) {
        Ok(())
    } else {
        Err("its script is not what this hostward would write".to_owned())
    }
}

/// The same but for comments before the first line of code.
fn is_same(own: &str, script: &str) -> bool {
    let code = |text: &str| {
        let mut lines = text.split_inclusive('\n');
        let first = lines.next().unwrap_or("").to_owned();
        first + &lines.skip_while(|line| line.starts_with('#') || line.trim().is_empty()).collect::<String>()
    };
    code(own) == code(script)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hostward_harden::fix::Fix;
    use std::collections::BTreeMap;

    fn rendered(fix: &Fix, pairs: &[(&str, &str)], lines: &[(&str, &str)]) -> String {
        let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
        };
        let cause = Cause { id: "id-1".to_owned(), version: "1".to_owned(), lines: owned(lines) };
        let values: BTreeMap<_, _> = owned(pairs).into_iter().collect();
        fix.script(Language::Bash, &cause, &values).unwrap()
    }

    /// A daemon that is taken over may write what it likes above the code, and not one byte into it.
    #[test]
    fn only_the_head_may_differ() {
        let library = mend::library().unwrap();
        let fix = library.get("runaway-process").unwrap();
        let values = [("pid", "77"), ("name", "spin")];
        let own = rendered(fix, &values, &[]);
        let told = rendered(fix, &values, &[("alert", "CpuBusy"), ("summary", "a\nrm -rf /\n")]);
        assert!(is_same(&own, &told) && own != told);
        let at = told.find("set -E").unwrap();
        for evil in ["rm -rf /\n", " # x\n", "#!/bin/sh\nx\n"] {
            assert!(!is_same(&own, &format!("{}{evil}{}", &told[..at], &told[at..])), "{evil}");
        }
        assert!(!is_same(&own, &told.replace("77", "1")));
        assert!(!is_same(&own, &told.replacen("bash", "python3", 1)));
    }

    #[test]
    fn what_cannot_be_undone_or_locks_out_is_for_a_person() {
        let library = mend::library().unwrap();
        let artifact: Artifact = serde_json::from_value(json!({
            "id": "id-1", "kind": "fix", "playbook": "", "alert": "a", "alert_name": "", "fired_ms": 0, "created_ms": 0,
            "created": "", "sha256": "", "state": "proposed", "inputs": { "pid": "77", "name": "spin" }, "evidence": null,
            "host": "", "version": "1",
        }))
        .unwrap();
        let of = |fix: &str| Artifact { playbook: fix.to_owned(), ..artifact.clone() };
        let why = |fix: &str| may(&library, &of(fix), "").unwrap_err();
        assert!(why("full-filesystem").contains("without a trace"));
        assert!(why("weak-ssh").contains("lock people out"));
        assert!(why("sql-injection").contains("changes nothing"));
        assert!(why("runaway-process").contains("not what this hostward"));
        let fix = library.get("runaway-process").unwrap();
        let script = rendered(fix, &[("pid", "77"), ("name", "spin")], &[]);
        assert_eq!(may(&library, &of("runaway-process"), &script), Ok(()));
    }
}
