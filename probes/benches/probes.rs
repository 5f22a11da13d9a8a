//! What a run of each probe costs on this host: time, and memory taken anew.
//!
//! `cargo bench -p hostward-probes`, with the names of probes after `--` for a few of them.

use allocation_counter::measure;
use hostward_model::Batch;
use hostward_probes::{Fault, Host, PROBES, Pace, Probe, Spec};
use std::time::{Duration, Instant};

/// Runs before the first one that counts: files are opened, buffers grow.
const WARM_RUNS: u32 = 3;
/// Runs that count, at most, and the time after which no more is begun.
const RUNS_MAX: u32 = 500;
const MEASURED_MAX: Duration = Duration::from_millis(300);

fn main() {
    let names: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    println!("{:20} {:>10} {:>9} {:>8}  {:10} outcome", "probe", "µs/run", "allocs", "samples", "when");
    for spec in PROBES.iter().filter(|spec| names.is_empty() || names.iter().any(|name| name == spec.name)) {
        let cost = Cost::of(spec);
        println!(
            "{:20} {:10.1} {:9.1} {:8}  {:10} {}",
            spec.name,
            cost.microseconds,
            cost.allocations,
            cost.samples,
            when(spec),
            cost.outcome
        );
    }
}

fn when(spec: &Spec) -> String {
    let aside = if spec.pace == Pace::Aside { " aside" } else { "" };
    let off = if spec.enabled { "" } else { " off" };
    match spec.every_ms {
        0 => format!("tick{aside}{off}"),
        every => format!("{}s{aside}{off}", every / 1000),
    }
}

/// Means of a run in the steady state.
struct Cost {
    microseconds: f64,
    allocations: f64,
    samples: usize,
    outcome: String,
}

impl Cost {
    fn of(spec: &Spec) -> Self {
        let (mut host, mut batch, mut probe) = (Host::new("/"), Batch::new(), spec.instance());
        let mut result = Ok(());
        for _ in 0..WARM_RUNS {
            result = run(&mut host, &mut batch, probe.as_mut());
        }
        let (begin, mut runs) = (Instant::now(), 0);
        let taken = measure(|| {
            while runs < RUNS_MAX && begin.elapsed() < MEASURED_MAX {
                let _ = run(&mut host, &mut batch, probe.as_mut());
                runs += 1;
            }
        });
        let runs = f64::from(runs.max(1));
        Cost {
            microseconds: begin.elapsed().as_secs_f64() * 1e6 / runs,
            allocations: taken.count_total as f64 / runs,
            samples: batch.len(),
            outcome: result.map_or_else(|fault| fault.to_string(), |()| "ok".to_owned()),
        }
    }
}

fn run(host: &mut Host, batch: &mut Batch, probe: &mut dyn Probe) -> Result<(), Fault> {
    batch.clear();
    host.begin_tick();
    probe.collect(host, batch)
}
