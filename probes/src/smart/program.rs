//! `smartctl`, asked about one disk: no shell, fixed arguments, bounded in time and in bytes.

use crate::Fault;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

pub const NAME: &str = "smartctl";

/// Where distributions put it; the search path of a service or a user may lack them.
const PATHS: [&str; 4] =
    ["/usr/sbin/smartctl", "/sbin/smartctl", "/usr/bin/smartctl", "/usr/local/sbin/smartctl"];

/// A report has some ten KiB.
const ANSWER_BYTES_MAX: usize = 1 << 20;
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// The program, where it is installed.
pub fn path() -> Option<&'static str> {
    PATHS.into_iter().find(|path| Path::new(path).is_file())
}

/// Programs that were killed and that the kernel does not let go; at the bound nothing more is asked.
const HELD_MAX: usize = 8;

/// Programs that hang with their disk: each holds two threads until it ends.
#[derive(Default)]
pub struct Held(Vec<(String, JoinHandle<()>)>);

impl Held {
    /// Why a device cannot be asked now.
    fn objection(&mut self, device: &str) -> Option<&'static str> {
        self.0.retain(|(_, waiter)| !waiter.is_finished());
        match self.0.iter().any(|(held, _)| held == device) {
            true => Some("smartctl still waits for an earlier answer of the disk"),
            false => (self.0.len() >= HELD_MAX).then_some("too many other disks do not answer"),
        }
    }
}

/// What it prints of a device. How it ended is in the report, too. A disk that sleeps is not woken.
pub fn ask(program: &str, device: &str, deadline: Duration, held: &mut Held) -> Result<String, Fault> {
    let mut command = Command::new(program);
    command.args(["--json=c", "--nocheck=standby", "-a", device]).env("LC_ALL", "C");
    output(command, device, deadline, held)
}

/// A disk that hangs keeps the program even when it is killed, so a thread reads and nobody waits for the end.
fn output(mut command: Command, device: &str, deadline: Duration, held: &mut Held) -> Result<String, Fault> {
    if let Some(objection) = held.objection(device) {
        return Err(Fault::Unreadable { what: device.to_owned(), error: objection.to_owned() });
    }
    let fault = |error: io::Error| Fault::io(device, &error);
    let end = Instant::now() + deadline;
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(fault)?;
    let answer = receive(child.stdout.take(), deadline).map_err(fault).and_then(|answer| {
        answer
            .ok_or_else(|| Fault::Timeout { what: device.to_owned(), after_ms: deadline.as_millis() as u64 })
    });
    let waiter = end_child(child, if answer.is_ok() { end } else { Instant::now() });
    held.0.extend(waiter.map(|waiter| (device.to_owned(), waiter)));
    answer
}

/// What comes until the end; nothing when that takes too long.
fn receive(pipe: Option<ChildStdout>, deadline: Duration) -> io::Result<Option<String>> {
    let (sender, receiver) = channel();
    let work = move || sender.send(read(pipe)).unwrap_or_default();
    thread::Builder::new().name(NAME.to_owned()).spawn(work)?;
    receiver.recv_timeout(deadline).ok().transpose()
}

fn read(pipe: Option<impl Read>) -> io::Result<String> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(ANSWER_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    }
    if bytes.len() > ANSWER_BYTES_MAX {
        return Err(io::Error::other(format!("an answer longer than {ANSWER_BYTES_MAX} bytes")));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Reaps it, by force when its time is over; one that the kernel does not let go is reaped in a thread of its own.
fn end_child(mut child: Child, end: Instant) -> Option<JoinHandle<()>> {
    while Instant::now() < end {
        // An error means that it is gone.
        if !matches!(child.try_wait(), Ok(None)) {
            return None;
        }
        thread::sleep(LOOK_EVERY);
    }
    let _ = child.kill();
    // Where no thread can be had, the child is reaped when hostward ends.
    let wait = move || child.wait().map(|_| ()).unwrap_or_default();
    thread::Builder::new().name(NAME.to_owned()).spawn(wait).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn an_answer_is_whole_however_the_program_ends() {
        let long = output(
            shell("yes 123456789 | head -n 50000; exit 4"),
            "/dev/x",
            Duration::from_secs(20),
            &mut Held::default(),
        );
        assert_eq!(long.unwrap().len(), 500_000);
    }

    #[test]
    fn too_much_and_too_late_are_faults() {
        let much =
            output(shell("exec yes"), "/dev/x", Duration::from_secs(20), &mut Held::default()).unwrap_err();
        assert_eq!(much.to_string(), "/dev/x: an answer longer than 1048576 bytes");
        let begun = Instant::now();
        let late =
            output(shell("echo {; exec sleep 60"), "/dev/x", Duration::from_millis(50), &mut Held::default())
                .unwrap_err();
        assert_eq!(late.to_string(), "/dev/x: no answer in 50 ms");
        assert!(begun.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn no_program_is_missing() {
        let none = ask("/nonexistent/smartctl", "/dev/x", Duration::from_secs(1), &mut Held::default());
        assert!(matches!(none, Err(Fault::Missing { .. })));
    }

    #[test]
    fn a_disk_that_holds_its_program_is_not_asked_again() {
        let (wake, blocked) = channel::<()>();
        let mut held = Held::default();
        held.0.push(("/dev/x".into(), thread::spawn(move || blocked.recv().unwrap_or_default())));
        let mut said = |device| output(shell("echo fine"), device, Duration::from_secs(20), &mut held);
        assert!(said("/dev/x").unwrap_err().to_string().contains("an earlier answer"));
        assert_eq!(said("/dev/y").unwrap(), "fine\n");
        drop(wake);
        while !held.0[0].1.is_finished() {
            thread::yield_now();
        }
        assert_eq!(held.objection("/dev/x"), None);
    }
}
