//! One life of a plugin that stays: it is asked at its interval, or listened to, until it ends, breaks a bound or is told to go.

mod ending;

pub use ending::Ended;

use super::capture::{Captured, Cost, apart};
use super::child::{cpu_seconds, ends_soon, has_ended, memory_peak, reap};
use super::gather::Gathered;
use super::ground::Ground;
use super::pace::Pace;
use super::pipe::{self, Pipe, is_told, stop, wait};
use super::reading::{Raw, Reading, understood};
use super::spawn::{Started, start};
use super::spec::{Kind, Plugin};
use super::trouble::Trouble;
use ending::Over;
use hostward_formats::{Exit, Format};
use hostward_plugin_host::Wants;
use std::io::{PipeReader, Write};
use std::process::{ChildStderr, ChildStdin, ChildStdout};
use std::time::{Duration, Instant};

/// What a plugin says within so long belongs together.
const BURST: Duration = Duration::from_millis(100);
/// The end of the standard error that is kept.
const ERRORS_BYTES_MAX: usize = 4 << 10;
/// One that speaks when it likes may be silent for so many of its intervals; what it said counts as long.
const SILENT_INTERVALS: u32 = 5;

/// A life that goes on.
struct Life<'a> {
    plugin: &'a Plugin,
    started: Started,
    stdin: Option<ChildStdin>,
    stdout: Pipe<ChildStdout>,
    stderr: Pipe<ChildStderr>,
    /// Told to go when nobody holds the other end.
    stop: &'a PipeReader,
    gathered: Gathered,
    declared: Vec<u8>,
    cpu_seconds: f64,
    /// How it is asked; a shared object says first what it wants.
    pace: Pace,
    has_said: bool,
}

/// Lives one life; each reading is told.
pub fn live(
    plugin: &Plugin,
    ground: &Ground,
    stop: &PipeReader,
    mut tell: impl FnMut(&Raw, Reading),
) -> Ended {
    let every = plugin.every.as_secs().max(1).to_string();
    let words: &[&str] = if plugin.format == Format::Netdata { &[&every] } else { &[] };
    let begun = match start(plugin, ground, words).and_then(|started| Life::begin(plugin, started, stop)) {
        Ok(life) => life,
        Err(trouble) => return Ended { trouble: Some(trouble), cost: Cost::default() },
    };
    begun.go_on(&mut tell)
}

impl<'a> Life<'a> {
    fn begin(plugin: &'a Plugin, mut started: Started, stop: &'a PipeReader) -> Result<Self, Trouble> {
        let pipes = pipe::both(&mut started.child, plugin.limits.output_bytes_max, ERRORS_BYTES_MAX);
        let (stdout, stderr) = pipes.inspect_err(|_| {
            started.kin.end();
            reap(&mut started.child);
        })?;
        Ok(Life {
            plugin,
            stdin: started.child.stdin.take(),
            started,
            stdout,
            stderr,
            stop,
            gathered: Gathered::default(),
            declared: Vec::new(),
            cpu_seconds: 0.0,
            pace: Pace::of(plugin),
            has_said: plugin.kind != Kind::Object,
        })
    }

    fn go_on(mut self, tell: &mut impl FnMut(&Raw, Reading)) -> Ended {
        let over = match self.is_asked() {
            true => self.asked(tell),
            false => self.listened_to(tell),
        };
        self.end(over)
    }

    /// Native plugins and Telegraf's give a batch for a line on their standard input; the others speak when they like.
    fn is_asked(&self) -> bool {
        self.plugin.kind == Kind::Object || matches!(self.plugin.format, Format::Native | Format::Influx)
    }

    fn asked(&mut self, tell: &mut impl FnMut(&Raw, Reading)) -> Over {
        loop {
            let begun = Instant::now();
            let asked = self.stdin.as_mut().map(|stdin| stdin.write_all(b"\n"));
            if !matches!(asked, Some(Ok(()))) {
                ends_soon(self.started.kin.leader());
                return Over::ByItself;
            }
            if let Err(over) = self.batch(begun, None) {
                return over;
            }
            let (raw, reading) = self.reading(begun);
            tell(&raw, reading);
            if let Err(over) = self.rest(begun + self.pace.every) {
                return over;
            }
        }
    }

    fn listened_to(&mut self, tell: &mut impl FnMut(&Raw, Reading)) -> Over {
        let silence = self.plugin.every * SILENT_INTERVALS + self.plugin.timeout;
        loop {
            let begun = Instant::now();
            if let Err(over) = self.batch(begun, Some(silence)) {
                return over;
            }
            let (raw, reading) = self.reading(begun);
            tell(&raw, reading);
        }
    }

    /// Waits until a whole batch is there, and for what comes right behind it; not longer than its timeout unless said.
    fn batch(&mut self, begun: Instant, patience: Option<Duration>) -> Result<(), Over> {
        let mut whole_at: Option<Instant> = None;
        let mut looked = 0;
        loop {
            let until = begun + patience.unwrap_or(self.pace.timeout);
            let until = whole_at.map_or(until, |at| until.min(at + self.burst()));
            match (whole_at, until.saturating_duration_since(Instant::now())) {
                (Some(_), Duration::ZERO) => return Ok(()),
                (None, Duration::ZERO) => return Err(Over::Trouble(self.silence())),
                (_, left) => self.look(left)?,
            }
            self.hear();
            if let Some(flood) = self.stdout.flood(&self.plugin.limits) {
                return Err(Over::Trouble(flood));
            }
            if self.stdout.kept.len() > looked {
                looked = self.stdout.kept.len();
                whole_at = self.plugin.format.whole_end(&self.stdout.kept).map(|_| Instant::now());
            }
        }
    }

    /// Takes what a shared object says of itself before its first answer.
    fn hear(&mut self) {
        if self.has_said {
            return;
        }
        let Some(end) = self.stdout.kept.iter().position(|byte| *byte == b'\n') else { return };
        self.has_said = true;
        let line = String::from_utf8_lossy(&self.stdout.kept[..end]);
        if let Some(wants) = Wants::parse(&line) {
            self.pace = Pace::wanted(self.plugin, wants);
            self.stdout.kept.drain(..=end);
        }
    }

    /// A native batch says where it ends.
    fn burst(&self) -> Duration {
        if self.plugin.format == Format::Native { Duration::ZERO } else { BURST }
    }

    fn silence(&self) -> Trouble {
        match self.is_asked() {
            true => Trouble::timeout(self.pace.timeout),
            false => Trouble::ended("it said nothing for too long and was ended"),
        }
    }

    /// Sleeps until its next turn, with an eye on what it complains of and whether it lives.
    fn rest(&mut self, until: Instant) -> Result<(), Over> {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            self.look(left)?;
            if self.stdout.bytes > self.plugin.limits.output_bytes_max {
                return Err(Over::Trouble(Trouble::flood("it was asked for")));
            }
        }
    }

    /// Waits for news and takes them.
    fn look(&mut self, most: Duration) -> Result<(), Over> {
        let pid = self.started.kin.leader();
        wait(&[self.stdout.wanted(), self.stderr.wanted(), stop(self.stop)], most);
        if is_told(self.stop) {
            return Err(Over::Told);
        }
        let some = self.stdout.take() | self.stderr.take();
        // What it complained of first is old by the time that it ends.
        if self.stderr.kept.len() == ERRORS_BYTES_MAX {
            self.stderr.kept.drain(..ERRORS_BYTES_MAX / 2);
        }
        let is_mute = !some && !self.stdout.is_open();
        if !some && has_ended(pid) || is_mute && ends_soon(pid) {
            return Err(Over::ByItself);
        }
        if is_mute {
            return Err(Over::Trouble(Trouble::ended("it closed its standard output and was ended")));
        }
        Ok(())
    }

    /// Understands what is there up to the end of the last whole batch, and keeps the rest.
    fn reading(&mut self, begun: Instant) -> (Raw, Reading) {
        let end = self.plugin.format.whole_end(&self.stdout.kept).unwrap_or(0);
        let rest = self.stdout.kept.split_off(end);
        let stdout = std::mem::replace(&mut self.stdout.kept, rest);
        self.stdout.bytes = self.stdout.kept.len();
        self.stdout.lines = self.stdout.kept.iter().filter(|byte| **byte == b'\n').count();
        let (sandbox, cost) = (apart(&self.stderr.kept).1, self.cost(begun));
        let captured = Captured { sandbox, cost, ..Captured::plain(stdout, Exit::Running) };
        let raw = Raw { declared: std::mem::take(&mut self.declared), captured };
        let mut reading = Reading { pace: Some(self.pace), ..understood(self.plugin, &raw) };
        self.declared = std::mem::take(&mut reading.report.declared);
        if !self.is_asked() && reading.trouble.is_none() {
            let fresh = self.plugin.every * SILENT_INTERVALS;
            self.gathered.add(&mut reading.report, Instant::now(), fresh, self.plugin.limits.series_max);
        }
        (raw, reading)
    }

    fn cost(&mut self, begun: Instant) -> Cost {
        let pid = self.started.kin.leader();
        let all = cpu_seconds(pid).unwrap_or(self.cpu_seconds);
        let since = (all - std::mem::replace(&mut self.cpu_seconds, all)).max(0.0);
        Cost {
            seconds: begun.elapsed().as_secs_f64(),
            cpu_seconds: since,
            rss_peak_bytes: memory_peak(pid),
            left: 0,
        }
    }
}
