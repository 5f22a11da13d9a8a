//! How a life ends: who is told to go may do so, and of who went the reason is found.

use super::Life;
use crate::plugin::capture::{Cost, apart};
use crate::plugin::child::{has_ended, reap};
use crate::plugin::pipe::wait;
use crate::plugin::trouble::Trouble;
use hostward_formats::{Exit, Format};
use nix::sys::signal::{Signal, killpg};
use std::time::{Duration, Instant};

/// How long one that is told to go may take.
const FAREWELL: Duration = Duration::from_millis(500);

/// How a life ended, and the processor time since the last reading. No trouble is one that was told to go.
pub struct Ended {
    /// Why.
    pub trouble: Option<Trouble>,
    /// What was not told with a reading.
    pub cost: Cost,
}

/// Why it is no longer waited for.
pub(super) enum Over {
    /// It was told to go.
    Told,
    /// It has ended by itself; why is seen in how.
    ByItself,
    /// It may not stay.
    Trouble(Trouble),
}

impl Life<'_> {
    /// One that is told to go is asked first.
    pub(super) fn end(mut self, over: Over) -> Ended {
        drop(self.stdin.take());
        let pid = self.started.kin.leader();
        if matches!(over, Over::Told) {
            let begun = Instant::now();
            let _ = killpg(pid, Signal::SIGTERM);
            while begun.elapsed() < FAREWELL && !has_ended(pid) {
                wait(&[self.stdout.wanted()], Duration::from_millis(5));
                self.stdout.take();
            }
        }
        let left = self.started.kin.end();
        let (exit, cpu) = reap(&mut self.started.child);
        let cost = Cost { cpu_seconds: (cpu - self.cpu_seconds).max(0.0), left, ..Cost::default() };
        let trouble = match over {
            Over::Told => None,
            Over::ByItself => Some(self.last_words(exit)),
            Over::Trouble(trouble) => Some(trouble),
        };
        Ended { trouble, cost }
    }

    /// Why one that ended by itself did.
    fn last_words(&self, exit: Exit) -> Trouble {
        let (stderr, _) = apart(&self.stderr.kept);
        let output = hostward_formats::Output {
            name: &self.plugin.name,
            stdout: &self.stdout.kept,
            stderr: &stderr,
            exit,
            declared: b"",
        };
        let disabled = self.plugin.format == Format::Netdata
            && self.plugin.format.read(&output, &self.plugin.limits.limits()).disabled;
        match (hostward_formats::failure(&output, 0), exit) {
            _ if disabled => Trouble::disabled(),
            (Some(why), Exit::Signal(_)) => Trouble::crash(why),
            (Some(why), _) if exit != Exit::Code(0) => Trouble::ended(why),
            _ => Trouble::ended("it ended by itself, and was to stay"),
        }
    }
}
