//! Two processes for each CPU that do nothing else but spin.

use super::Fault;
use crate::process::Process;
use std::path::Path;
use std::process::Command;

pub fn begin() -> Fault {
    let cpus = std::thread::available_parallelism().expect("the number of CPUs").get();
    let spin =
        |_| Process::start(Command::new("sh").args(["-c", "while :; do :; done"]), Path::new("/dev/null"));
    Fault::now((0..2 * cpus).map(spin).collect::<Vec<_>>())
}
