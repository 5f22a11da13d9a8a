//! What the last run of each workflow gave, as numbers that rules and Prometheus can see.

use hostward_harden::workflow::{Phase, Run};
use hostward_model::{Batch, Metric};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Numbers that are told at once; more are left out.
const RESULTS_MAX: usize = 200;

static FAILED: Metric = Metric::gauge(
    "hostward_workflow_failed",
    "Whether the last run of a workflow that ended failed (1) or not (0).",
    &["workflow"],
);
static RUNNING: Metric =
    Metric::gauge("hostward_workflow_running", "Runs of a workflow that are under way.", &["workflow"]);
static RESULT: Metric = Metric::gauge(
    "hostward_workflow_result",
    "A number that a step of the last run of a workflow gave, as how many checks passed.",
    &["workflow", "step", "name"],
);

/// What is told.
pub static METRICS: [&Metric; 3] = [&FAILED, &RUNNING, &RESULT];

/// What is known of each workflow.
#[derive(Debug, Default)]
pub struct Board(Mutex<BTreeMap<String, Row>>);

#[derive(Debug, Default)]
struct Row {
    failed: Option<bool>,
    running: Vec<String>,
    results: Vec<(String, String, f64)>,
}

impl Board {
    /// Takes note of how a run stands.
    pub fn note(&self, run: &Run) {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let row = rows.entry(run.workflow.name.clone()).or_default();
        row.running.retain(|own| *own != run.id);
        if run.ended_ms.is_none() {
            row.running.push(run.id.clone());
        } else {
            row.failed = Some(run.phase == Phase::Failed);
        }
        row.results = results(run).collect();
    }

    /// As samples.
    pub fn fill(&self, out: &mut Batch) {
        let rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut left = RESULTS_MAX;
        for (name, row) in rows.iter() {
            out.push(&RUNNING, &[name], row.running.len() as f64);
            if let Some(failed) = row.failed {
                out.push(&FAILED, &[name], f64::from(u8::from(failed)));
            }
            for (step, what, value) in row.results.iter().take(left) {
                out.push(&RESULT, &[name, step, what], *value);
            }
            left = left.saturating_sub(row.results.len());
        }
    }
}

fn results(run: &Run) -> impl Iterator<Item = (String, String, f64)> {
    let steps = run.workflow.steps.iter().zip(&run.steps);
    steps.flat_map(|(step, own)| {
        let numbers = own.gave.iter().filter_map(|(name, text)| Some((name, text.parse::<f64>().ok()?)));
        numbers
            .filter(|(_, value)| value.is_finite())
            .map(|(name, value)| (step.id.clone(), name.clone(), value))
    })
}
