//! Taking rights away from this process, in the only order that works: what needs privileges first.

mod calls;
mod descriptors;
mod files;
mod identity;
mod limits;
mod numbers;
mod refusal;

use crate::{Confinement, What};
use std::fs;
use std::path::Path;

pub use limits::renew_cpu;

/// How a line on standard error begins that names a bound which the kernel does not have here.
pub const NOT_APPLIED: &str = "confinement: not applied: ";
/// How a line on standard error begins that names what a shared object tried and was refused.
pub const REFUSED: &str = "confinement: refused: ";

/// Applies all of it to this process, which has one thread. Gives what could not be applied; fails if what every kernel has
/// could not.
pub fn apply(confinement: &Confinement, what: &What) -> Result<Vec<String>, String> {
    let file = match what {
        What::Object { file, .. }
        | What::Conform { file, .. }
        | What::Describe { file }
        | What::Program { file, .. } => file,
    };
    let is_program = matches!(what, What::Program { .. });
    let mut shortfalls = Vec::new();
    descriptors::close_others(file).map_err(|error| format!("descriptors: {error}"))?;
    let mut in_cgroup = false;
    if let Some(cgroup) = &confinement.cgroup {
        match join(cgroup) {
            Ok(()) => in_cgroup = true,
            Err(why) => shortfalls.push(why),
        }
    }
    identity::settle(confinement.user)?;
    shortfalls.extend(limits::set(confinement, in_cgroup, is_program)?);
    shortfalls.extend(files::restrict(confinement, file, is_program)?);
    if !is_program {
        refusal::tell().map_err(|error| format!("signal action: {error}"))?;
    }
    calls::filter(confinement, is_program)?;
    Ok(shortfalls)
}

fn join(cgroup: &Path) -> Result<(), String> {
    let procs = cgroup.join("cgroup.procs");
    fs::write(&procs, "0").map_err(|error| format!("cgroup: {}: {error}", procs.display()))
}
