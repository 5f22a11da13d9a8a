//! What a process has, and what a plugin must leave as it is.

use nix::sys::resource::{Resource, getrlimit};
use nix::sys::stat::fstat;
use std::ffi::CStr;
use std::fs;
use std::os::fd::BorrowedFd;
use std::path::PathBuf;

/// What of a process is the host's, and a plugin leaves as it is.
pub struct State {
    directory: Option<PathBuf>,
    locale: String,
    limits: Vec<Option<(u64, u64)>>,
    actions: Vec<usize>,
    standard: Vec<Option<(u64, u64)>>,
}

const LIMITS: [Resource; 5] = [
    Resource::RLIMIT_NOFILE,
    Resource::RLIMIT_DATA,
    Resource::RLIMIT_STACK,
    Resource::RLIMIT_CORE,
    Resource::RLIMIT_FSIZE,
];

impl State {
    /// As it is now.
    pub fn now() -> State {
        State {
            directory: std::env::current_dir().ok(),
            locale: locale(),
            limits: LIMITS.iter().map(|limit| getrlimit(*limit).ok()).collect(),
            actions: (1..=31).map(action).collect(),
            standard: (0..3).map(file).collect(),
        }
    }

    /// What has changed since then.
    pub fn changes(&self) -> Option<String> {
        let now = State::now();
        let signal = self.actions.iter().zip(&now.actions).position(|(then, now)| then != now);
        let standard = self.standard.iter().zip(&now.standard).position(|(then, now)| then != now);
        match () {
            () if self.directory != now.directory => Some("it changed the working directory".to_owned()),
            () if self.locale != now.locale => {
                Some(format!("it changed the locale from {} to {}", self.locale, now.locale))
            }
            () if self.limits != now.limits => Some("it changed the limits of the process".to_owned()),
            () if signal.is_some() => signal.map(|at| format!("it replaced the action of signal {}", at + 1)),
            () => standard.map(|at| format!("it closed or replaced the descriptor {at}")),
        }
    }
}

/// What a process holds that may grow.
pub struct Held {
    pub memory_kib: u64,
    pub threads: usize,
    pub files: usize,
}

impl Held {
    /// As it is now.
    pub fn now() -> Held {
        let count = |dir: &str| fs::read_dir(dir).map(Iterator::count);
        // When none is left for the directory either.
        let all = || getrlimit(Resource::RLIMIT_NOFILE).map_or(usize::MAX, |(soft, _)| soft as usize);
        Held {
            memory_kib: anonymous_kib().unwrap_or(0),
            threads: count("/proc/self/task").unwrap_or(0),
            files: count("/proc/self/fd").unwrap_or_else(|_| all()),
        }
    }
}

/// Memory that no file is behind.
fn anonymous_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

fn locale() -> String {
    // SAFETY: NULL asks for the name and changes nothing.
    let name = unsafe { libc::setlocale(libc::LC_ALL, std::ptr::null()) };
    if name.is_null() {
        return String::new();
    }
    // SAFETY: what is not NULL is a text that ends with NUL, until the next call.
    unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned()
}

/// What happens on a signal, as a number; that of SIGSYS is the host's own.
fn action(signal: i32) -> usize {
    // SAFETY: all zeros are a valid value of this struct.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: NULL asks and changes nothing; the place for the answer is there.
    let asked = unsafe { libc::sigaction(signal, std::ptr::null(), &raw mut action) };
    if asked == 0 { action.sa_sigaction } else { 0 }
}

/// Which file a descriptor is.
fn file(number: i32) -> Option<(u64, u64)> {
    // SAFETY: one that is not open is an error of fstat.
    let descriptor = unsafe { BorrowedFd::borrow_raw(number) };
    fstat(descriptor).ok().map(|of| (of.st_dev, of.st_ino))
}
