//! A mount that stops answering, and a file that never ends: ticks and scrapes go on, and both are told of.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod fuse;
#[path = "../support/mod.rs"]
mod support;

use fuse::Fuse;
use std::time::{Duration, Instant};
use support::{Daemon, Scratch};

/// How long the mount is watched while it hangs.
const WATCHED: Duration = Duration::from_secs(12);

/// The value of a series without labels.
fn value(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name}")).parse().unwrap()
}

#[test]
fn a_hung_mount_and_a_fifo_hold_up_nobody() {
    let scratch = Scratch::new("hung");
    let textfiles = scratch.path("textfile");
    std::fs::create_dir_all(&textfiles).unwrap();
    std::fs::write(textfiles.join("good.prom"), "job_runs_total 3\n").unwrap();
    nix::unistd::mkfifo(&textfiles.join("hung.prom"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    let config = format!("[probes.textfile]\ndirectories = [{:?}]\n", textfiles.to_str().unwrap());
    scratch.write("etc/hostward.toml", &config);
    let daemon = Daemon::start(&scratch);
    // Dropped before the daemon, which cannot end while a thread of it waits for this mount.
    let fuse = Fuse::mount(&scratch.path("mnt"));
    let path = scratch.path("mnt").to_str().unwrap().to_owned();
    let size = format!("node_filesystem_size_bytes{{device=\"hung\",fstype=\"fuse\",mountpoint=\"{path}\"");
    daemon.await_metrics("the size of the mount", |text| text.contains(&size));

    fuse.hang();
    // The mount does not answer, and says so instead of the size that it had.
    let error = |line: &str| {
        line.starts_with("node_filesystem_device_error{") && line.contains(&path) && line.ends_with(" 1")
    };
    let is_told = |text: &str| text.lines().any(error) && !text.contains(&size);
    let told = daemon.await_metrics("the error of the mount", is_told);
    let before = value(&told, "hostward_ticks_total");
    let begun = Instant::now();
    while begun.elapsed() < WATCHED {
        let text = daemon.scrape();
        assert!(text.contains("\njob_runs_total 3\n"), "the good file beside the FIFO");
        assert!(is_told(&text), "{text}");
        std::thread::sleep(Duration::from_millis(250));
    }
    let after = daemon.scrape();
    let ticks = value(&after, "hostward_ticks_total") - before;
    assert!(ticks >= WATCHED.as_secs_f64() - 2.0, "{ticks} ticks in {WATCHED:?}");
    let fifo = |line: &str| line.starts_with("hostward_unavailable_info{") && line.contains("hung.prom");
    assert!(after.lines().any(fifo), "{after}");
    drop(fuse);
    daemon.await_metrics("the end of the mount", |text| !text.contains(&path));
}
