//! What happens with one fault: from its beginning to the end of its alert.

use super::agent::Agent;
use super::fault::Fault;
use super::process::wait_for;
use super::prometheus::SEEN_AFTER_S;
use super::script;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// More than any rule needs; what is late is a failure anyway.
const FIRING_WAIT_S: u64 = 60;
const SCRIPT_WAIT_S: u64 = 20;
/// An alert on a rate over minutes needs that long to be over.
const RESOLVED_WAIT_S: u64 = 120;

/// A fault and what is expected of it.
pub struct Case<'a> {
    /// Name of the alert.
    pub alert: &'static str,
    /// A part of one of the alert's labels that tells it from alerts about other things.
    pub about: &'static str,
    /// Whether the rule has a `for`, so that the alert is pending first.
    pub waits: bool,
    /// Makes the fault, and returns when the threshold is crossed.
    pub begin: Box<dyn Fn() -> Fault + 'a>,
}

/// What happened; times are seconds since the Unix epoch.
#[derive(Debug)]
pub struct Told {
    pub alert: &'static str,
    pub began_s: f64,
    pub fired_s: f64,
    pub fired_after_s: f64,
    pub script_after_s: f64,
    pub ran_for_s: f64,
    pub resolved_s: f64,
    pub resolved_after_s: f64,
}

/// Lets a fault happen and follows it.
pub fn tell(case: &Case<'_>, agent: &Agent, scratch: &Path) -> Told {
    say(&format!("{}: the fault begins", case.alert));
    let quiet = || agent.is_firing(case.alert, case.about).filter(|firing| !*firing);
    // Whatever was built before this test may have kept the CPUs busy until now.
    wait_for(&format!("{} to be quiet before its fault", case.alert), RESOLVED_WAIT_S, quiet);
    let began_s = now_s();
    let fault = (case.begin)();
    let crossed_s = fault.crossed_s;
    let fires = || agent.is_firing(case.alert, case.about).filter(|firing| *firing);
    wait_for(&format!("{} to fire", case.alert), FIRING_WAIT_S, fires);
    let fired_s = now_s();
    let (artifact, script_after_s) =
        wait_for(&format!("the script for {}", case.alert), SCRIPT_WAIT_S, || {
            script::find(agent, case.alert, began_s)
        });
    let ran_for_s = script::check(&artifact, agent, scratch);
    drop(fault);
    let ended_s = now_s();
    wait_for(&format!("{} to resolve", case.alert), RESOLVED_WAIT_S, quiet);
    let resolved_s = now_s();
    std::thread::sleep(Duration::from_secs_f64(SEEN_AFTER_S));
    let (fired_after_s, resolved_after_s) = (fired_s - crossed_s, resolved_s - ended_s);
    let alert = case.alert;
    Told { alert, began_s, fired_s, fired_after_s, script_after_s, ran_for_s, resolved_s, resolved_after_s }
}

/// The delays as a table, past the test harness, which would keep them to itself.
pub fn print(all: &[Told]) {
    say("| alert | fired after | script after | script ran | resolved after |\n|---|---|---|---|---|");
    for told in all {
        say(&format!(
            "| {} | {:.1} s | {:.1} s | {:.1} s | {:.1} s |",
            told.alert, told.fired_after_s, told.script_after_s, told.ran_for_s, told.resolved_after_s
        ));
    }
}

pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

pub fn now_s() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs_f64()
}
