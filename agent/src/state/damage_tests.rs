//! Files are cut and bits are flipped: the store always opens, and never returns anything but what was
//! written without saying so.

use super::Store;
use super::damage::Damage;
use super::testing::{Scratch, alert, transition};
use crate::outbox::{Artifact, Kind, Stage};
use hostward_engine::State::{Firing, Inactive, Pending};
use hostward_engine::{Alert, Transition};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const ALERTS: u64 = 12;

/// Everything that can be read from a store.
#[derive(Debug, PartialEq)]
struct Content {
    alerts: Vec<Alert>,
    transitions: Vec<Transition>,
    artifacts: Vec<Artifact>,
    snapshot: Option<Vec<u8>>,
}

fn read(store: &Store) -> Content {
    Content {
        alerts: store.open_alerts().unwrap(),
        transitions: store.transitions(usize::MAX).unwrap(),
        artifacts: store.artifacts().unwrap(),
        snapshot: store.load_snapshot().unwrap(),
    }
}

fn artifact(n: u64) -> Artifact {
    Artifact {
        id: format!("20261121T041607Z-{n}-1"),
        kind: Kind::Diagnostic,
        playbook: "disk-full".to_owned(),
        alert: alert(n, Firing).id,
        alert_name: "DiskFull".to_owned(),
        fired_ms: 7,
        created_ms: 8,
        created: String::new(),
        sha256: String::new(),
        state: Stage::Proposed,
        confirm: false,
        proposed_by: "hostward".to_owned(),
        steps: Vec::new(),
        finding: String::new(),
        before: String::new(),
        inputs: BTreeMap::new(),
        evidence: None,
        host: "web1".to_owned(),
        version: "0".to_owned(),
    }
}

/// A database and its log as a killed process leaves them: some changes in the one, some in the other.
fn killed(to: &Path) -> Content {
    let scratch = Scratch::new("killed");
    let (mut store, _) = Store::open(scratch.path()).unwrap();
    for n in 0..ALERTS {
        store.record(&[transition(n, Inactive, Pending)]).unwrap();
        store.put_artifact(&artifact(n)).unwrap();
    }
    store.save_snapshot(&[0x5a; 9000], 1).unwrap();
    store.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    for n in 0..ALERTS / 2 {
        store.record(&[transition(n, Pending, Firing)]).unwrap();
    }
    for name in ["hostward.db", "hostward.db-wal"] {
        fs::copy(scratch.path().join(name), to.join(name)).unwrap();
    }
    read(&store)
}

/// Opens the image after `harm` was done to one of its files.
fn opened(image: &Path, file: &str, harm: impl FnOnce(&mut Vec<u8>)) -> (Content, Vec<Damage>) {
    let scratch = Scratch::new("harm");
    for name in ["hostward.db", "hostward.db-wal"] {
        fs::copy(image.join(name), scratch.path().join(name)).unwrap();
    }
    let path = scratch.path().join(file);
    let mut bytes = fs::read(&path).unwrap();
    harm(&mut bytes);
    fs::write(&path, bytes).unwrap();
    let (mut store, damages) = Store::open(scratch.path()).unwrap_or_else(|error| panic!("{file}: {error}"));
    let content = read(&store);
    store.record(&[transition(99, Inactive, Firing)]).unwrap();
    let kept = damages.iter().map(|damage| Path::new(&damage.kept)).filter(|kept| kept.is_absolute());
    kept.for_each(|kept| assert!(kept.exists(), "{}", kept.display()));
    (content, damages)
}

fn length(image: &Path, file: &str) -> usize {
    fs::metadata(image.join(file)).unwrap().len() as usize
}

/// Damage that changes nothing that can be read need not be told; loss must be.
fn told_or_harmless(
    image: &Path,
    before: &Content,
    file: &str,
    what: &str,
    harm: impl FnOnce(&mut Vec<u8>),
) -> bool {
    let (after, damages) = opened(image, file, harm);
    assert!(!damages.is_empty() || after == *before, "{file}: {what} went unnoticed");
    for transition in &after.transitions {
        assert!(before.transitions.contains(transition), "{file}: {what} made up a transition");
    }
    !damages.is_empty()
}

#[test]
fn a_killed_process_loses_nothing() {
    let image = Scratch::new("image");
    let before = killed(image.path());
    let (after, damages) = opened(image.path(), "hostward.db", |_| ());
    assert_eq!((after, damages), (before, vec![]));
}

#[test]
fn flipped_bits_are_told() {
    let image = Scratch::new("image");
    let before = killed(image.path());
    for (file, step) in [("hostward.db", 199), ("hostward.db-wal", 331)] {
        let mut told = 0;
        let offsets = (0..110).chain((110..length(image.path(), file)).step_by(step));
        for offset in offsets {
            let bit = offset % 8;
            let what = format!("bit {bit} of byte {offset}");
            let flip = |bytes: &mut Vec<u8>| bytes[offset] ^= 1 << bit;
            told += usize::from(told_or_harmless(image.path(), &before, file, &what, flip));
        }
        assert!(told > 20, "{file}: only {told} cases were told; is anything looked at?");
    }
}

#[test]
fn cut_files_are_told() {
    let image = Scratch::new("image");
    let before = killed(image.path());
    let length = length(image.path(), "hostward.db");
    for cut in (0..length).step_by(1021) {
        let what = format!("a cut to {cut} bytes");
        told_or_harmless(image.path(), &before, "hostward.db", &what, |bytes| bytes.truncate(cut));
    }
}

#[test]
fn a_log_cut_short_still_gives_a_prefix() {
    let image = Scratch::new("image");
    let before = killed(image.path());
    for cut in (0..length(image.path(), "hostward.db-wal")).step_by(509) {
        let (after, _) = opened(image.path(), "hostward.db-wal", |bytes| bytes.truncate(cut));
        assert!(before.transitions.ends_with(&after.transitions), "a cut to {cut} bytes");
        assert!(after.transitions.len() >= ALERTS as usize, "a cut to {cut} bytes");
    }
}

#[test]
fn something_else_entirely_is_set_aside() {
    for rubbish in ["not a database", ""] {
        let scratch = Scratch::new("rubbish");
        fs::write(scratch.path().join("hostward.db"), rubbish.repeat(1000)).unwrap();
        let (store, damages) = Store::open(scratch.path()).unwrap();
        assert_eq!(damages.len(), usize::from(!rubbish.is_empty()));
        assert_eq!(store.open_alerts().unwrap(), []);
    }
}

#[test]
fn a_newer_database_is_kept_for_the_newer_program() {
    let scratch = Scratch::new("newer");
    let (store, _) = Store::open(scratch.path()).unwrap();
    store.db.pragma_update(None, "user_version", 99).unwrap();
    drop(store);
    let (_, damages) = Store::open(scratch.path()).unwrap();
    assert!(damages[0].reason.contains("newer"), "{damages:?}");
    let kept = rusqlite::Connection::open(&damages[0].kept).unwrap();
    let version: i32 = kept.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 99);
}

#[test]
fn one_damaged_row_costs_one_row() {
    let scratch = Scratch::new("row");
    let (mut store, _) = Store::open(scratch.path()).unwrap();
    store.record(&[transition(1, Inactive, Firing), transition(2, Inactive, Firing)]).unwrap();
    let sql = "UPDATE alerts SET record = replace(record, '/srv', '/srx') WHERE key = ?1";
    store.db.execute(sql, [alert(1, Firing).id]).unwrap();
    drop(store);
    let (store, damages) = Store::open(scratch.path()).unwrap();
    assert_eq!(store.open_alerts().unwrap(), [alert(2, Firing)]);
    assert_eq!(damages.len(), 1);
    assert!(damages[0].what.contains(&alert(1, Firing).id), "{}", damages[0]);
    let kept: String = store.db.query_row("SELECT row_record FROM damaged", [], |row| row.get(0)).unwrap();
    assert!(kept.contains("/srx"));
    drop(store);
    assert_eq!(Store::open(scratch.path()).unwrap().1, []);
}
