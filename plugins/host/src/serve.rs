//! The line protocol: a line feed asks, a text that ends with `# EOF` answers, and the end of input is the end.

use crate::answer::{Status, failed};
use crate::object::Object;
use crate::{complain, confine};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;

/// Loads, and answers until nobody asks any more. An object that cannot be loaded is answered for, too: with the reason.
pub fn serve(open: impl FnOnce() -> Result<Object, (Status, String)>, cpu_s_max: u64) -> ExitCode {
    let output = match own_output() {
        Ok(output) => output,
        Err(error) => {
            complain(&format!("standard output: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let mut object = open();
    let answer = || {
        if cpu_s_max > 0 {
            confine::renew_cpu(cpu_s_max);
        }
        match &mut object {
            Ok(object) => object.collect(),
            Err((status, reason)) => failed(*status, reason),
        }
    };
    match converse(io::stdin().lock(), output, answer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("the answer could not be written: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn converse(
    mut input: impl Read,
    mut output: impl Write,
    mut answer: impl FnMut() -> String,
) -> io::Result<()> {
    let mut bytes = [0; 64];
    loop {
        let length = match input.read(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        if length == 0 {
            return Ok(());
        }
        for _ in bytes[..length].iter().filter(|byte| **byte == b'\n') {
            output.write_all(answer().as_bytes())?;
        }
    }
}

/// Standard output, for answers alone: what the plugin prints to it goes to standard error from now on.
fn own_output() -> io::Result<File> {
    let own = io::stdout().as_fd().try_clone_to_owned()?;
    nix::unistd::dup2_stdout(io::stderr().as_fd())?;
    Ok(File::from(own))
}
