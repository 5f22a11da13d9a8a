//! Runs of workflows: how far each is, written down with what happened before anything more is done.

use super::audit::{self, Entry};
use super::fault::StoreError;
use super::json;
use super::rows::{self, WORKFLOWS};
use super::store::Store;
use hostward_harden::workflow::{Run, Told};
use rusqlite::types::Value;

/// Runs that are kept; of those that have ended the oldest go.
const RUNS_MAX: usize = 200;

impl Store {
    /// Writes a run down with what is to be told of it, both or neither; it is durable when this returns.
    pub fn keep_run(&mut self, run: &Run, told: &[Told], at_ms: i64) -> Result<(), StoreError> {
        let text = json::write(run)?;
        let step = self.db.transaction()?;
        rows::put(&step, WORKFLOWS, &Value::Text(run.id.clone()), run.started_ms, Value::Text(text))?;
        audit::append(&step, told.iter().map(|own| entry(run, own, at_ms)))?;
        step.commit()?;
        if run.ended_ms.is_some() { self.forget_runs() } else { Ok(()) }
    }

    /// Every run, the newest first.
    pub fn runs(&self) -> Result<Vec<Run>, StoreError> {
        let records = rows::latest(&self.db, WORKFLOWS, usize::MAX)?;
        let decoded = records.iter().map(|text| json::read_of(WORKFLOWS, text));
        let mut runs: Vec<Run> = decoded.collect::<Result<_, _>>()?;
        runs.sort_by(|one, other| (other.started_ms, &other.id).cmp(&(one.started_ms, &one.id)));
        Ok(runs)
    }

    fn forget_runs(&mut self) -> Result<(), StoreError> {
        let runs = self.runs()?;
        for run in runs.iter().skip(RUNS_MAX).filter(|own| own.ended_ms.is_some()) {
            rows::remove(&self.db, WORKFLOWS, &run.id)?;
        }
        Ok(())
    }
}

fn entry(run: &Run, told: &Told, at_ms: i64) -> Entry {
    let object = if told.step.is_empty() { run.id.clone() } else { format!("{} {}", run.id, told.step) };
    let (by, verb) = (run.by.clone(), format!("workflow {}", told.what.as_str()));
    Entry { at_ms, by, verb, object, reason: told.said.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;
    use hostward_harden::workflow::Workflow;

    const ONE: &str = "name = 'one'\ntitle = 'x'\n[[step]]\nid = 'a'\ndo = 'notify'\nwith.text = 'hello'\n";

    #[test]
    fn a_run_is_found_as_it_was_and_what_happened_is_in_the_log() {
        let scratch = Scratch::new("workflows");
        let (mut store, _) = Store::open(scratch.path()).unwrap();
        let workflow = Workflow::parse("one.toml", ONE).unwrap();
        let (run, told) = Run::start(workflow, [].into(), "r-1", "ann", 7).unwrap();
        store.keep_run(&run, &told, 7).unwrap();
        drop(store);
        let (store, damages) = Store::open(scratch.path()).unwrap();
        assert_eq!((store.runs().unwrap(), damages), (vec![run], vec![]));
        let log: Vec<_> = store.audits_after(0, 9).unwrap();
        let words: Vec<_> = log.iter().map(|(_, own)| format!("{} {}", own.verb, own.object)).collect();
        assert_eq!(words, ["workflow started r-1", "workflow step r-1 a", "workflow tool-running r-1 a"]);
        assert_eq!(store.audits_after(log[0].0, 9).unwrap(), log[1..]);
        assert_eq!(store.audit_before(1).unwrap(), log[1].0);
        assert!(store.audit_chain().unwrap().broken.is_empty());
    }

    #[test]
    fn runs_that_ended_are_bounded_and_open_ones_stay() {
        let scratch = Scratch::new("many-runs");
        let (mut store, _) = Store::open(scratch.path()).unwrap();
        let workflow = Workflow::parse("one.toml", ONE).unwrap();
        for n in 0..i64::try_from(RUNS_MAX).unwrap() + 5 {
            let (mut run, _) = Run::start(workflow.clone(), [].into(), &format!("r-{n}"), "ann", n).unwrap();
            if n > 0 {
                run.cancel("enough", n);
            }
            store.keep_run(&run, &[], n).unwrap();
        }
        let runs = store.runs().unwrap();
        assert_eq!((runs.len(), runs.last().unwrap().id.as_str()), (RUNS_MAX + 1, "r-0"));
    }
}
