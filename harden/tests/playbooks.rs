//! The playbooks that are shipped, as an administrator meets them: linted, and really run.

mod common;

use common::{Scratch, header, hostile, labels, ordinary, playbooks, run};
use hostward_harden::render::Playbook;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;

/// Longer than any walk that a playbook allows itself; `timeout` ends the script then, with status 124.
const SECONDS_MAX: &str = "150";
const OUTPUT_BYTES_MAX: usize = 64 << 10;

/// A playbook's name, which inputs it was given, and the script.
type Script = (String, &'static str, String);

fn scripts(playbook: &Playbook) -> Vec<Script> {
    let required: BTreeMap<_, _> = {
        let needed = playbook.inputs().iter().filter(|input| input.required);
        needed.map(|input| (input.name.clone(), ordinary(input.kind))).collect()
    };
    let cases = [
        ("ordinary", labels(playbook, ordinary), "CPU is busy"),
        ("required only", required, ""),
        ("hostile", labels(playbook, hostile), "x\n$(touch canary)\r\u{1b}[2J' \\"),
    ];
    let render = |(case, labels, text): (&'static str, BTreeMap<_, _>, &str)| {
        let script = playbook.render(&header(text), &labels).unwrap_or_else(|error| panic!("{error}"));
        (playbook.name().to_owned(), case, script)
    };
    cases.into_iter().map(render).collect()
}

fn all_scripts() -> Vec<Script> {
    playbooks().iter().flat_map(scripts).collect()
}

#[test]
fn the_six_are_there() {
    let names: Vec<_> = playbooks().iter().map(|playbook| playbook.name().to_owned()).collect();
    for name in ["cpu", "disk-full", "disk-io", "failed-logins", "memory", "network"] {
        assert!(names.iter().any(|known| known == name), "{name} is missing among {names:?}");
    }
}

#[test]
fn scripts_are_printable_ascii() {
    for (name, case, script) in all_scripts() {
        let strange = script.chars().find(|c| !matches!(c, ' '..='~' | '\n' | '\t'));
        assert_eq!(strange, None, "{name}, {case}");
    }
}

#[test]
fn bash_and_shellcheck_accept_every_script() {
    for (name, case, script) in all_scripts() {
        let parsed = run("bash", "bash", &["-n"], &script, Path::new("/"));
        assert!(parsed.status.success(), "{name}, {case}: {}", String::from_utf8_lossy(&parsed.stderr));
        let linted = run("shellcheck", "shellcheck", &["-s", "bash", "-"], &script, Path::new("/"));
        assert!(linted.status.success(), "{name}, {case}:\n{}", String::from_utf8_lossy(&linted.stdout));
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "at the same time, because a script mostly sleeps between two readings"
)]
fn every_script_runs_and_changes_nothing() {
    let scripts = all_scripts();
    std::thread::scope(|scope| {
        let runs: Vec<_> = scripts.iter().map(|script| scope.spawn(move || run_traced(script))).collect();
        runs.into_iter().for_each(|run| run.join().unwrap());
    });
}

/// Bash refuses `local x` where `x` is read-only outside, and shellcheck does not see it.
#[test]
fn no_local_variable_has_the_name_of_a_read_only_one() {
    for (name, case, script) in all_scripts() {
        let fixed: Vec<_> = names(&script, "readonly ").collect();
        let clash = names(&script, "local ").find(|local| fixed.contains(local));
        assert_eq!(clash, None, "{name}, {case}");
    }
}

/// The names that lines with this keyword declare.
fn names<'a>(script: &'a str, keyword: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = script.lines().filter_map(move |line| line.trim_start().strip_prefix(keyword));
    lines.flat_map(|line| line.split(' ')).map(|word| word.split('=').next().unwrap_or(word))
}

/// Every call that could change a file, its name, its mode, its owner or a mount.
const CALLS: &str = "trace=open,openat,creat,truncate,ftruncate,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,\
                     rmdir,link,linkat,symlink,symlinkat,mknod,mknodat,chmod,fchmod,fchmodat,chown,fchown,lchown,fchownat,\
                     utimensat,setxattr,lsetxattr,fsetxattr,mount,umount2";

/// A call in strace's words that is no change: opening to read, or writing to a device that keeps nothing.
fn is_harmless(call: &str) -> bool {
    let opens = call.contains("open(") || call.contains("openat(");
    let reads = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].iter().all(|flag| !call.contains(flag));
    let sink = ["\"/dev/null\"", "\"/dev/tty\""].iter().any(|path| call.contains(path));
    opens && (reads || sink)
}

fn run_traced((name, case, script): &Script) {
    let label = format!("{name}-{}", case.replace(' ', "-"));
    let (home, traces) = (Scratch::new(&label), Scratch::new(&format!("{label}-trace")));
    let trace = traces.0.join("calls");
    // A file for each process: in a shared one, calls that overlap are split in two.
    let tracer =
        ["-ff", "-qq", "--seccomp-bpf", "-e", "signal=none", "-e", CALLS, "-o", &trace.to_string_lossy()];
    let program = ["timeout", SECONDS_MAX, "bash", "-c", script];
    let output = run("strace", "strace", &[&tracer[..], &program[..]].concat(), "", &home.0);
    judge(name, case, &output);
    assert_eq!(home.names(), Vec::<String>::new(), "{name}, {case}: files left behind");
    let calls: String = traces.names().iter().map(|file| common::read(&traces.0.join(file))).collect();
    assert!(calls.contains("openat("), "{name}, {case}: the trace is empty, so it proves nothing");
    let change = calls.lines().find(|call| !is_harmless(call));
    assert_eq!(change, None, "{name}, {case}");
}

/// What an account without rights sees; it has to end as well.
#[test]
fn every_script_runs_for_an_account_without_rights() {
    if !common::is_root() {
        // The other test has just run them without rights.
        return;
    }
    for playbook in playbooks() {
        let script = playbook.render(&header("x"), &labels(&playbook, ordinary)).unwrap();
        let nobody = [
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "timeout",
            SECONDS_MAX,
            "bash",
            "-c",
            &script,
        ];
        let output = run("setpriv", "util-linux", &nobody, "", Path::new("/"));
        judge(playbook.name(), "nobody", &output);
    }
}

fn judge(name: &str, case: &str, output: &Output) {
    let shown = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}, {case}: {}\n{shown}\n{errors}", output.status);
    assert_eq!(errors, "", "{name}, {case}: what goes wrong belongs to its section");
    assert!(shown.len() <= OUTPUT_BYTES_MAX, "{name}, {case}: {} bytes", shown.len());
    assert!(shown.starts_with("\n== Finding =="), "{name}, {case}: {shown}");
    assert!(shown.contains("\n== What to look at next ==\n"), "{name}, {case}: {shown}");
    assert!(!shown.contains("this section is incomplete"), "{name}, {case}: {shown}");
    let strange = shown.chars().find(|c| !matches!(c, ' '..='~' | '\n' | '\t'));
    assert_eq!(strange, None, "{name}, {case}");
}
