//! One run of one probe, whatever it does.

use super::{ASKED_MS_MAX, Chosen, Memories};
use crate::clock;
use hostward_model::Batch;
use hostward_probes::{Fault, Host, Probe};
use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Longest part of a panic's message that is kept.
const PANIC_CHARS_MAX: usize = 200;

/// Time after which a slow probe that failed is tried again.
const RETRY: Duration = Duration::from_secs(600);

/// A probe and the state it may have.
pub struct Runner {
    chosen: Chosen,
    probe: Box<dyn Probe>,
    memories: Memories,
    /// What a slow probe saw, told again until its time comes.
    kept: Option<Kept>,
}

struct Kept {
    due: Instant,
    batch: Batch,
    outcome: Outcome,
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
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What went wrong, if anything.
    pub trouble: Option<Trouble>,
    /// How long it took.
    pub seconds: f64,
    /// Processor time that it took.
    pub cpu_seconds: f64,
}

impl Runner {
    /// A fresh instance, reminded of what the one before said.
    pub fn new(chosen: Chosen, memories: Memories) -> Self {
        let mut probe = (chosen.spec.start)(&chosen.settings);
        memories.remind(chosen.spec.name, probe.as_mut());
        Runner { probe, memories, chosen, kept: None }
    }

    /// Empties the batch and fills it; one that runs more seldom than the sampler asks tells again what it saw.
    pub fn run(&mut self, host: &mut Host, batch: &mut Batch) -> Outcome {
        let every = Duration::from_millis(self.chosen.every_ms);
        if every.as_millis() <= u128::from(ASKED_MS_MAX) {
            return self.run_now(host, batch);
        }
        match &self.kept {
            Some(kept) if Instant::now() < kept.due => {
                batch.clone_from(&kept.batch);
                Outcome { cpu_seconds: 0.0, ..kept.outcome.clone() }
            }
            _ => {
                let outcome = self.run_now(host, batch);
                let rest = if outcome.trouble.is_some() { every.min(RETRY) } else { every };
                let due = Instant::now() + rest;
                self.kept = Some(Kept { due, batch: batch.clone(), outcome: outcome.clone() });
                outcome
            }
        }
    }

    /// After a panic both the probe and the host start afresh, for nobody
    /// knows what they were left in.
    fn run_now(&mut self, host: &mut Host, batch: &mut Batch) -> Outcome {
        batch.clear();
        let (begun, cpu) = (Instant::now(), clock::thread_cpu());
        let result = catch_unwind(AssertUnwindSafe(|| self.probe.collect(host, batch)));
        let seconds = begun.elapsed().as_secs_f64();
        let cpu_seconds = clock::thread_cpu().saturating_sub(cpu).as_secs_f64();
        let trouble = match result {
            Ok(result) => {
                self.memories.ask(self.chosen.spec.name, self.probe.as_ref());
                result.err().map(Trouble::Fault)
            }
            Err(payload) => {
                *host = Host::new(host.root());
                self.probe = (self.chosen.spec.start)(&self.chosen.settings);
                batch.clear();
                Some(Trouble::Panic(said(payload.as_ref())))
            }
        };
        Outcome { trouble, seconds, cpu_seconds }
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
    use hostward_probes::{Settings, Spec};

    static BROKEN: Spec = Spec {
        name: "broken",
        start: |_| Box::new(|_: &mut Host, _: &mut Batch| -> Result<(), Fault> { panic!("index {}", 7) }),
        ..Spec::INLINE
    };

    /// Counts its runs, and goes on where it was reminded of.
    #[derive(Default)]
    struct Counting(u32);

    impl Probe for Counting {
        fn collect(&mut self, _: &mut Host, _: &mut Batch) -> Result<(), Fault> {
            self.0 += 1;
            Ok(())
        }

        fn memory(&self) -> String {
            self.0.to_string()
        }

        fn remember(&mut self, memory: &str) {
            self.0 = memory.parse().unwrap_or(0);
        }
    }

    static COUNTING: Spec =
        Spec { name: "counting", start: |_| Box::new(Counting::default()), ..Spec::INLINE };

    fn runner(spec: &'static Spec, memories: &Memories) -> Runner {
        Runner::new(Chosen { spec, every_ms: 0, settings: Settings::default() }, memories.clone())
    }

    #[test]
    fn a_fresh_instance_is_reminded_of_what_the_one_before_said() {
        let memories = Memories::new([("counting".to_owned(), "40".to_owned())].into());
        for expected in ["41", "42"] {
            runner(&COUNTING, &memories).run(&mut Host::new("/"), &mut Batch::new());
            assert_eq!(memories.all()["counting"], expected);
        }
    }

    #[test]
    fn a_panic_is_one_probes_trouble() {
        let (mut host, mut batch) = (Host::new("/"), Batch::new());
        batch.push_gap("left", "over", "");
        let outcome = runner(&BROKEN, &Memories::default()).run(&mut host, &mut batch);
        assert_eq!(outcome.trouble, Some(Trouble::Panic("index 7".to_owned())));
        assert!(batch.is_empty() && batch.gaps().is_empty());
    }
}
