//! `cargo xtask bench plugins`: what plugins cost.

mod fleet;
mod talk;

use crate::live::agent;
use crate::live::scratch::Scratch;
use crate::options::Options;
use crate::{Outcome, root};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Measures and prints; fails when an aim is missed.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["times", "minutes"])?;
    let times = options.number("times", 20_000_u32)?;
    let minutes = options.number("minutes", 5_u64)?;
    let scratch = Scratch::new("plugins")?;
    let child = agent::build_package("hostward-plugin-host")?;
    talk::run(&child, scratch.path(), times)?;
    if minutes == 0 {
        return Ok(());
    }
    fleet::run(&agent::build()?, &child, scratch.path(), minutes)
}

/// A shared object of a source in C.
fn compiled(source: &Path, flags: &[String], object: &Path) -> Outcome<PathBuf> {
    let include = root().join("plugins/abi/include");
    let mut cc = Command::new("cc");
    cc.args(["-std=c11", "-O2", "-fPIC", "-shared", "-I"]).arg(include).args(flags).arg("-o").arg(object);
    let status = cc.arg(source).status().map_err(|error| format!("cc: {error}"))?;
    if status.success() { Ok(object.to_owned()) } else { Err(format!("cc: {status}")) }
}
