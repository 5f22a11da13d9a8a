//! Scripts that keep the contract, and some that do not, against a scratch vault.

use super::*;
use crate::outbox::{Kind, Step, sha256};
use crate::state::testing::Scratch;
use std::fs;

/// Sets a file to "new", and can go back. `broken` is a word that goes wrong.
fn script(file: &Path, broken: &str) -> String {
    let file = file.display();
    format!(
        r#"#!/bin/bash
set -Eeuo pipefail
saved="$HOSTWARD_UNDO_DIR/saved"
[ "$1" != --{broken} ] || {{ echo "no way" >&2; exit 4; }}
case "$1" in
--dry-run) diff -u "{file}" - <<<new || true ;;
--apply) mkdir -p "$HOSTWARD_UNDO_DIR"; cp -p "{file}" "$saved"; echo new >"{file}" ;;
--verify) grep -qx new "{file}" ;;
--rollback) cp -p "$saved" "{file}" ;;
esac
"#
    )
}

fn artifact(script: &str, confirm: bool, diff: Option<&str>) -> Artifact {
    let approval = Step {
        stage: Stage::Approved,
        at_ms: 0,
        by: "ann".to_owned(),
        comment: String::new(),
        sha256: sha256(script.as_bytes()),
        diff_sha256: diff.map(|diff| sha256(diff.as_bytes())),
    };
    Artifact {
        id: "20261121T041607Z-abc-1".to_owned(),
        kind: Kind::Fix,
        playbook: "new".to_owned(),
        alert: String::new(),
        alert_name: String::new(),
        fired_ms: 0,
        created_ms: 0,
        created: String::new(),
        sha256: sha256(script.as_bytes()),
        state: Stage::Approved,
        confirm,
        proposed_by: "hostward".to_owned(),
        steps: vec![approval],
        finding: String::new(),
        before: String::new(),
        inputs: [].into(),
        evidence: None,
        host: "web1".to_owned(),
        version: "1".to_owned(),
    }
}

struct Ground {
    scratch: Scratch,
    file: std::path::PathBuf,
}

impl Ground {
    fn new() -> Self {
        let scratch = Scratch::new("apply");
        let file = scratch.path().join("file");
        fs::write(&file, "old\n").unwrap();
        Ground { scratch, file }
    }

    fn vault(&self) -> Vault {
        Vault::open(&self.scratch.path().join("vault")).unwrap()
    }

    fn apply(&self, artifact: &Artifact, script: &str) -> Result<Outcome, Refusal> {
        let window = Duration::from_secs(3600);
        apply(
            &self.vault(),
            &Order {
                artifact,
                script: script.as_bytes(),
                window,
                by_itself: false,
                after_failures: false,
                confined: false,
            },
        )
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.file).unwrap()
    }

    fn stage(&self) -> Stage {
        self.vault().entries().unwrap().last().unwrap().stage
    }
}

#[test]
fn what_was_approved_is_applied_and_can_be_undone() {
    let ground = Ground::new();
    let text = script(&ground.file, "never");
    let own = artifact(&text, false, None);
    assert_eq!(ground.apply(&own, &text).unwrap(), Outcome::Done { confirm_by_ms: None });
    assert_eq!((ground.text().as_str(), ground.stage()), ("new\n", Stage::Confirmed));
    let undone = rollback(&ground.vault(), &own.id, "no").unwrap();
    assert_eq!((undone, ground.text().as_str()), (Outcome::Undone("no".to_owned()), "old\n"));
    assert_eq!(ground.stage(), Stage::RolledBack);
    assert!(rollback(&ground.vault(), &own.id, "no").is_err(), "there is nothing left to undo");
}

#[test]
fn whoever_fails_at_any_step_leaves_the_host_as_it_was() {
    for (step, stage) in [("apply", Stage::Failed), ("verify", Stage::Failed), ("rollback", Stage::Confirmed)]
    {
        let ground = Ground::new();
        let text = script(&ground.file, step);
        let outcome = ground.apply(&artifact(&text, false, None), &text);
        if step == "apply" {
            // Nothing was saved, so its way back fails as well: somebody has to look.
            assert!(matches!(outcome.unwrap(), Outcome::Stuck(_)));
        } else {
            outcome.unwrap();
            assert_eq!(ground.stage(), stage, "{step}");
        }
        assert_eq!(ground.text(), if step == "rollback" { "new\n" } else { "old\n" }, "{step}");
    }
}

#[test]
fn what_was_not_approved_changes_nothing() {
    let ground = Ground::new();
    let text = script(&ground.file, "never");
    let refuse = |artifact: &Artifact, script: &str| ground.apply(artifact, script).unwrap_err().to_string();
    let own = artifact(&text, false, None);
    let proposed = Artifact { state: Stage::Proposed, ..own.clone() };
    assert!(refuse(&proposed, &text).contains("is not approved"));
    assert!(refuse(&own, &text.replace("new", "evil")).contains("not the one that was approved"));
    let diagnostic = Artifact { kind: Kind::Diagnostic, ..own.clone() };
    assert!(refuse(&diagnostic, &text).contains("only looks"));
    let other = artifact(&text, false, Some("another diff"));
    assert!(refuse(&other, &text).contains("has changed since"));
    let unwilling = script(&ground.file, "dry-run");
    assert!(refuse(&artifact(&unwilling, false, None), &unwilling).contains("needs a person: no way"));
    assert_eq!(ground.text(), "old\n");
}

#[test]
fn what_nobody_confirms_is_undone_also_when_the_power_went_in_between() {
    let ground = Ground::new();
    let text = script(&ground.file, "never");
    let own = artifact(&text, false, None);
    ground.apply(&own, &text).unwrap();
    for stage in [Stage::Applying, Stage::Applied] {
        fs::write(&ground.file, "new\n").unwrap();
        let entry = ground.vault().entry(&own.id).unwrap().unwrap();
        ground.vault().put(&entry.at(stage, "")).unwrap();
        assert!(matches!(ground.apply(&own, &text), Err(Refusal::Unconfirmed { .. })), "one at a time");
        let undone = rollback_unconfirmed(&ground.vault(), None).unwrap();
        assert_eq!((undone.len(), ground.text().as_str()), (1, "old\n"));
        assert_eq!(rollback_unconfirmed(&ground.vault(), None).unwrap(), []);
    }
}

#[test]
fn what_is_confirmed_stays() {
    let ground = Ground::new();
    let text = script(&ground.file, "never");
    let own = artifact(&text, false, None);
    ground.apply(&own, &text).unwrap();
    let entry = ground.vault().entry(&own.id).unwrap().unwrap();
    ground.vault().put(&entry.at(Stage::Applied, "")).unwrap();
    confirm(&ground.vault(), &own.id, "").unwrap();
    assert_eq!(rollback_unconfirmed(&ground.vault(), Some(&own.id)).unwrap(), []);
    assert_eq!(ground.text(), "new\n");
    assert!(confirm(&ground.vault(), &own.id, "").is_err());
}

#[test]
fn after_two_failures_somebody_has_to_look() {
    let ground = Ground::new();
    let text = script(&ground.file, "verify");
    for n in 1..=2 {
        let own = Artifact { id: format!("id-{n}"), ..artifact(&text, false, None) };
        assert!(matches!(ground.apply(&own, &text).unwrap(), Outcome::Undone(_)));
    }
    let own = artifact(&text, false, None);
    assert!(matches!(ground.apply(&own, &text), Err(Refusal::Breaker { .. })));
}

#[test]
fn two_are_not_at_work_at_once_and_a_vault_that_others_can_read_is_refused() {
    let ground = Ground::new();
    let vault = ground.vault();
    let dir = ground.scratch.path().join("vault");
    assert!(Vault::open(&dir).err().unwrap().to_string().contains("another script is being applied"));
    drop(vault);
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(Vault::open(&dir).is_err());
}

/// As if nobody had read it; no timer runs here.
fn on_trial(ground: &Ground, own: &Artifact, text: &str, stage: Stage) {
    ground.apply(own, text).unwrap();
    let entry = ground.vault().entry(&own.id).unwrap().unwrap();
    ground.vault().put(&Entry { by_itself: true, ..entry.at(stage, "") }).unwrap();
}

/// Who waited for its effect was killed, or the power went.
#[test]
fn what_nobody_read_stands_only_if_it_was_seen_to_help() {
    for stage in [Stage::Applying, Stage::Applied, Stage::Undoing] {
        let ground = Ground::new();
        let text = script(&ground.file, "never");
        on_trial(&ground, &artifact(&text, false, None), &text, stage);
        assert_eq!(rollback_unconfirmed(&ground.vault(), None).unwrap().len(), 1);
        assert_eq!((ground.text().as_str(), ground.stage()), ("old\n", Stage::Failed));
    }
}

#[test]
fn what_did_not_help_counts_as_failed() {
    let ground = Ground::new();
    let text = script(&ground.file, "never");
    for n in 1..=2 {
        let own = Artifact { id: format!("id-{n}"), ..artifact(&text, false, None) };
        on_trial(&ground, &own, &text, Stage::Applied);
        let undone = unhelpful(&ground.vault(), &own.id, "still bad").unwrap();
        assert_eq!((undone, ground.text().as_str()), (Outcome::Undone("still bad".to_owned()), "old\n"));
        assert!(unhelpful(&ground.vault(), &own.id, "again").is_err(), "it is undone once");
    }
    assert!(matches!(check_turn(&ground.vault(), false), Err(Refusal::Breaker { .. })));
}

#[test]
fn each_step_is_told_before_it_is_done() {
    let ground = Ground::new();
    let text = script(&ground.file, "verify");
    let told = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let (file, heard) = (ground.file.clone(), told.clone());
    let vault = ground.vault().telling(move |entry| {
        heard.borrow_mut().push(format!("{} {}", entry.stage, fs::read_to_string(&file).unwrap().trim()));
        entry.stage != Stage::Undoing
    });
    let own = artifact(&text, false, None);
    let window = Duration::from_secs(3600);
    let order = Order {
        artifact: &own,
        script: text.as_bytes(),
        window,
        by_itself: false,
        after_failures: false,
        confined: false,
    };
    apply(&vault, &order).unwrap();
    assert_eq!(*told.borrow(), ["applying old", "undoing new", "failed old"]);
    assert!(vault.entry(&own.id).unwrap().unwrap().told);
}
