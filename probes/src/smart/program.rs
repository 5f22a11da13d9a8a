//! `smartctl`, asked about one disk: no shell, fixed arguments, bounded in time and in bytes.

use crate::{Fault, child};
use std::path::Path;
use std::process::Command;
use std::thread::JoinHandle;
use std::time::Duration;

pub const NAME: &str = "smartctl";

/// Where distributions put it; the search path of a service or a user may lack them.
const PATHS: [&str; 4] =
    ["/usr/sbin/smartctl", "/sbin/smartctl", "/usr/bin/smartctl", "/usr/local/sbin/smartctl"];

/// A report has some ten KiB.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// The program, where it is installed.
pub fn path() -> Option<&'static str> {
    PATHS.into_iter().find(|path| Path::new(path).is_file())
}

/// Programs that were killed and that the kernel does not let go; at the bound nothing more is asked.
const HELD_MAX: usize = 8;

/// Programs that hang with their disk: each holds a thread until it ends.
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
    let mut command = child::program(program);
    command.args(["--json=c", "--nocheck=standby", "-a", device]);
    text(command, device, deadline, held)
}

/// A disk that hangs keeps the program even when it is killed: nobody waits for its end but a thread.
fn text(command: Command, device: &str, deadline: Duration, held: &mut Held) -> Result<String, Fault> {
    if let Some(objection) = held.objection(device) {
        return Err(Fault::Unreadable { what: device.to_owned(), error: objection.to_owned() });
    }
    let mut asked = child::ask(device, command, deadline)?;
    let answer = asked.answer(ANSWER_BYTES_MAX);
    held.0.extend(asked.end().map(|waiter| (device.to_owned(), waiter)));
    answer.map(|answer| answer.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::shell;
    use std::sync::mpsc::channel;
    use std::thread;

    #[test]
    fn an_answer_is_whole_however_the_program_ends() {
        let script = shell("yes 123456789 | head -n 50000; exit 4");
        let long = text(script, "/dev/x", Duration::from_secs(20), &mut Held::default());
        assert_eq!(long.unwrap().len(), 500_000);
    }

    #[test]
    fn one_that_is_too_late_is_killed_and_holds_nothing() {
        let mut held = Held::default();
        let late = text(shell("echo {; exec sleep 60"), "/dev/x", Duration::from_millis(50), &mut held);
        assert_eq!(late.unwrap_err().to_string(), "/dev/x: no answer in 50 ms");
        assert_eq!(held.objection("/dev/x"), None);
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
        let mut said = |device| text(shell("echo fine"), device, Duration::from_secs(20), &mut held);
        assert!(said("/dev/x").unwrap_err().to_string().contains("an earlier answer"));
        assert_eq!(said("/dev/y").unwrap(), "fine\n");
        drop(wake);
        while !held.0[0].1.is_finished() {
            thread::yield_now();
        }
        assert_eq!(held.objection("/dev/x"), None);
    }
}
