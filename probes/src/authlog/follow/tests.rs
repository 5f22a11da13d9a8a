//! Rotation in all its forms, in a directory of its own.

use super::*;
use std::io::Write;

struct Rig {
    dir: PathBuf,
    follow: Follow,
}

impl Rig {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("hostward-follow-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        let follow = Follow::new(dir.join("auth.log"), None);
        Rig { dir, follow }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn append(&self, name: &str, text: &str) {
        let mut file = File::options().append(true).create(true).open(self.at(name)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn poll(&mut self) -> Vec<String> {
        let mut seen = Vec::new();
        self.follow.poll(&mut |line| seen.push(line.to_owned())).unwrap();
        seen
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.at(from), self.at(to)).unwrap();
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

const LOG: &str = "auth.log";

#[test]
fn starts_at_the_end_and_reads_on() {
    let mut rig = Rig::new("end");
    rig.append(LOG, "old\n");
    assert!(rig.poll().is_empty());
    rig.append(LOG, "new\npart");
    assert_eq!(rig.poll(), ["new"]);
    assert!(rig.poll().is_empty());
    rig.append(LOG, "ial\n");
    assert_eq!(rig.poll(), ["partial"]);
}

#[test]
fn a_renamed_file_is_read_to_its_end_beside_its_successor() {
    let mut rig = Rig::new("rename");
    rig.append(LOG, "old\n");
    rig.poll();
    rig.append(LOG, "last words\n");
    rig.rename(LOG, "auth.log.1");
    rig.append(LOG, "first words\n");
    assert_eq!(rig.poll(), ["last words", "first words"]);
    // The writer was not told yet.
    rig.append("auth.log.1", "late words\n");
    rig.append(LOG, "more\n");
    assert_eq!(rig.poll(), ["late words", "more"]);
    for _ in 0..ROTATED_RUNS {
        assert!(rig.poll().is_empty());
    }
    assert!(rig.follow.rotated.is_none(), "the old file is still held open");
}

#[test]
fn a_truncated_file_begins_again() {
    let mut rig = Rig::new("truncate");
    rig.append(LOG, "one\ntwo\nthr");
    rig.poll();
    File::options().write(true).open(rig.at(LOG)).unwrap().set_len(0).unwrap();
    rig.append(LOG, "new\n");
    assert_eq!(rig.poll(), ["new"]);
}

#[test]
fn a_deleted_file_may_come_back() {
    let mut rig = Rig::new("delete");
    rig.append(LOG, "old\n");
    rig.poll();
    fs::remove_file(rig.at(LOG)).unwrap();
    assert!(rig.poll().is_empty());
    assert!(rig.poll().is_empty());
    rig.append(LOG, "back\n");
    assert_eq!(rig.poll(), ["back"]);
}

#[test]
fn a_missing_file_is_an_error_until_it_is_there() {
    let mut rig = Rig::new("missing");
    let error = rig.follow.poll(&mut |_| {}).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

#[test]
fn a_saved_position_is_resumed_even_across_a_rotation() {
    let mut rig = Rig::new("resume");
    rig.append(LOG, "one\n");
    rig.poll();
    rig.append(LOG, "two\nthr");
    rig.poll();
    let saved = rig.follow.position().unwrap();
    rig.append(LOG, "ee\nfour\n");
    rig.follow = Follow::new(rig.at(LOG), Some(saved));
    assert_eq!(rig.poll(), ["three", "four"]);

    rig.rename(LOG, "auth.log.1");
    rig.append(LOG, "five\n");
    rig.follow = Follow::new(rig.at(LOG), Some(saved));
    assert_eq!(rig.poll(), ["three", "four", "five"]);

    // Nothing is left of the file that was being read.
    fs::remove_file(rig.at("auth.log.1")).unwrap();
    rig.follow = Follow::new(rig.at(LOG), Some(saved));
    assert_eq!(rig.poll(), ["five"]);
}

#[test]
fn a_flood_is_read_in_portions() {
    let mut rig = Rig::new("flood");
    rig.append(LOG, "");
    rig.poll();
    let line = format!("{}\n", "x".repeat(1023));
    rig.append(LOG, &line.repeat(5 << 10));
    assert_eq!(rig.poll().len(), 4 << 10);
    assert_eq!(rig.poll().len(), 1 << 10);
}
