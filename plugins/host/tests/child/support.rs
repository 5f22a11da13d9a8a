//! Building small plugins with `cc` and asking the child for answers.

use hostward_plugin_host::CONFIG_VARIABLE;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

pub const HOST: &str = env!("CARGO_BIN_EXE_hostward-plugin-host");

/// The rest of a plugin whose `collect` has this body; `HOST` and `emit` are at hand.
pub fn collecting(name: &str, body: &str) -> PathBuf {
    collecting_with(name, "", body)
}

/// As `collecting`, with something before it.
pub fn collecting_with(name: &str, before: &str, body: &str) -> PathBuf {
    let collect = format!("static int32_t collect(void *me, const hw_host *h) {{ {body} }}");
    build(name, &format!("{PRELUDE}\n{before}\n{collect}\n{TABLES}"))
}

/// One gauge `t_size_bytes` with a label `of`, and one counter `t_runs_total` without.
const PRELUDE: &str = r#"
#define _GNU_SOURCE
#include "hostward_probe.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <pthread.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/mman.h>
static const char *const names[] = {"of"};
static const hw_metric size_metric = {sizeof(hw_metric), HW_GAUGE, "t_size_bytes", "bytes", "A size.", names, 1, 5000000};
static const hw_metric runs_metric = {sizeof(hw_metric), HW_COUNTER, "t_runs_total", NULL, "Runs \\ so\nfar.", NULL, 0, 1};
static const hw_metric *const metrics[] = {&size_metric, &runs_metric};
static int32_t say(const hw_host *h, int32_t status, const char *why) {
  h->reason(h, (hw_text){why, strlen(why)});
  return status;
}
static int32_t emit_bytes(const hw_host *h, const char *of, size_t length, double value) {
  hw_text labels[] = {{of, length}};
  hw_sample sample = {sizeof sample, 0, value, 0, labels, 1, 0};
  return h->emit(h, &sample);
}
static int32_t emit(const hw_host *h, const char *of, double value) { return emit_bytes(h, of, strlen(of), value); }
"#;

const TABLES: &str = r#"
static const hw_description about = {
  .struct_size = sizeof about, .name = "t", .version = "1", .about = "A test.", .metrics = metrics, .metrics_count = 2
};
static int32_t create(const hw_host *h, hw_text config, void **me) { (void)h; (void)config; *me = NULL; return HW_OK; }
static const hw_probe probe = {sizeof probe, HW_ABI_MINOR, &about, create, collect, NULL};
const hw_probe *hostward_probe_v1(uint32_t minor) { (void)minor; return &probe; }
"#;

/// A shared object made of this C.
pub fn build(name: &str, source: &str) -> PathBuf {
    let c = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.c"));
    std::fs::write(&c, source).unwrap();
    built(name, &c, &["-w"])
}

/// A shared object made of this file.
pub fn built(name: &str, source: &Path, flags: &[&str]) -> PathBuf {
    let object = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.so"));
    let include = concat!("-I", env!("CARGO_MANIFEST_DIR"), "/../abi/include");
    let mut cc = Command::new("cc");
    let built = cc.args(["-shared", "-fPIC", "-pthread", include, "-o"]).arg(&object).arg(source).args(flags);
    let built = built.output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    object
}

/// A child that was asked once and then told to end.
pub fn ask(confinement: &str, object: &Path) -> Output {
    ask_times(confinement, object, 1)
}

pub fn ask_times(confinement: &str, object: &Path, times: usize) -> Output {
    ask_with(confinement, object, "{}", times)
}

pub fn ask_with(confinement: &str, object: &Path, config: &str, times: usize) -> Output {
    let args = ["--confinement", confinement, "--timeout-ms", "2000", "object", object.to_str().unwrap()];
    let mut child = command(&args).env(CONFIG_VARIABLE, config).spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(&vec![b'\n'; times]);
    child.wait_with_output().unwrap()
}

pub fn start(args: &[&str]) -> Child {
    command(args).spawn().unwrap()
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(HOST);
    command.args(args).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A confined program that has ended.
pub fn program(confinement: &str, args: &[&str]) -> Output {
    let child = start(&[&["--confinement", confinement, "program"], args].concat());
    child.wait_with_output().unwrap()
}

/// What was said on both, with how it ended; without what depends on the kernel and on who runs the tests.
pub fn shown(output: &Output) -> String {
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let depends = ["processes_max", "landlock"].map(|what| format!("confinement: not applied: {what}"));
    let lines = stderr.lines().filter(|line| !depends.iter().any(|start| line.starts_with(start)));
    let stderr: String = lines.map(|line| format!("stderr: {line}\n")).collect();
    format!("{stdout}{stderr}{}\n", output.status)
}

/// One answer of a child that goes on.
pub fn answer(child: &mut Child) -> String {
    child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    let mut text = String::new();
    let mut stdout = BufReader::new(child.stdout.as_mut().unwrap().by_ref());
    while !text.ends_with("# EOF\n") && stdout.read_line(&mut text).unwrap() > 0 {}
    text
}
