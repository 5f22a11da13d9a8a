//! From what is wrong to a script that mends it: finds the fix, renders it, fills the outbox.

use crate::catalogue;
use crate::outbox::{Answered, Kind, Outbox, Outcome, Proposal};
use hostward_engine::Alert;
use hostward_harden::fix::{Cause, Language, Library};
use std::collections::BTreeMap;
use std::path::Path;

/// A fix that somebody wants.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Its name.
    pub fix: String,
    /// What it is given.
    pub values: BTreeMap<String, String>,
    /// What it answers.
    pub answers: Answered,
    /// Who wants it.
    pub by: String,
    /// For the head of the script: what was found.
    pub about: Vec<(String, String)>,
}

/// Where and when.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// Now, wall clock.
    pub at_ms: i64,
    /// Name of this host.
    pub host: &'a str,
}

/// All fixes: ours, and the administrator's.
pub fn library() -> Result<Library, String> {
    catalogue::fixes(Path::new(catalogue::DIRECTORY))
}

/// What answers a firing alert by itself; none where a person would have to say more, or nothing would be changed.
pub fn for_alert(library: &Library, alert: &Alert) -> Option<Wanted> {
    let labels = alert.labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let choice = library.for_alert(&alert.name, &labels)?;
    let is_whole =
        choice.fix.inputs().iter().all(|own| !own.required || choice.values.contains_key(&own.name));
    (is_whole && !choice.fix.only_tells()).then_some(Wanted {
        fix: choice.fix.name.clone(),
        values: choice.values,
        answers: Answered::alert(alert)?,
        by: "hostward".to_owned(),
        about: vec![
            ("alert".to_owned(), alert.name.clone()),
            ("summary".to_owned(), alert.annotations.get("summary").to_owned()),
        ],
    })
}

/// Renders the fix into the outbox.
pub fn mend(
    outbox: &mut Outbox,
    library: &Library,
    wanted: &Wanted,
    at: Occasion<'_>,
) -> Result<Outcome, String> {
    let fix = library.get(&wanted.fix).ok_or_else(|| format!("there is no fix {}", wanted.fix))?;
    let proposal = Proposal {
        answers: wanted.answers.clone(),
        kind: Kind::Fix,
        playbook: &fix.name,
        inputs: wanted.values.clone(),
        confirm: fix.can_lock_out,
        by: &wanted.by,
        evidence: None,
        at_ms: at.at_ms,
        host: at.host,
    };
    let written = outbox.propose(proposal, |id| {
        let (id, version) = (id.to_owned(), env!("CARGO_PKG_VERSION").to_owned());
        let cause = Cause { id, version, lines: wanted.about.clone() };
        fix.script(Language::Bash, &cause, &wanted.values).map_err(|error| error.to_string())
    });
    written.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::Bounds;
    use crate::state::testing::{Scratch, alert};
    use hostward_engine::State::Firing;

    const AT: Occasion<'_> = Occasion { at_ms: 1_795_234_567_891, host: "web1" };

    #[test]
    fn an_alert_that_a_fix_is_known_for_gets_one_once() {
        let scratch = Scratch::new("mend");
        let mut outbox = Outbox::open(scratch.path(), Bounds { kept_max: 5, per_hour_max: 5 }).unwrap();
        let library = library().unwrap();
        let mut alert = alert(1, Firing);
        assert!(for_alert(&library, &alert).is_none(), "nobody knows that alert");
        alert.name = "FilesystemAlmostFull".to_owned();
        let wanted = for_alert(&library, &alert).unwrap();
        let Outcome::Written { artifact, .. } = mend(&mut outbox, &library, &wanted, AT).unwrap() else {
            panic!("no script")
        };
        assert_eq!((artifact.kind, artifact.playbook.as_str()), (Kind::Fix, "full-filesystem"));
        assert!(!artifact.confirm);
        let read = std::process::Command::new("bash").arg("-n").arg(outbox.script(&artifact.id)).status();
        assert!(read.unwrap().success());
        assert_eq!(mend(&mut outbox, &library, &wanted, AT).unwrap(), Outcome::Already);
    }

    #[test]
    fn what_decides_who_gets_in_has_to_be_confirmed() {
        let library = library().unwrap();
        let doors: Vec<_> =
            library.iter().filter(|fix| fix.can_lock_out).map(|fix| fix.name.as_str()).collect();
        assert_eq!(
            doors,
            ["brute-force", "faillock", "ssh-setting", "stale-account", "sudo-log", "weak-ssh"]
        );
    }
}
