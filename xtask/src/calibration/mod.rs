//! `cargo xtask calibration`: whether 99 % confidence is exceeded by one ordinary sample in a hundred.
//!
//! The release build watches this host at 1 s; its pages are recorded and then taken, series by series, through the
//! engine's own detector as the engine does it. So a recording can be judged again by another version of the detector.
//! The same is asked of simulated quiet weeks.

pub mod recording;

use crate::live::agent::{Agent, Setup, build};
use crate::live::scratch::Scratch;
use crate::options::Options;
use crate::sim::{self, world::shares::Shares};
use crate::{Outcome, table};
use recording::Recording;
use std::path::Path;
use std::time::Duration;

/// Of a recording, what is judged but not counted: the detector has just met the host.
const LEARNING: Duration = Duration::from_secs(300);

/// Records, judges and prints.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["minutes", "keep", "from", "weeks"])?;
    let recording = match options.text("from") {
        Some(file) => Recording::read(Path::new(file))?,
        None => record(options.number("minutes", 30_u64)?)?,
    };
    if let Some(file) = options.text("keep") {
        recording.write(Path::new(file))?;
    }
    let real = recording.judge(LEARNING);
    let simulated = sim::quiet_weeks(options.number("weeks", 3_u64)?);
    let rows: Vec<_> = [("this host at 1 s", real), ("simulated hosts at 60 s", simulated)]
        .into_iter()
        .flat_map(|(name, (moving, all))| [row(name, "that move", &moving), row(name, "all", &all)])
        .collect();
    println!(
        "{}",
        table::markdown(&["samples of", "series", "judged", "> 95 %", "> 99 %", "> 99.9 %"], &rows)
    );
    println!("aimed at: 5 %, 1 %, 0.1 %");
    Ok(())
}

fn record(minutes: u64) -> Outcome<Recording> {
    let (binary, scratch) = (build()?, Scratch::new("calibration")?);
    let state_dir = scratch.path().join("state");
    let agent = Agent::start(&Setup { binary: &binary, state_dir: &state_dir, config: None, interval_s: 1 })?;
    eprintln!("recording for {minutes} min");
    Recording::take(&mut agent.connect()?, minutes)
}

fn row(of: &str, which: &str, shares: &Shares) -> Vec<String> {
    let mut row = vec![of.to_owned(), format!("{} {which}", shares.series), shares.judged.to_string()];
    row.extend(shares.percent().map(|share| format!("{share:.3} %")));
    row
}
