//! `cargo xtask bench plugins`: what it costs to ask a shared object in a child of its own, beside asking it in the same process.

use crate::live::agent::build;
use crate::live::scratch::Scratch;
use crate::options::Options;
use crate::{Outcome, root};
use hostward_plugin_host::{CONFIG_VARIABLE, Object};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// Aims: most microseconds that the child adds to one answer, and most memory that is a child's own.
const OVERHEAD_US_MAX: f64 = 30.0;
const PRIVATE_KIB_MAX: u64 = 1024;

/// Measures and prints; fails when an aim is missed.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["times"])?;
    let times = options.number("times", 20_000_u32)?;
    let (binary, scratch) = (build()?, Scratch::new("plugins")?);
    let object = compiled(scratch.path())?;
    let config = serde_json::json!({ "sysfs": root().join("plugins/examples/testdata/sys") }).to_string();

    let mut inside = Object::open(&object, &config, 0).map_err(|(_, why)| why)?;
    let in_process = each(times, || Ok(inside.collect().len()))?;
    let mut child = Asked::start(&binary, &object, &config)?;
    let through_child = each(times, || child.ask())?;
    let private_kib = private_kib(child.child.id())?;
    child.end()?;

    let overhead_us = (through_child.as_secs_f64() - in_process.as_secs_f64()) * 1e6;
    println!("answers: {times}, of plugins/examples/wear.c");
    println!("in this process: {:.1} µs each", in_process.as_secs_f64() * 1e6);
    println!(
        "through the child: {:.1} µs each, {overhead_us:.1} µs more (aim: below {OVERHEAD_US_MAX})",
        through_child.as_secs_f64() * 1e6
    );
    println!("private memory of the child: {private_kib} KiB (aim: below {PRIVATE_KIB_MAX})");
    match overhead_us < OVERHEAD_US_MAX && private_kib < PRIVATE_KIB_MAX {
        true => Ok(()),
        false => Err("an aim is missed".to_owned()),
    }
}

fn compiled(dir: &Path) -> Outcome<PathBuf> {
    let object = dir.join("wear.so");
    let include = root().join("plugins/abi/include");
    let mut cc = Command::new("cc");
    cc.args(["-std=c11", "-O2", "-fPIC", "-shared", "-I"]).arg(include).arg("-o").arg(&object);
    let status =
        cc.arg(root().join("plugins/examples/wear.c")).status().map_err(|error| format!("cc: {error}"))?;
    if status.success() { Ok(object) } else { Err(format!("cc: {status}")) }
}

/// The mean time of an answer, after some that warm up.
fn each(times: u32, mut answer: impl FnMut() -> Outcome<usize>) -> Outcome<Duration> {
    for _ in 0..times / 10 {
        answer()?;
    }
    let begun = Instant::now();
    for _ in 0..times {
        answer()?;
    }
    Ok(begun.elapsed() / times.max(1))
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
        command.args(["plugin-host", "--confinement", &grant, "object"]).arg(object);
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

fn private_kib(pid: u32) -> Outcome<u64> {
    let path = format!("/proc/{pid}/smaps_rollup");
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let private = text.lines().filter(|line| line.starts_with("Private_Dirty:"));
    Ok(private.filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).sum())
}
