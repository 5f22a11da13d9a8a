//! One life of a shared object within hostward itself, for administrators who want to save its process: nothing bounds it there. It can
//! crash hostward, leak in it, read its database, and when it hangs nobody can end it.
//!
//! What it says takes the same way as from a child, and its numbers are those of this thread.

use super::capture::{Captured, Cost};
use super::ground::Ground;
use super::pace::Pace;
use super::pipe::{is_told, stop, wait};
use super::reading::{Raw, Reading, understood};
use super::spec::Plugin;
use super::stay::Ended;
use super::trouble::Trouble;
use hostward_formats::Exit;
use hostward_plugin_host::Object;
use nix::time::{ClockId, clock_gettime};
use std::io::PipeReader;
use std::os::fd::IntoRawFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Lives one life; each reading is told.
pub fn live(
    plugin: &Plugin,
    ground: &Ground,
    told: &PipeReader,
    mut tell: impl FnMut(&Raw, Reading),
) -> Ended {
    let mut object = match open(plugin, ground) {
        Ok(object) => object,
        Err(trouble) => return Ended { trouble: Some(trouble), cost: Cost::default() },
    };
    let pace = Pace::wanted(plugin, object.wants());
    loop {
        let (begun, cpu) = (Instant::now(), cpu_seconds());
        let stdout = object.collect().as_bytes().to_vec();
        let (seconds, cpu_seconds) = (begun.elapsed().as_secs_f64(), cpu_seconds() - cpu);
        // What it has is part of hostward's own.
        let cost = Cost { seconds, cpu_seconds, rss_peak_bytes: None, left: 0 };
        let captured = Captured { cost, ..Captured::plain(stdout, Exit::Running) };
        let raw = Raw { declared: Vec::new(), captured };
        let reading = Reading { pace: Some(pace), ..understood(plugin, &raw) };
        tell(&raw, reading);
        if rested(begun + pace.every, told) {
            return Ended { trouble: None, cost: Cost::default() };
        }
    }
}

/// Loads what was looked at. The descriptor stays open for as long as hostward runs, as does the object: the loader knows objects by
/// their paths, so the next file must not get its number.
fn open(plugin: &Plugin, ground: &Ground) -> Result<Object, Trouble> {
    let trusted = ground.trust.open(&plugin.path).map_err(|refusal| Trouble::refused(&refusal))?;
    let path = PathBuf::from(format!("/proc/self/fd/{}", trusted.file.into_raw_fd()));
    let config = plugin.config.as_deref().unwrap_or("{}");
    let timeout_ms = plugin.said.timeout.map_or(0, |timeout| timeout.as_millis() as u64);
    let opened = Object::open(&path, config, timeout_ms);
    opened.map_err(|(status, why)| Trouble::unreliable(format!("{}: {why}", status.as_str())))
}

/// Waits for the next turn. True if it was told to go.
fn rested(until: Instant, told: &PipeReader) -> bool {
    loop {
        if is_told(told) {
            return true;
        }
        match until.saturating_duration_since(Instant::now()) {
            Duration::ZERO => return false,
            left => wait(&[stop(told)], left),
        }
    }
}

/// Processor time of this thread.
fn cpu_seconds() -> f64 {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)
        .map_or(0.0, |time| time.tv_sec() as f64 + time.tv_nsec() as f64 / 1e9)
}
