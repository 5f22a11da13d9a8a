//! Signs that a run failed, whatever it printed: the reason why it must not be taken for its word.

use crate::{Exit, Output, Report, text};

/// How much of an output is searched for signs, in bytes, from its beginning and again from its end.
const SEARCHED_BYTES_MAX: usize = 64 << 10;
/// Longest line of the output that a reason repeats.
const REASON_BYTES_MAX: usize = 300;

/// How Python begins to tell how it died. Some plugins send it to their standard output.
const TRACEBACK: &str = "Traceback (most recent call last):";
/// How lines of the standard error begin that other languages print when a program has died.
const CRASHES: [&str; 17] = [
    "Can't locate ",
    "Can't call method ",
    "Undefined subroutine &",
    "BEGIN failed--compilation aborted",
    "panic: ",
    "fatal error: ",
    "Exception in thread ",
    "Segmentation fault",
    "PHP Fatal error: ",
    "PHP Parse error: ",
    "Error: Could not find or load main class ",
    "Error: Cannot find module ",
    "ReferenceError: ",
    "Uncaught ",
    "terminate called ",
    "*** stack smashing detected ***",
    "double free or corruption",
];
/// Programs that read files for scripts, which go on without what was in them.
const READERS: [&str; 14] =
    ["awk", "cat", "cut", "egrep", "find", "gawk", "grep", "head", "ls", "mawk", "sed", "sort", "tail", "wc"];

/// Why a run that may end with any code from 0 to `code_max` says nothing that can be relied on: a signal, a timeout, another code,
/// a crash, a missing program, or nothing printed. Nothing is wrong with a plugin that is still running.
pub fn failure(output: &Output, code_max: i32) -> Option<String> {
    let code = match output.exit {
        Exit::Running => return None,
        Exit::Signal(signal) => return Some(with_line(&signalled(signal), output)),
        Exit::TimedOut => return Some("it took too long and was ended".to_owned()),
        Exit::Code(126) => return Some(with_line("it cannot be executed (exit code 126)", output)),
        Exit::Code(127) => return Some(with_line("a program was not found (exit code 127)", output)),
        Exit::Code(code) => code,
    };
    crash(output)
        .or_else(|| missing(output))
        .or_else(|| {
            (!(0..=code_max).contains(&code)).then(|| with_line(&format!("exit code {code}"), output))
        })
        .or_else(|| output.stdout.trim_ascii().is_empty().then(|| with_line("it printed nothing", output)))
}

fn signalled(signal: i32) -> String {
    const NAMES: [(i32, &str); 10] = [
        (4, "illegal instruction"),
        (6, "abort"),
        (7, "bus error"),
        (8, "arithmetic error"),
        (9, "kill"),
        (11, "segmentation fault"),
        (13, "broken pipe"),
        (15, "termination"),
        (24, "CPU time exceeded"),
        (31, "forbidden system call"),
    ];
    match NAMES.iter().find(|(number, _)| *number == signal) {
        Some((_, name)) => format!("ended by signal {signal} ({name})"),
        None => format!("ended by signal {signal}"),
    }
}

fn crash(output: &Output) -> Option<String> {
    let traced = |said: &&Vec<String>| said.iter().any(|line| line.starts_with(TRACEBACK));
    let (stderr, stdout) = (lines(output.stderr), lines(output.stdout));
    // A traceback ends with what went wrong; the others begin with it.
    let line = match [&stderr, &stdout].into_iter().find(traced) {
        Some(said) => said.iter().rfind(|line| !line.trim().is_empty()),
        None => stderr.iter().find(|line| is_crash(line)),
    };
    Some(format!("it died of an error: {}", shown(line?)))
}

fn is_crash(line: &str) -> bool {
    let ruby = line.contains(".rb:") && line.contains(":in ") && line.ends_with("Error)");
    // With the number of the job's process, as a shell tells it.
    let killed = line.contains(" Segmentation fault") || line.contains(" Killed  ");
    let rust = line.starts_with("thread '") && line.contains(" panicked at ");
    CRASHES.iter().any(|sign| line.starts_with(sign)) || ruby || killed || rust
}

/// Why zeros are none: every sample is one, and a program that the plugin had a file read by says that the file is not there, or may not
/// be read.
pub fn hollow(output: &Output, report: &Report) -> Option<String> {
    let mut samples = report.families.iter().flat_map(|family| &family.samples).peekable();
    if samples.peek().is_none() || !samples.all(|sample| sample.value == 0.0) {
        return None;
    }
    let said = lines(output.stderr);
    let line = said.iter().find(|line| is_unread(line.trim_end()))?;
    Some(format!("all that it counts is 0, and what it counts could not be read: {}", shown(line)))
}

fn is_unread(line: &str) -> bool {
    let why = ["No such file or directory", "Permission denied"];
    let by_reader = line.split_once(": ").is_some_and(|(name, _)| {
        READERS.contains(&name.trim_start_matches("/usr/bin/").trim_start_matches("/bin/"))
    });
    by_reader && why.iter().any(|why| line.contains(why))
}

/// A shell script goes on when a program that it needs is not there, and prints what it has: often a zero.
fn missing(output: &Output) -> Option<String> {
    let (said, printed) = (lines(output.stderr), lines(output.stdout));
    // Of some captures both are one. In what a plugin prints, only what a shell says with a line's number is no text of its own.
    let also = printed
        .iter()
        .filter(|line| line.contains(": line ") && line.trim_end().ends_with(": command not found"));
    let line = said.iter().chain(also).find(|line| is_missing(line.trim_end()))?;
    Some(format!("a program or file that it needs is missing: {}", shown(line)))
}

fn is_missing(line: &str) -> bool {
    let by_number = |mark: &str| {
        let mut places = line.match_indices(mark).map(|(at, _)| &line[at + mark.len()..]);
        places.any(|rest| {
            let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            after.len() < rest.len() && after.starts_with(": ")
        })
    };
    let by_shell = line.starts_with("sh: ") || line.starts_with("/bin/sh: ");
    let gone = line.ends_with(": No such file or directory") || line.ends_with(": Permission denied");
    // Perl goes on without the program, as a shell does.
    let by_perl = line.starts_with("Can't exec \"") && line.contains(": No such file or directory at ");
    let by_starter = (gone || line.ends_with(": not found")) && line.contains(": failed to run command ");
    // Of sudo's warnings only this one has no consequences.
    let by_sudo = line.starts_with("sudo: ") && !line.contains("unable to resolve host");
    by_perl
        || by_starter
        || by_sudo
        || line.starts_with("zsh:") && line.contains(": command not found: ")
        || line.ends_with(": command not found")
        || (line.ends_with(": not found") && (by_shell || by_number(": ") || by_number(": line ")))
        || (gone && by_number(": line "))
        || (gone && line.starts_with("env: "))
        || line.contains(": bad interpreter: ")
}

/// The reason, with the first line of the standard error, else of the output.
pub(crate) fn with_line(reason: &str, output: &Output) -> String {
    let (stderr, stdout) = (lines(output.stderr), lines(output.stdout));
    let blank = |line: &&String| line.trim().is_empty();
    let line = [&stderr, &stdout].into_iter().flatten().find(|line| !blank(line));
    line.map_or(reason.to_owned(), |line| format!("{reason}: {}", shown(line)))
}

fn shown(line: &str) -> String {
    text::line(line, REASON_BYTES_MAX)
}

/// The lines at the beginning and at the end.
fn lines(bytes: &[u8]) -> Vec<String> {
    let parts = match bytes.len() > 2 * SEARCHED_BYTES_MAX {
        true => vec![&bytes[..SEARCHED_BYTES_MAX], &bytes[bytes.len() - SEARCHED_BYTES_MAX..]],
        false => vec![bytes],
    };
    let lines = parts.into_iter().flat_map(|part| part.split(|byte| *byte == b'\n'));
    lines.map(|line| String::from_utf8_lossy(line).into_owned()).collect()
}
