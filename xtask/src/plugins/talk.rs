//! What it costs to ask a shared object in a child of its own, beside asking it in the same process: the line protocol alone, without
//! what the daemon makes of an answer, which is the same for both.

use super::compiled;
use crate::live::process::{cpu_seconds, memory};
use crate::{Outcome, root};
use hostward_plugin_host::{CONFIG_VARIABLE, Object};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

/// Aims: most microseconds that the child adds to one answer, and most memory that is a child's own.
const OVERHEAD_US_MAX: f64 = 30.0;
const PRIVATE_KIB_MAX: u64 = 1024;

/// What an answer takes, in microseconds.
#[derive(Clone, Copy)]
struct Cost {
    /// From the question to the answer.
    waited: f64,
    /// Processor time of both sides.
    processor: f64,
}

/// Measures and prints; fails when an aim is missed.
pub fn run(child: &Path, scratch: &Path, times: u32) -> Outcome<()> {
    let object = compiled(&root().join("plugins/examples/wear.c"), &[], &scratch.join("wear.so"))?;
    let config = serde_json::json!({ "sysfs": root().join("plugins/examples/testdata/sys") }).to_string();
    println!("answers: {times}, of plugins/examples/wear.c; µs each, waited for / of processor time");
    let (free, _) = compared("on any processor", child, &object, &config, times)?;
    let all = sched_getaffinity(Pid::from_raw(0)).map_err(|error| format!("affinity: {error}"))?;
    let mut one = CpuSet::new();
    let pinned = one.set(0).and_then(|()| sched_setaffinity(Pid::from_raw(0), &one));
    pinned.map_err(|error| format!("affinity: {error}"))?;
    let bound = compared("both on one processor", child, &object, &config, times);
    sched_setaffinity(Pid::from_raw(0), &all).map_err(|error| format!("affinity: {error}"))?;
    let (bound, private_kib) = bound?;
    println!("private memory of the child: {private_kib} KiB (aim: below {PRIVATE_KIB_MAX})");
    // What an idle processor takes to wake is the machine's; it costs the host nothing.
    let overhead = free.min(bound);
    match overhead < OVERHEAD_US_MAX && private_kib < PRIVATE_KIB_MAX {
        true => Ok(()),
        false => Err("an aim is missed".to_owned()),
    }
}

/// The processor time that the child adds, and its private memory.
fn compared(what: &str, child: &Path, object: &Path, config: &str, times: u32) -> Outcome<(f64, u64)> {
    let mut inside = Object::open(object, config, 0).map_err(|(_, why)| why)?;
    let own = std::process::id();
    let in_process = each(times, || Ok(inside.collect().len()), || cpu_seconds(own))?;
    let mut child = Asked::start(child, object, config)?;
    let pid = child.child.id();
    let through_child = each(times, || child.ask(), || Ok(cpu_seconds(own)? + cpu_seconds(pid)?))?;
    let private_kib = memory(pid)?.private / 1024;
    child.end()?;
    let (waited, processor) =
        (through_child.waited - in_process.waited, through_child.processor - in_process.processor);
    println!(
        "{what}: in this process {:.1} / {:.1}, through the child {:.1} / {:.1}: {waited:.1} / {processor:.1} more (aim: below {OVERHEAD_US_MAX})",
        in_process.waited, in_process.processor, through_child.waited, through_child.processor
    );
    Ok((processor, private_kib))
}

/// The mean cost of an answer, after some that warm up.
fn each(
    times: u32,
    mut answer: impl FnMut() -> Outcome<usize>,
    cpu_seconds: impl Fn() -> Outcome<f64>,
) -> Outcome<Cost> {
    for _ in 0..times / 10 {
        answer()?;
    }
    let (cpu, begun) = (cpu_seconds()?, Instant::now());
    for _ in 0..times {
        answer()?;
    }
    let of_each = |seconds: f64| seconds * 1e6 / f64::from(times.max(1));
    Ok(Cost { waited: of_each(begun.elapsed().as_secs_f64()), processor: of_each(cpu_seconds()? - cpu) })
}

/// A child with its pipes.
struct Asked {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    line: String,
}

impl Asked {
    fn start(binary: &Path, object: &Path, config: &str) -> Outcome<Self> {
        let grant = serde_json::json!({ "read": [root()] }).to_string();
        let mut command = Command::new(binary);
        command.args(["--confinement", &grant, "object"]).arg(object);
        command
            .env_clear()
            .env(CONFIG_VARIABLE, config)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| format!("{}: {error}", binary.display()))?;
        let stdin = child.stdin.take().ok_or("no pipe")?;
        let stdout = BufReader::new(child.stdout.take().ok_or("no pipe")?);
        Ok(Asked { child, stdin, stdout, line: String::new() })
    }

    fn ask(&mut self) -> Outcome<usize> {
        self.stdin.write_all(b"\n").map_err(|error| error.to_string())?;
        let mut bytes = 0;
        loop {
            self.line.clear();
            bytes += self.stdout.read_line(&mut self.line).map_err(|error| error.to_string())?;
            match self.line.as_str() {
                "# EOF\n" => return Ok(bytes),
                "" => return Err("the child has ended".to_owned()),
                line if line.starts_with("# STATUS") => return Err(line.to_owned()),
                _ => {}
            }
        }
    }

    fn end(self) -> Outcome<()> {
        let Asked { mut child, stdin, .. } = self;
        drop(stdin);
        child.wait().map(|_| ()).map_err(|error| error.to_string())
    }
}
