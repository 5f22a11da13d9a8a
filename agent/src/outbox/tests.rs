//! Alerts in, files out.

use super::*;
use crate::state::testing::{Scratch, alert};
use hostward_engine::Alert;
use hostward_engine::State::{Firing, Pending};
use std::collections::BTreeMap;

const NOW_MS: i64 = 1_795_234_567_891;
const BOUNDS: Bounds = Bounds { kept_max: 3, per_hour_max: 100 };

fn propose(outbox: &mut Outbox, n: u64, at_ms: i64) -> Outcome {
    let mut alert = alert(n, Firing);
    alert.fired_ms = Some(at_ms);
    outbox.propose(proposal(&alert, at_ms), |id| Ok(format!("echo {id}\n"))).unwrap()
}

fn proposal(alert: &Alert, at_ms: i64) -> Proposal<'_> {
    let inputs = BTreeMap::from([("mountpoint".to_owned(), "/srv\n'x".to_owned())]);
    Proposal {
        answers: Answered::alert(alert).unwrap(),
        kind: Kind::Diagnostic,
        playbook: "disk-full",
        inputs,
        confirm: false,
        by: "hostward",
        evidence: None,
        at_ms,
        host: "web1",
    }
}

fn written(outcome: Outcome) -> (Artifact, Vec<String>) {
    match outcome {
        Outcome::Written { artifact, dropped } => (*artifact, dropped),
        other => panic!("{other:?}"),
    }
}

fn names(outbox: &Outbox) -> Vec<String> {
    let paths = [durable::files(&outbox.dir, "").unwrap()].concat();
    paths.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_script_and_its_metadata_are_kept_and_found_again() {
    let scratch = Scratch::new("outbox");
    let mut outbox = Outbox::open(scratch.path(), BOUNDS).unwrap();
    let (artifact, dropped) = written(propose(&mut outbox, 1, NOW_MS));
    let short = &alert(1, Firing).id[..8];
    assert_eq!((artifact.id.as_str(), dropped.len()), (format!("20261121T041607Z-{short}-1").as_str(), 0));
    let script = fs::read(outbox.script(&artifact.id)).unwrap();
    assert_eq!(String::from_utf8(script).unwrap(), format!("echo {}\n", artifact.id));
    assert_eq!(artifact.created, "2026-11-21T04:16:07Z");
    let reopened = Outbox::open(scratch.path(), BOUNDS).unwrap();
    assert_eq!(reopened.artifacts(), [artifact]);
}

#[test]
fn the_digest_is_that_of_the_file() {
    let scratch = Scratch::new("digest");
    let mut outbox = Outbox::open(scratch.path(), BOUNDS).unwrap();
    let outcome = outbox.propose(proposal(&alert(1, Firing), NOW_MS), |_| Ok("abc".to_owned())).unwrap();
    assert_eq!(written(outcome).0.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn an_episode_is_answered_once_also_after_a_restart() {
    let scratch = Scratch::new("once");
    let mut outbox = Outbox::open(scratch.path(), BOUNDS).unwrap();
    written(propose(&mut outbox, 1, NOW_MS));
    assert_eq!(propose(&mut outbox, 1, NOW_MS), Outcome::Already);
    let mut outbox = Outbox::open(scratch.path(), BOUNDS).unwrap();
    assert_eq!(propose(&mut outbox, 1, NOW_MS), Outcome::Already);
    let (next, _) = written(propose(&mut outbox, 1, NOW_MS + 1));
    assert!(next.id.ends_with("-2"), "same second, another episode: {}", next.id);
    assert!(Answered::alert(&alert(9, Pending)).is_none(), "what does not fire is not answered");
}

#[test]
fn the_oldest_go() {
    let scratch = Scratch::new("kept");
    let mut outbox = Outbox::open(scratch.path(), BOUNDS).unwrap();
    let ids: Vec<String> =
        (0..3).map(|n| written(propose(&mut outbox, n, NOW_MS + n as i64 * 1000)).0.id).collect();
    let (_, dropped) = written(propose(&mut outbox, 3, NOW_MS + 3000));
    assert_eq!(dropped, ids[..1]);
    assert_eq!((outbox.artifacts().len(), names(&outbox).len()), (3, 6));
}

#[test]
fn a_flood_is_bounded_per_hour() {
    let scratch = Scratch::new("rate");
    let mut outbox = Outbox::open(scratch.path(), Bounds { kept_max: 10, per_hour_max: 2 }).unwrap();
    written(propose(&mut outbox, 1, NOW_MS));
    written(propose(&mut outbox, 2, NOW_MS + 1));
    assert_eq!(propose(&mut outbox, 3, NOW_MS + HOUR_MS), Outcome::TooMany);
    written(propose(&mut outbox, 3, NOW_MS + HOUR_MS + 1));
    let mut outbox = Outbox::open(scratch.path(), outbox.bounds).unwrap();
    assert_eq!(propose(&mut outbox, 4, NOW_MS + HOUR_MS + 1), Outcome::TooMany);
}

#[test]
fn a_refused_rendering_leaves_nothing() {
    let scratch = Scratch::new("refused");
    let mut outbox = Outbox::open(scratch.path(), BOUNDS).unwrap();
    let error = outbox.propose(proposal(&alert(1, Firing), NOW_MS), |_| Err("mountpoint: no".to_owned()));
    assert_eq!(error.unwrap_err().to_string(), "playbook not rendered: mountpoint: no");
    assert_eq!((names(&outbox).len(), outbox.artifacts().len()), (0, 0));
}

#[test]
fn what_an_interruption_leaves_is_cleared() {
    let scratch = Scratch::new("cut");
    let dir = scratch.path().join("outbox");
    fs::create_dir(&dir).unwrap();
    for (name, text) in [
        ("a.json", "{\"id\":"),
        ("a.sh", "kept beside its damaged description"),
        ("b.sh", "never described"),
        ("c.json.unfinished", "half"),
    ] {
        fs::write(dir.join(name), text).unwrap();
    }
    let outbox = Outbox::open(scratch.path(), BOUNDS).unwrap();
    assert_eq!(names(&outbox), ["a.damaged", "a.sh"]);
    assert_eq!(outbox.artifacts(), []);
}

fn asked(artifact: &Artifact, stage: Stage, by: &str) -> Asked {
    let (comment, sha256) = ("read it".to_owned(), artifact.sha256.clone());
    let step = Step { stage, at_ms: NOW_MS, by: by.to_owned(), comment, sha256, diff_sha256: None };
    Asked { id: artifact.id.clone(), step, four_eyes: true }
}

fn take(outbox: &mut Outbox, asked: &Asked) -> Result<Stage, String> {
    let artifact = outbox.consider(asked).map_err(|error| error.to_string())?;
    let stage = artifact.state;
    outbox.take(artifact).map_err(|error| error.to_string())?;
    Ok(stage)
}

#[test]
fn steps_follow_each_other_and_are_found_again() {
    let scratch = Scratch::new("steps");
    let mut outbox = Outbox::open(scratch.path(), BOUNDS).unwrap();
    let (own, _) = written(propose(&mut outbox, 1, NOW_MS));
    let refusals = [
        (asked(&own, Stage::Applied, "root"), "it is proposed, and that does not follow"),
        (
            asked(&own, Stage::Approved, "hostward"),
            "who proposed it cannot approve it alone (outbox.four_eyes)",
        ),
        (
            asked(&Artifact { id: "x".to_owned(), ..own.clone() }, Stage::Approved, "ann"),
            "there is no such script in the outbox",
        ),
        (
            asked(&Artifact { sha256: "0".to_owned(), ..own.clone() }, Stage::Approved, "ann"),
            "it was given for another script than the one that is there",
        ),
    ];
    for (step, why) in refusals {
        assert_eq!(take(&mut outbox, &step).unwrap_err(), why);
    }
    for (stage, by) in [(Stage::Approved, "ann"), (Stage::Applied, "root"), (Stage::Confirmed, "root")] {
        assert_eq!(take(&mut outbox, &asked(&own, stage, by)), Ok(stage));
    }
    let reopened = Outbox::open(scratch.path(), BOUNDS).unwrap();
    let kept = &reopened.artifacts()[0];
    assert_eq!((kept.state, kept.approval().map(|step| step.by.as_str())), (Stage::Confirmed, Some("ann")));
}
