//! The engine's four doors and the order of things behind them.

use crate::alert::Acknowledgement;
use crate::anomaly::{self, Incident, Stage, Watch};
use crate::archive::Mark;
use crate::clock::Clock;
use crate::counts::Counts;
use crate::lifecycle::{Joined, Lifecycle, Look, evidence};
use crate::own;
use crate::port::{Effect, Input, Settings};
use crate::promql::{EvalError, Expr, Value};
use crate::series::{Amend, Course, Learnt, SavedHistory, Series, Table};
use crate::sight::Sight;
use crate::view::{Anomaly, View};
use hostward_model::{Batch, Now};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Arc;

/// How often old history is looked for.
const TRIM_MS: u64 = 60_000;
/// How often the engine takes its own samples in at most.
const TALLY_MS_MIN: u64 = 10_000;
/// Without any input for so long, and some intervals more, the host slept or the process was stopped.
const AWAY_MS: u64 = 60_000;

/// Judgement over time. See the crate's head for how it is driven.
pub struct Engine {
    pub(crate) memory: Memory,
    settings: Settings,
    effects: VecDeque<Effect>,
    now: Now,
    /// Memory that is used again for the engine's own samples.
    own: Batch,
    pub(crate) learns_anew: bool,
    /// What is on disk of the history.
    pub(crate) archived: Mark,
}

/// All that lasts from one input to the next, and so all that a snapshot holds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Memory {
    pub(crate) table: Table,
    pub(crate) watch: Watch,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) clock: Clock,
    pub(crate) counts: Counts,
    pub(crate) next_trim: u64,
    pub(crate) next_save: u64,
    pub(crate) next_tally: u64,
    /// The next tick should have come by then; until it has, nobody needs to be woken for a rule.
    pub(crate) tick_ms: u64,
    /// How many series were at each stage of learning when last counted.
    pub(crate) stages: [u64; Stage::ALL.len()],
    /// Whether a sample came since the start or the last absence.
    pub(crate) sighted: bool,
}

impl Memory {
    /// Moves all monotonic times to another boot's clock.
    fn rebase(&mut self, by_ms: i64) {
        self.table.rebase(by_ms);
        self.watch.rebase(by_ms);
        self.lifecycle.rebase(by_ms);
        self.next_trim = self.next_trim.saturating_add_signed(by_ms);
        self.next_save = self.next_save.saturating_add_signed(by_ms);
        self.next_tally = self.next_tally.saturating_add_signed(by_ms);
        self.tick_ms = self.tick_ms.saturating_add_signed(by_ms);
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
        let (effects, now, own, archived) = Default::default();
        Engine { memory, settings, effects, now, own, learns_anew: false, archived }
    }

    /// Whether it was restored from a snapshot whose baselines have another form, so that they begin anew.
    pub fn is_learning_anew(&self) -> bool {
        self.learns_anew
    }

    /// Goes on with other settings.
    pub fn set_settings(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// Tells what happened. Rules wait for [`Input::Ticked`], so that they see all of a tick's batches together.
    pub fn handle(&mut self, now: Now, input: Input<'_>) {
        self.now = now;
        self.pass(now);
        // The house is kept when time passes, not when somebody says something: a restart tells the rules once more.
        let is_due = matches!(input, Input::Batch { .. } | Input::Ticked { .. } | Input::Wake);
        match input {
            Input::Batch { probe, batch } => self.take(probe, batch),
            Input::Rules(rules) => self.memory.lifecycle.set_rules(now, rules, self.settings.evaluation_ms),
            Input::Acknowledge(acknowledgement) => self.acknowledge(acknowledgement),
            Input::Amend { series, amend } => self.amend(series, amend),
            Input::Resume(alerts) => self.memory.lifecycle.resume(now, alerts),
            Input::Ticked { next_ms } => self.ticked(next_ms),
            Input::Wake => self.evaluate(now.mono_ms),
        }
        if is_due {
            self.keep_house();
        }
        self.effects.extend(self.memory.table.take_settled().into_iter().map(Effect::Settled));
        let transitions = self.memory.lifecycle.take_transitions();
        self.memory.counts.transitions += transitions.len() as u64;
        self.effects.extend(transitions.map(|transition| Effect::Alert(Box::new(transition))));
    }

    /// Sees to what lies between the last input and this one: a clock that was set, another boot, an absence.
    fn pass(&mut self, now: Now) {
        let passage = self.memory.clock.observe(now);
        if passage.set_ms != 0 {
            self.memory.table.shift(passage.set_ms);
            self.memory.watch.shift(passage.set_ms);
        }
        if let Some(by_ms) = passage.reboot_ms {
            self.memory.rebase(by_ms);
        }
        if passage.passed_ms > AWAY_MS + 4 * self.settings.interval_ms.max(self.settings.evaluation_ms) {
            self.memory.sighted = false;
            self.memory.lifecycle.pardon(now);
        }
    }

    /// What is due before the middle of the way to the next tick is nearer to this one.
    fn ticked(&mut self, next_ms: u64) {
        let mono_ms = self.now.mono_ms;
        self.evaluate(mono_ms + next_ms / 2);
        self.memory.tick_ms = mono_ms + next_ms + next_ms / 8;
    }

    /// Evaluates what is due by `until_ms`. Without a sample since the start or the end of an absence nothing can be
    /// said.
    fn evaluate(&mut self, until_ms: u64) {
        if !self.memory.sighted {
            self.memory.next_tally = self.now.mono_ms + TALLY_MS_MIN;
            return self.memory.lifecycle.skip(until_ms);
        }
        let Memory { lifecycle, table, watch, counts, .. } = &mut self.memory;
        watch.look(self.now, table, self.settings.false_alarms_per_week);
        let sight = Sight { table, watch, anomalies_max: self.settings.anomalies_max };
        let now = self.now;
        let look = Look { now, host: &sight, evidence: &|rule, labels| evidence(rule, labels, sight, now) };
        lifecycle.evaluate(look, until_ms, self.settings.group_ms, counts);
        self.tally(until_ms);
    }

    /// Takes the engine's own samples in, at the pace of the others.
    fn tally(&mut self, until_ms: u64) {
        let Memory { table, watch, counts, next_tally, stages, .. } = &mut self.memory;
        if *next_tally > until_ms {
            return;
        }
        *next_tally = self.now.mono_ms + self.settings.interval_ms.max(TALLY_MS_MIN);
        let per_week = self.settings.false_alarms_per_week;
        anomaly::ratios(table, &mut self.own);
        table.take(self.now, own::JUDGED, &self.own, self.settings.series_max, counts);
        anomaly::known(watch, per_week, *stages, &mut self.own);
        table.take(self.now, own::KNOWN, &self.own, self.settings.series_max, counts);
    }

    fn take(&mut self, probe: &str, batch: &Batch) {
        self.memory.sighted = true;
        self.memory.table.take(self.now, probe, batch, self.settings.series_max, &mut self.memory.counts);
    }

    fn acknowledge(&mut self, acknowledgement: Acknowledgement) {
        self.memory.lifecycle.acknowledge(acknowledgement);
    }

    fn amend(&mut self, series: &str, amend: Amend) {
        if let Ok(slot) = self.memory.table.one(series) {
            self.memory.table.amend(slot, amend, self.now.wall_ms);
        }
    }

    fn keep_house(&mut self) {
        let mono_ms = self.now.mono_ms;
        if self.memory.next_trim <= mono_ms {
            self.memory.counts.history_bytes =
                self.memory.table.trim(self.now, self.settings.history_bytes_max) as u64;
            self.memory.stages = self.memory.table.stages();
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
        let due = self.memory.lifecycle.deadline().map(|due| due.max(self.memory.tick_ms));
        Some(due.unwrap_or(u64::MAX).min(self.memory.next_save))
    }

    /// What everybody outside may read.
    pub fn view(&mut self) -> Arc<View> {
        Arc::new(View {
            at: self.now,
            catalog: self.memory.table.catalog(),
            values: self.memory.table.values(),
            alerts: self.memory.lifecycle.alerts().cloned().collect(),
            anomalies: self.anomalies(),
            incidents: self.memory.watch.incidents().cloned().collect(),
            rules: self.memory.lifecycle.statuses(&self.memory.table),
            evaluations_skipped: self.memory.lifecycle.recorded().skipped,
            counts: Counts { series: self.memory.table.live(), ..self.memory.counts },
        })
    }

    fn anomalies(&self) -> Vec<Anomaly> {
        let told = |series: &Series| {
            let episode = series.anomaly.as_deref()?;
            Some(Anomaly {
                evidence: series.evidence(episode.peak),
                metric: series.labels.name().to_owned(),
                since_ms: episode.since_ms,
            })
        };
        self.sight().unusual().into_iter().filter_map(told).collect()
    }

    pub(crate) fn now(&self) -> Now {
        self.now
    }

    pub(crate) fn sight(&self) -> Sight<'_> {
        let Memory { table, watch, .. } = &self.memory;
        Sight { table, watch, anomalies_max: self.settings.anomalies_max }
    }

    /// Incidents, the oldest first: those that go on, and a bounded number of those before.
    pub fn incidents(&self) -> impl DoubleEndedIterator<Item = &Incident> {
        self.memory.watch.incidents().map(|incident| &**incident)
    }

    /// What was learnt of each series that lives.
    pub fn learnt(&self) -> impl Iterator<Item = Learnt> {
        self.memory.table.learnt(self.now.wall_ms)
    }

    /// The one series that a selector names, over the last `back_ms`; the error says why there is none.
    pub fn course(&self, series: &str, back_ms: i64) -> Result<Course, String> {
        let slot = self.memory.table.one(series)?;
        let course = self.memory.table.course(slot, self.now.wall_ms, back_ms);
        course.ok_or_else(|| format!("there is no series {series}"))
    }

    /// The value of an expression at one time, over the history in memory.
    pub fn query(&self, expr: &Expr, at_ms: i64) -> Result<Value, EvalError> {
        let sight = self.sight();
        expr.eval(&self.joined(&sight), at_ms)
    }

    /// What is seen and what rules have recorded.
    fn joined<'a>(&'a self, sight: &'a Sight<'a>) -> Joined<'a> {
        Joined { host: sight, recorded: self.memory.lifecycle.recorded() }
    }
}
