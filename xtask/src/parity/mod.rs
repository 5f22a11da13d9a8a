//! `cargo xtask parity`: what hostward says of node_exporter's captured host, beside what node_exporter says of it.

mod capture;
mod compare;

pub use capture::Capture;
pub use compare::{Comparison, compare};

use crate::Outcome;
use crate::live::agent;
use crate::options::Options;
use std::process::Command;

/// Prints the comparison; fails when something is missing or differs that is no known exception.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&[])?;
    let capture = Capture::unpack("command")?;
    let comparison = compare(&capture.expected()?, &exposition(&capture)?)?;
    print!("{}", comparison.table());
    match comparison.complaints().as_slice() {
        [] => Ok(()),
        complaints => Err(complaints.join("\n")),
    }
}

/// What the program prints for the capture.
fn exposition(capture: &Capture) -> Outcome<String> {
    let mut metrics = Command::new(agent::build()?);
    metrics.arg("metrics").arg("--root").arg(capture.root()).arg("--config").arg(capture.config());
    let output = metrics.output().map_err(|error| format!("hostward metrics: {error}"))?;
    if !output.status.success() {
        return Err(format!("hostward metrics: {}", String::from_utf8_lossy(&output.stderr)));
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}
