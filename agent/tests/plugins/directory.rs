//! Files come, change and go while the daemon runs; each is live, or gone, within two seconds.

use super::place::{Place, mode, put};
use std::fs::{self, File};
use std::io::Write;
use std::time::{Duration, Instant};

/// By the watch, that is; a look at everything each minute would find it too.
const LIVE_WITHIN: Duration = Duration::from_secs(20);

impl Place {
    /// Waits for a line on the page; it must come in time.
    fn live(&self, line: &str) {
        self.within(line, |page| page.lines().any(|own| own == line));
    }

    fn within(&self, what: &str, wanted: impl Fn(&str) -> bool) {
        let begun = Instant::now();
        self.daemon.await_metrics(what, wanted);
        assert!(begun.elapsed() < LIVE_WITHIN, "{what}: {:?}", begun.elapsed());
    }
}

#[test]
fn files_come_change_move_and_go() {
    let place = Place::new("directory");
    let runs = || place.status("good")["runs"].as_u64().unwrap();
    place.drop("a.sh", "#!/bin/sh\necho 'a_value 1'\n");
    place.live("a_value 1");
    place.drop("a.sh", "#!/bin/sh\necho 'a_value 2'\n");
    place.live("a_value 2");
    fs::rename(place.path("a.sh"), place.path("b.sh")).unwrap();
    place.within("b", |page| {
        page.contains("hostward_plugin_up{plugin=\"b\"} 1") && page.contains("a_value 2")
    });
    put(&place.path("c.sh"), "#!/bin/sh\necho 'c_value 1'\n", 0o644);
    place.await_status("c", |status| {
        status["reason"].as_str().is_some_and(|why| why.contains("type: chmod +x"))
    });
    mode(&place.path("c.sh"), 0o755);
    place.live("c_value 1");
    fs::remove_file(place.path("b.sh")).unwrap();
    place.within("the end of b", |page| !page.contains("a_value"));
    put(&place.path("c.toml"), "labels = { site = \"x\" }\n", 0o644);
    place.live("c_value{site=\"x\"} 1");
    assert!(runs() >= 2, "the others go on");
    assert_eq!(place.status("good")["restarts"], 0);
}

#[test]
fn a_file_that_is_still_copied_is_waited_for() {
    let place = Place::new("copied");
    let mut file = File::create(place.path("slow.sh")).unwrap();
    mode(&place.path("slow.sh"), 0o755);
    for line in ["#!/bin/sh\n", "echo 'slow_value 1'\n", "echo 'slow_other 2'\n"] {
        file.write_all(line.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(700));
        assert!(!place.daemon.scrape().contains("slow_"), "it is not whole");
    }
    drop(file);
    place.live("slow_value 1");
    place.live("slow_other 2");
}

#[test]
fn who_is_not_trusted_is_refused_with_what_to_type() {
    let place = Place::new("trusted");
    place.drop("open.sh", "#!/bin/sh\necho 'open_value 1'\n");
    place.live("open_value 1");
    mode(&place.path("open.sh"), 0o777);
    let refused = |status: &serde_json::Value| status["state"] == "refused";
    let (status, _) = place.await_status("open", refused);
    let path = place.path("open.sh");
    let why = format!("others than its owner may write to {0}; type: chmod go-w {0}", path.display());
    assert_eq!(status["reason"], why.as_str());
    place.within("the end of its series", |page| !page.contains("open_value"));
    mode(&path, 0o755);
    place.live("open_value 1");
}

#[test]
fn a_text_file_is_told_when_it_is_written_and_until_it_is_too_old() {
    let place = Place::new("text");
    put(&place.path("2_backup.prom"), "backup_bytes 5\n", 0o644);
    place.live("backup_bytes 5");
    put(&place.path("2_backup.prom"), "backup_bytes 6\n", 0o644);
    place.live("backup_bytes 6");
    place.daemon.await_metrics("its end", |page| !page.contains("backup_bytes"));
    let (status, _) = place.await_status("backup", |status| status["state"] == "failing");
    assert!(status["reason"].as_str().unwrap().ends_with("s ago and counts for 2 s"), "{status}");
}

#[test]
fn one_that_stays_is_asked_and_started_again() {
    let place = Place::new("stays");
    place.drop("asked.sh", "#!/bin/sh\n# hostward: stay=true\nn=0\nwhile read -r _; do n=$((n+1)); echo \"asked_count $n\"; echo '# EOF'; done\n");
    place.live("asked_count 2");
    place.drop("netdata/spoken", "#!/bin/sh\necho \"CHART a.b '' t things\"; echo 'DIMENSION c'\nwhile :; do echo 'BEGIN a.b'; echo 'SET c = 7'; echo END; sleep $1; done\n");
    place.live("spoken_a_b{dimension=\"c\"} 7");
    place.drop("dies.sh", "#!/bin/sh\n# hostward: stay=true\nread -r _; echo 'dies 1'; echo '# EOF'; echo 'the disk is gone' >&2; exit 3\n");
    let (status, _) = place.await_status("dies", |status| status["restarts"].as_u64() >= Some(2));
    assert_eq!(status["reason"], "exit code 3: the disk is gone");
    fs::remove_file(place.path("asked.sh")).unwrap();
    place.within("its end", |page| !page.contains("asked_count"));
    place.clear();
}
