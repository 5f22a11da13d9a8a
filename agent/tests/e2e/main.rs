//! A host with real faults, watched by the real agent and scraped by a real Prometheus.
//!
//! One after the other: all CPUs busy, memory nearly used up, a file system nearly full, and 150 failed logins at
//! a real sshd. For each, the alert must fire in time, a diagnostic script must wait in the outbox, run, end well
//! and change nothing, the alert must resolve when the fault ends, and Prometheus must have seen it all.
//!
//! It needs root (to mount and to run sshd) and the programs that `cargo xtask test` installs. Without them it
//! fails and says which: a test that skips itself promises nothing.

mod agent;
mod fault;
mod fingerprint;
mod http;
mod logins;
mod needs;
mod process;
mod prometheus;
mod scratch;
mod script;
mod story;

use agent::Agent;
use fault::logins::SshServer;
use prometheus::Prometheus;
use scratch::Scratch;
use story::{Case, Told, tell};

/// The crossing of a threshold to the alert, for the faults that are a level rather than a count.
const FIRES_WITHIN_S: f64 = 30.0;

#[test]
fn faults_are_noticed_answered_and_over() {
    needs::check();
    let scratch = Scratch::new();
    let ssh = SshServer::start(scratch.path());
    let agent = Agent::start(scratch.path(), &ssh.auth_log);
    let prometheus = Prometheus::start(scratch.path(), agent.address);
    let cases = [
        Case { alert: "CpuBusy", about: "", waits: true, begin: Box::new(fault::cpu::begin) },
        Case { alert: "MemoryLow", about: "", waits: true, begin: Box::new(fault::memory::begin) },
        Case {
            alert: "FilesystemAlmostFull",
            about: fault::disk::NAME,
            waits: true,
            begin: Box::new(|| fault::disk::begin(scratch.path())),
        },
        Case {
            alert: "FailedLoginBurst",
            about: "sshd",
            waits: false,
            begin: Box::new(|| ssh.fail_to_log_in(150)),
        },
    ];
    let told: Vec<Told> = cases.iter().map(|case| tell(case, &agent, scratch.path())).collect();
    story::print(&told);
    for (case, told) in cases.iter().zip(&told) {
        prometheus.check_story(case, told);
        assert!(!case.waits || told.fired_after_s <= FIRES_WITHIN_S, "{}: fired too late", case.alert);
    }
    prometheus.check_no_failed_scrape();
}
