//! The engine's four doors and the order of things behind them.

use crate::alert::Acknowledgement;
use crate::clock::Clock;
use crate::lifecycle::{Joined, Lifecycle, evidence};
use crate::port::{Effect, Input, Settings};
use crate::promql::{EvalError, Expr, RangeSeries, Value};
use crate::series::{SavedHistory, Table};
use crate::view::{Anomaly, Counts, View};
use hostward_model::{Batch, Now};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Arc;

/// How often old history is looked for.
const TRIM_MS: u64 = 60_000;
/// Without any input for so long, and some intervals more, the host slept or the process was stopped.
const AWAY_MS: u64 = 60_000;

/// Judgement over time. See the crate's head for how it is driven.
pub struct Engine {
    pub(crate) memory: Memory,
    settings: Settings,
    effects: VecDeque<Effect>,
    now: Now,
}

/// All that lasts from one input to the next, and so all that a snapshot holds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Memory {
    pub(crate) table: Table,
    lifecycle: Lifecycle,
    clock: Clock,
    counts: Counts,
    next_trim: u64,
    next_save: u64,
    /// Whether a sample came since the start or the last absence.
    sighted: bool,
}

impl Memory {
    /// Moves all monotonic times to another boot's clock.
    fn rebase(&mut self, by_ms: i64) {
        self.table.rebase(by_ms);
        self.lifecycle.rebase(by_ms);
        self.next_trim = self.next_trim.saturating_add_signed(by_ms);
        self.next_save = self.next_save.saturating_add_signed(by_ms);
    }

    /// Takes up saved samples; without any, what was counted and unusual then is of the past.
    pub(crate) fn set_history(&mut self, history: Option<SavedHistory>) {
        if history.is_none() {
            (self.counts, self.sighted) = Default::default();
        }
        self.table.set_history(history);
        self.table.reindex();
    }
}

impl Engine {
    /// An engine that has seen nothing.
    pub fn new(settings: Settings) -> Self {
        Self::with_memory(settings, Memory::default())
    }

    pub(crate) fn with_memory(settings: Settings, memory: Memory) -> Self {
        Engine { memory, settings, effects: VecDeque::new(), now: Now::default() }
    }

    /// Goes on with other settings.
    pub fn set_settings(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// Tells what happened. Rules wait for [`Input::Wake`], so that they see all of a tick's batches together.
    pub fn handle(&mut self, now: Now, input: Input<'_>) {
        self.now = now;
        self.pass(now);
        match input {
            Input::Batch { probe, batch } => self.take(probe, batch),
            Input::Rules(rules) => self.memory.lifecycle.set_rules(now, rules, self.settings.evaluation_ms),
            Input::Acknowledge(acknowledgement) => self.acknowledge(acknowledgement),
            Input::Resume(alerts) => self.memory.lifecycle.resume(now, alerts),
            Input::Wake => self.wake(),
        }
        self.keep_house();
        let transitions = self.memory.lifecycle.take_transitions();
        self.memory.counts.transitions += transitions.len() as u64;
        self.effects.extend(transitions.map(|transition| Effect::Alert(Box::new(transition))));
    }

    /// Sees to what lies between the last input and this one: a clock that was set, another boot, an absence.
    fn pass(&mut self, now: Now) {
        let passage = self.memory.clock.observe(now);
        if passage.set_ms != 0 {
            self.memory.table.shift(passage.set_ms);
        }
        if let Some(by_ms) = passage.reboot_ms {
            self.memory.rebase(by_ms);
        }
        if passage.passed_ms > AWAY_MS + 4 * self.settings.interval_ms.max(self.settings.evaluation_ms) {
            self.memory.sighted = false;
            self.memory.lifecycle.pardon(now);
        }
    }

    /// Evaluates what is due. Without a sample since the start or the end of an absence nothing can be said.
    fn wake(&mut self) {
        let Memory { lifecycle, table, counts, sighted, .. } = &mut self.memory;
        let now = self.now;
        if *sighted {
            lifecycle.evaluate(now, table, &|rule, labels| evidence(rule, labels, table, now), counts);
        } else {
            lifecycle.skip(now);
        }
    }

    fn take(&mut self, probe: &str, batch: &Batch) {
        self.memory.sighted = true;
        self.memory.table.take(self.now, probe, batch, self.settings.series_max, &mut self.memory.counts);
    }

    fn acknowledge(&mut self, acknowledgement: Acknowledgement) {
        self.memory.lifecycle.acknowledge(acknowledgement);
    }

    fn keep_house(&mut self) {
        let mono_ms = self.now.mono_ms;
        if self.memory.next_trim <= mono_ms {
            self.memory.counts.history_bytes =
                self.memory.table.trim(self.now, self.settings.history_bytes_max) as u64;
            self.memory.next_trim = mono_ms + TRIM_MS;
        }
        if self.memory.next_save <= mono_ms {
            if self.memory.next_save > 0 {
                self.effects.push_back(Effect::Save);
            }
            self.memory.next_save = mono_ms + self.settings.save_ms;
        }
    }

    /// The next thing that the shell should do; drain after each [`Engine::handle`].
    pub fn poll(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When [`Input::Wake`] is due, on the monotonic clock.
    pub fn deadline(&self) -> Option<u64> {
        Some(self.memory.lifecycle.deadline().unwrap_or(self.memory.next_save).min(self.memory.next_save))
    }

    /// What everybody outside may read.
    pub fn view(&mut self) -> Arc<View> {
        Arc::new(View {
            at: self.now,
            catalog: self.memory.table.catalog(),
            values: self.memory.table.values(),
            alerts: self.memory.lifecycle.alerts().cloned().collect(),
            anomalies: self.anomalies(),
            rules: self.memory.lifecycle.statuses(),
            counts: Counts { series: self.memory.table.live(), ..self.memory.counts },
        })
    }

    fn anomalies(&self) -> Vec<Anomaly> {
        let mut unusual: Vec<_> =
            self.memory.table.series().filter_map(|series| Some((series.anomaly?, series))).collect();
        unusual.sort_by(|(a, _), (b, _)| b.peak.confidence.total_cmp(&a.peak.confidence));
        unusual.truncate(self.settings.anomalies_max);
        unusual
            .into_iter()
            .map(|(episode, series)| Anomaly {
                evidence: series.evidence(episode.peak),
                metric: series.labels.name().to_owned(),
                since_ms: episode.since_ms,
            })
            .collect()
    }

    /// The value of an expression at one time, over the history in memory.
    pub fn query(&self, expr: &Expr, at_ms: i64) -> Result<Value, EvalError> {
        expr.eval(&self.source(), at_ms)
    }

    /// The values of an expression at steps of time.
    pub fn query_range(
        &self,
        expr: &Expr,
        from_ms: i64,
        to_ms: i64,
        step_ms: i64,
    ) -> Result<Vec<RangeSeries>, EvalError> {
        expr.eval_range(&self.source(), from_ms, to_ms, step_ms)
    }

    fn source(&self) -> Joined<'_> {
        Joined { host: &self.memory.table, recorded: self.memory.lifecycle.recorded() }
    }
}
