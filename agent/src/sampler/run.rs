//! One run of one probe, whatever it does.

use super::Chosen;
use hostward_model::Batch;
use hostward_probes::{AuthLog, Fault, Host, Probe};
use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// Longest part of a panic's message that is kept.
const PANIC_CHARS_MAX: usize = 200;

/// A probe and the state it may have.
pub struct Runner {
    chosen: Chosen,
    probe: Box<dyn Probe>,
}

/// How a run went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The probe says so.
    Fault(Fault),
    /// The probe has a bug; this is what it said last.
    Panic(String),
}

/// How a run went.
#[derive(Debug)]
pub struct Outcome {
    /// What went wrong, if anything.
    pub trouble: Option<Trouble>,
    /// How long it took.
    pub seconds: f64,
}

impl Runner {
    /// A fresh instance.
    pub fn new(chosen: Chosen) -> Self {
        Runner { probe: start(&chosen), chosen }
    }

    /// Empties the batch and fills it. After a panic both the probe and the host start afresh, for nobody
    /// knows what they were left in.
    pub fn run(&mut self, host: &mut Host, batch: &mut Batch) -> Outcome {
        batch.clear();
        let begun = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| self.probe.collect(host, batch)));
        let seconds = begun.elapsed().as_secs_f64();
        let trouble = match result {
            Ok(result) => result.err().map(Trouble::Fault),
            Err(payload) => {
                *host = Host::new(host.root());
                self.probe = start(&self.chosen);
                batch.clear();
                Some(Trouble::Panic(said(payload.as_ref())))
            }
        };
        Outcome { trouble, seconds }
    }
}

/// The probe that follows a log can be given another one; all others are as declared.
fn start(chosen: &Chosen) -> Box<dyn Probe> {
    match &chosen.path {
        Some(path) if chosen.spec.name == "authlog" => Box::new(AuthLog::with_path(path.to_string_lossy())),
        _ => (chosen.spec.start)(),
    }
}

fn said(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic");
    text.chars().take(PANIC_CHARS_MAX).collect()
}

impl Trouble {
    /// The value of the `reason` label.
    pub fn reason(&self) -> &'static str {
        match self {
            Trouble::Fault(fault) => fault.reason(),
            Trouble::Panic(_) => "panic",
        }
    }

    /// What could not be seen.
    pub fn what(&self) -> &str {
        match self {
            Trouble::Fault(
                Fault::Missing { what }
                | Fault::Denied { what, .. }
                | Fault::Unreadable { what, .. }
                | Fault::Malformed { what, .. }
                | Fault::Timeout { what, .. },
            ) => what,
            Trouble::Panic(_) => "",
        }
    }

    /// What an administrator can do about it; empty when nothing is known to help.
    pub fn grant(&self) -> &str {
        match self {
            Trouble::Fault(Fault::Denied { grant, .. }) => grant,
            _ => "",
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Fault(fault) => fault.fmt(f),
            Trouble::Panic(said) => write!(f, "a bug in the probe: {said}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hostward_probes::{Pace, Spec};

    static BROKEN: Spec = Spec {
        name: "broken",
        about: "",
        reads: &[],
        metrics: &[],
        pace: Pace::Inline,
        every_ms: 0,
        start: || Box::new(|_: &mut Host, _: &mut Batch| -> Result<(), Fault> { panic!("index {}", 7) }),
    };

    #[test]
    fn a_panic_is_one_probes_trouble() {
        let (mut host, mut batch) = (Host::new("/"), Batch::new());
        batch.push_gap("left", "over", "");
        let outcome =
            Runner::new(Chosen { spec: &BROKEN, every_ms: 0, path: None }).run(&mut host, &mut batch);
        assert_eq!(outcome.trouble, Some(Trouble::Panic("index 7".to_owned())));
        assert!(batch.is_empty() && batch.gaps().is_empty());
    }
}
