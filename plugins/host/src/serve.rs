//! The line protocol: a line feed asks, a text that ends with `# EOF` answers, and the end of input is the end.

use crate::answer::{Status, failed};
use crate::object::Object;
use crate::{complain, confine};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;

/// Loads, and answers until nobody asks any more. An object that cannot be loaded is answered for, too: with the reason. Who wants
/// to know is told first how the object wants to be asked.
pub fn serve(
    open: impl FnOnce() -> Result<Object, (Status, String)>,
    cpu_s_max: u64,
    tells_wants: bool,
) -> ExitCode {
    let output = match own_output() {
        Ok(output) => output,
        Err(error) => {
            complain(&format!("standard output: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let mut object = open();
    let wants = object.as_ref().ok().filter(|_| tells_wants).map(|object| object.wants().to_string());
    let answer = |output: &mut File| {
        if cpu_s_max > 0 {
            confine::renew_cpu(cpu_s_max);
        }
        match &mut object {
            Ok(object) => output.write_all(object.collect().as_bytes()),
            Err((status, reason)) => {
                let mut text = String::new();
                failed(*status, reason, &mut text);
                output.write_all(text.as_bytes())
            }
        }
    };
    match converse(io::stdin().lock(), output, &wants.unwrap_or_default(), answer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("the answer could not be written: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn converse(
    mut input: impl Read,
    mut output: File,
    first: &str,
    mut answer: impl FnMut(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let mut bytes = [0; 64];
    output.write_all(first.as_bytes())?;
    loop {
        let length = match input.read(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        if length == 0 {
            return Ok(());
        }
        for _ in bytes[..length].iter().filter(|byte| **byte == b'\n') {
            answer(&mut output)?;
        }
    }
}

/// Standard output, for answers alone: what the plugin prints to it goes to standard error from now on.
pub fn own_output() -> io::Result<File> {
    let own = io::stdout().as_fd().try_clone_to_owned()?;
    nix::unistd::dup2_stdout(io::stderr().as_fd())?;
    Ok(File::from(own))
}
