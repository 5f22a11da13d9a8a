//! The child process that a plugin runs in: it confines itself, then loads a shared object or becomes a program.
//!
//! This is the only crate of hostward with unsafe code, beside `hostward-probe`, which is for authors. `confine` takes rights away, `object`
//! loads and calls, `serve` speaks with the daemon: a line feed on standard input asks for a batch, the answer is OpenMetrics on
//! standard output that ends with `# EOF`. What could not be applied, what was refused and what the plugin logs goes to
//! standard error, a line each; the prefixes [`NOT_APPLIED`] and [`REFUSED`] tell the first two from the rest.

mod answer;
mod args;
mod confine;
mod confinement;
mod object;
mod serve;
mod wants;

pub use answer::Status;
pub use args::{CONFIG_VARIABLE, run};
pub use confine::{NOT_APPLIED, REFUSED};
pub use confinement::Confinement;
pub use object::{Object, description};
pub use wants::Wants;

use std::ffi::OsString;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Which build this is: that of the daemon and that of the program beside it must be the same, as they speak with each other.
pub const BUILD: &str = concat!(env!("CARGO_PKG_VERSION"), " ", env!("HOSTWARD_PLUGIN_HOST_BUILD"));

/// The exit code of a child that could not confine itself, or whose program cannot be executed: what shells use.
const CANNOT_RUN: u8 = 126;
/// The exit code of a child whose program, or its interpreter, is not there.
const NOT_FOUND: u8 = 127;

/// What the child is for.
#[derive(Clone, Debug)]
pub enum What {
    /// To load a shared object and answer for it until standard input ends.
    Object {
        /// The object: best a link to `/proc/self/fd/N`, so that what was examined is what is loaded.
        file: PathBuf,
        /// Its configuration, a JSON object.
        config_json: String,
        /// How long one answer may take; 0: what the object says of itself.
        timeout_ms: u64,
        /// Whether it says first how the object wants to be asked.
        tells_wants: bool,
    },
    /// To load a shared object and try whether it keeps the rules of the interface.
    Conform {
        /// The object.
        file: PathBuf,
        /// Its configuration, a JSON object.
        config_json: String,
        /// How long one call may take; 0: what the object says of itself.
        timeout_ms: u64,
    },
    /// To load a shared object and print what it says of itself, as JSON.
    Describe {
        /// The object.
        file: PathBuf,
    },
    /// To become a program, which gets this process's environment.
    Program {
        /// The program; its name is what the program finds as its own.
        file: PathBuf,
        /// Its arguments.
        args: Vec<OsString>,
    },
}

/// Confines this process and does what it is for. Ends with 126 if it cannot be confined: nothing runs with less than what was asked
/// for, apart from what [`NOT_APPLIED`] names because the kernel does not have it.
pub fn main(confinement: &Confinement, what: What) -> ExitCode {
    match confine::apply(confinement, &what) {
        Ok(shortfalls) => shortfalls.iter().for_each(|why| complain(&format!("{NOT_APPLIED}{why}"))),
        Err(why) => {
            complain(&format!("the plugin was not started, as it cannot be confined: {why}"));
            return ExitCode::from(CANNOT_RUN);
        }
    }
    match what {
        What::Object { file, config_json, timeout_ms, tells_wants } => {
            let cpu_s_max = confinement.cpu_s_max;
            serve::serve(|| Object::open(&file, &config_json, timeout_ms), cpu_s_max, tells_wants)
        }
        What::Conform { file, config_json, timeout_ms } => object::conform(&file, &config_json, timeout_ms),
        What::Describe { file } => describe(&file),
        What::Program { file, args } => become_program(&file, &args),
    }
}

fn describe(file: &Path) -> ExitCode {
    match description(file) {
        Ok(json) => match writeln!(std::io::stdout(), "{json}") {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(why) => {
            complain(&why);
            ExitCode::FAILURE
        }
    }
}

fn become_program(file: &Path, args: &[OsString]) -> ExitCode {
    let error = Command::new(file).args(args).exec();
    complain(&format!("it cannot be executed: {error}{}", hint(&error)));
    ExitCode::from(if error.kind() == std::io::ErrorKind::NotFound { NOT_FOUND } else { CANNOT_RUN })
}

fn hint(error: &std::io::Error) -> &'static str {
    match error.raw_os_error() {
        Some(libc::ENOENT) => " (is the interpreter in its first line installed?)",
        Some(libc::ENOEXEC) => " (a script begins with a line such as #!/bin/sh)",
        Some(libc::EACCES) => {
            " (is it executable for the user that it runs as, and its interpreter in a place it may execute?)"
        }
        _ => "",
    }
}

/// Writes a line to standard error; who has closed it does not want to know.
fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
