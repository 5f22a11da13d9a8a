//! Whether a shared object keeps the rules of the interface, beyond what is checked each time it is loaded: tried in a child of its own,
//! for authors.
//!
//! Each rule is a line on standard output: `try NAME` before it is tried, so that a crash has a name, then `ok NAME: what was seen`
//! or `bad NAME: what is wrong`.

use super::{Emission, Object, load};
use crate::answer::Status;
use crate::complain;
use crate::serve::own_output;
use state::State;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

mod state;

/// Answers between the first look at what the process has and the last.
const ANSWERS: u32 = 1_000;
/// Answers before the first look: caches fill, and libraries begin.
const WARM_UP: u32 = 50;
/// Memory may grow by so much meanwhile: 64 bytes in each answer. Pages are not finer.
const GROWTH_KIB_MAX: u64 = 64;
/// Most series that a plugin may have unless its administrator says otherwise.
const SERIES_USUAL: u64 = 500;
/// Plugins are not asked more often.
const INTERVAL_MS_MIN: u32 = 1_000;
/// What comes of a call that has no time: it must be back within this.
const AT_ONCE: Duration = Duration::from_millis(500);
/// A configuration that no plugin knows.
const NONSENSE: &str = r#"{"hostward_conformance":[null]}"#;

/// What was seen, or what is wrong.
type Verdict = Result<String, String>;

/// Where verdicts go.
struct Sheet {
    output: File,
    is_well: bool,
}

impl Sheet {
    fn rule(&mut self, name: &str, mut tried: impl FnMut() -> Verdict) {
        let _ = writeln!(self.output, "try {name}");
        let verdict = tried();
        self.is_well &= verdict.is_ok();
        let _ = match verdict {
            Ok(seen) => writeln!(self.output, "ok {name}: {seen}"),
            Err(why) => writeln!(self.output, "bad {name}: {why}"),
        };
    }
}

/// Tries all rules. Exit code 1: one is broken.
pub fn conform(file: &Path, config_json: &str, timeout_ms: u64) -> ExitCode {
    let output = match own_output() {
        Ok(output) => output,
        Err(error) => {
            complain(&format!("standard output: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let mut sheet = Sheet { output, is_well: true };
    let before = State::now();
    let mut opened = None;
    sheet.rule("description", || {
        let loaded = load(file, false)?;
        let seen = format!("{} {}, {} metrics", loaded.1.name, loaded.1.version, loaded.1.metrics.len());
        opened = Some(loaded);
        Ok(seen)
    });
    if let Some(loaded) = opened {
        sheet.rule("promises", || promises(&loaded.1));
        // What follows plays a host of the next minor version: its table is longer than the plugin can know.
        let mut object = None;
        sheet.rule("newer host", || {
            let newer = load(file, true)?;
            object = Some(Object::of(newer, config_json, timeout_ms, true));
            Ok("it works with a host of the next minor version".to_owned())
        });
        if let Some(mut object) = object {
            behaviour(&mut sheet, &mut object, &before);
        }
    }
    ExitCode::from(u8::from(!sheet.is_well))
}

fn behaviour(sheet: &mut Sheet, object: &mut Object, before: &State) {
    sheet.rule("configuration", || nonsense(object));
    let mut first = Err("there was no answer".to_owned());
    sheet.rule("first answer", || {
        first = answered(object);
        first.as_ref().map(|series| format!("{} series", series.len())).map_err(Clone::clone)
    });
    let Ok(first) = first else { return sheet.rule("destroy", || destroyed(object)) };
    let mut same = |object: &mut Object| -> Verdict {
        match answered(object)? {
            now if now == first => Ok("the same series".to_owned()),
            now => Err(differs(&first, &now)),
        }
    };
    sheet.rule("second answer", || same(object));
    sheet.rule("another thread", || on_another_thread(object, &mut same));
    sheet.rule("no time", || {
        let begun = Instant::now();
        let status = object.asked(Duration::ZERO, Emission::Taken);
        if begun.elapsed() > AT_ONCE {
            return Err(format!("it took {:?} though time was up from the start", begun.elapsed()));
        }
        same(object).map(|_| format!("{}, and the next answer is whole", status.as_str()))
    });
    sheet.rule("samples refused", || {
        let status = object.asked(object.timeout, Emission::Refused);
        same(object).map(|_| format!("{}, and the next answer is whole", status.as_str()))
    });
    sheet.rule("1000 answers", || many(object));
    sheet.rule("its process", || before.changes().map_or(Ok("as it was".to_owned()), Err));
    sheet.rule("destroy", || destroyed(object));
}

/// What a description says and no reader can refuse.
fn promises(description: &super::Description) -> Verdict {
    let series: u64 = description.metrics.iter().map(|metric| u64::from(metric.series_max)).sum();
    let (interval, timeout) = (description.interval_ms, description.timeout_ms);
    match () {
        () if description.metrics.is_empty() => Err("it has no metrics".to_owned()),
        () if interval < INTERVAL_MS_MIN => Err(format!(
            "interval_ms is {interval}; nobody is asked more often than each {INTERVAL_MS_MIN} ms"
        )),
        () if timeout > interval => {
            Err(format!("timeout_ms is {timeout}, longer than the interval of {interval} ms"))
        }
        () if series > SERIES_USUAL => Ok(format!(
            "each {interval} ms, within {timeout} ms, up to {series} series: the administrator must set limits.series_max"
        )),
        () => Ok(format!("each {interval} ms, within {timeout} ms, up to {series} series")),
    }
}

/// A configuration that makes no sense is refused with a reason, or passed over; the real one works afterwards.
fn nonsense(object: &mut Object) -> Verdict {
    let own = std::mem::replace(&mut object.config_json, NONSENSE.to_owned());
    let created = object.create(Instant::now() + object.timeout);
    object.config_json = own;
    match created {
        Ok(instance) => {
            object.instance = Some(instance);
            object.destroy();
            Ok("an unknown key is passed over; HW_CONFIG would tell the administrator".to_owned())
        }
        Err((Status::Config, reason)) => Ok(format!("an unknown key is refused: {reason}")),
        Err((status, reason)) => Err(format!(
            "with an unknown key create() says {} ({reason}), and should say HW_CONFIG",
            status.as_str()
        )),
    }
}

/// An answer that is as it should be: its series.
fn answered(object: &mut Object) -> Result<Vec<String>, String> {
    let (begun, time) = (Instant::now(), object.timeout);
    let status = object.asked(time, Emission::Taken);
    if begun.elapsed() > time {
        return Err(format!("it took {:?}, and had {time:?}", begun.elapsed()));
    }
    match (status, object.table.refused()) {
        (Status::Ok, None) => Ok(object.table.series()),
        (Status::Ok, Some(why)) => Err(format!("a sample was refused: {why}")),
        _ => Err(object.text.lines().next().unwrap_or_default().trim_start_matches("# ").to_owned()),
    }
}

fn differs(first: &[String], now: &[String]) -> String {
    let gone = first.iter().find(|series| !now.contains(series)).map(|series| format!("{series} is gone"));
    let come = now.iter().find(|series| !first.contains(series)).map(|series| format!("{series} has come"));
    let both: Vec<String> = gone.into_iter().chain(come).collect();
    format!("other series than at first: {}", both.join(", "))
}

/// Hands the object to another thread and back: one instance is one thread's at a time, but not always the same one's.
fn on_another_thread(object: &mut Object, same: &mut impl FnMut(&mut Object) -> Verdict) -> Verdict {
    struct Handed<T>(T);
    // SAFETY: the thread that hands it over waits for the other one, so one at a time uses it.
    unsafe impl<T> Send for Handed<T> {}
    impl<T> Handed<T> {
        fn take(self) -> T {
            self.0
        }
    }
    let handed = Handed((object, same));
    std::thread::scope(|scope| {
        let thread = scope.spawn(move || {
            let (object, same) = handed.take();
            same(object)
        });
        thread.join().unwrap_or_else(|_| Err("the thread panicked".to_owned()))
    })
}

/// What a thousand answers leave behind.
fn many(object: &mut Object) -> Verdict {
    for _ in 0..WARM_UP {
        answered(object)?;
    }
    let (before, begun) = (state::Held::now(), Instant::now());
    for at in 0..ANSWERS {
        answered(object).map_err(|why| format!("answer {at}: {why}"))?;
    }
    let each_us = begun.elapsed().as_secs_f64() * 1e6 / f64::from(ANSWERS);
    let after = state::Held::now();
    let grown = after.memory_kib.saturating_sub(before.memory_kib);
    match () {
        () if after.threads > before.threads => {
            Err(format!("it began with {} threads and ended with {}", before.threads, after.threads))
        }
        () if after.files > before.files => {
            Err(format!("it began with {} open files and ended with {}", before.files, after.files))
        }
        () if grown > GROWTH_KIB_MAX => Err(format!(
            "its memory grew by {grown} KiB, {} bytes in each answer",
            grown * 1024 / u64::from(ANSWERS)
        )),
        () => Ok(format!("{each_us:.1} µs each, memory grew by {grown} KiB")),
    }
}

fn destroyed(object: &mut Object) -> Verdict {
    let begun = Instant::now();
    object.destroy();
    match begun.elapsed() {
        took if took > object.timeout => Err(format!("it took {took:?}")),
        _ => Ok("it is gone".to_owned()),
    }
}
