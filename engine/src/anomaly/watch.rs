//! Puts what is unusual now together into incidents, and says which of them alert.

use super::budget::Budget;
use super::incident::{self, Alarm, Incident, Member};
use super::{Episode, lead};
use crate::own::JUDGED;
use crate::series::{Series, Table};
use hostward_model::Now;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Arc;

/// Incidents that are kept, those that go on included; the oldest go.
const INCIDENTS_MAX: usize = 100;
/// Incidents that go on at once; beyond it the oldest counts as over.
const OPEN_MAX: usize = 8;
/// Series that began to be unusual within so long of one another go together.
const JOIN_MS: i64 = 5 * 60_000;
/// A series joins an incident when it adds at least this share of what the strongest adds.
const JOIN_SHARE: f64 = 0.25;
/// One that adds at least this share is part of its front: what follows it within [`JOIN_MS`] may join, too.
const FRONT_SHARE: f64 = 0.5;
/// What comes back within so long is the same incident.
const RESUME_MS: i64 = 10 * 60_000;
/// Whatever lasts longer has become usual.
const INCIDENT_MS_MAX: i64 = 24 * 3_600_000;
/// How much less alarming an incident is for each day on which the same came at the same time.
const HABIT: f64 = 0.25;
/// How far back the beginning of a move is looked for.
const LEAD_MS: i64 = 15 * 60_000;
/// Between two looks that are further apart nobody watched.
const AWAY_MS: u64 = 10 * 60_000;

/// Incidents, and the budget that they are measured by.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Watch {
    /// In the order in which they began to be told.
    incidents: VecDeque<Arc<Incident>>,
    /// How many there ever were, and how many of them alerted.
    pub count: u64,
    /// See `count`.
    pub alerted: u64,
    /// What sets the level.
    pub budget: Budget,
    mono_ms: Option<u64>,
}

/// A series that is unusual and in no incident.
struct Loose {
    slot: u32,
    probe: u16,
    since_ms: i64,
    weight: f64,
}

impl Watch {
    /// Looks at what is unusual now. On a quiet host this is a subtraction.
    pub fn look(&mut self, now: Now, table: &mut Table, per_week: f64) {
        let passed_ms = self.mono_ms.replace(now.mono_ms).map_or(0, |last| now.mono_ms.saturating_sub(last));
        self.budget.pass(passed_ms, passed_ms < AWAY_MS, per_week);
        table.drop_usual();
        if table.unusual().is_empty() && self.open().next().is_none() {
            return;
        }
        self.follow(table);
        self.gather(now, table);
        self.judge(now, per_week);
        self.close(now);
    }

    /// All incidents that are remembered, the oldest first.
    pub fn incidents(&self) -> impl DoubleEndedIterator<Item = &Arc<Incident>> + Clone {
        self.incidents.iter()
    }

    /// Those that go on.
    pub fn open(&self) -> impl DoubleEndedIterator<Item = &Arc<Incident>> + Clone {
        self.incidents().filter(|incident| incident.open)
    }

    /// Moves the times of what goes on when somebody set the clock.
    pub fn shift(&mut self, by_ms: i64) {
        for incident in self.open_mut() {
            for at_ms in [&mut incident.since_ms, &mut incident.last_ms, &mut incident.front_ms] {
                *at_ms += by_ms;
            }
            for member in &mut incident.members {
                for at_ms in [&mut member.onset_ms, &mut member.since_ms, &mut member.last_ms] {
                    *at_ms += by_ms;
                }
            }
            incident.moved.iter_mut().for_each(|own| own.onset_ms += by_ms);
        }
    }

    /// Moves monotonic times to another boot's clock.
    pub fn rebase(&mut self, by_ms: i64) {
        self.mono_ms = self.mono_ms.map(|mono_ms| mono_ms.saturating_add_signed(by_ms));
    }

    fn open_mut(&mut self) -> impl Iterator<Item = &mut Incident> {
        self.incidents.iter_mut().filter(|incident| incident.open).map(Arc::make_mut)
    }

    fn follow(&mut self, table: &Table) {
        for incident in self.open_mut() {
            let id = incident.id;
            for member in incident.members.iter_mut().filter(|member| member.open) {
                match episode_of(table, member, id) {
                    Some(episode) => member.follow(episode),
                    None => member.open = false,
                }
            }
        }
    }

    fn gather(&mut self, now: Now, table: &mut Table) {
        let mut loose = loose(table);
        loose.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.slot.cmp(&b.slot)));
        loose.retain(|own| !self.join(own, table));
        let Some(anchor) = loose.first() else { return };
        let together = |own: &&Loose| (own.since_ms - anchor.since_ms).abs() <= JOIN_MS;
        let weights =
            loose.iter().filter(together).map(|own| (table.probe(own.probe).name.as_str(), own.weight));
        if incident::together(weights.collect(), usize::MAX) < self.budget.gate() {
            return;
        }
        let resumed = self.resumed(now, anchor, table);
        let id = resumed.unwrap_or_else(|| self.begin(now));
        for own in loose.iter().filter(together).filter(|own| own.weight >= JOIN_SHARE * anchor.weight) {
            self.add(id, own, table);
        }
        if resumed.is_none()
            && let Some(incident) = self.open_mut().find(|incident| incident.id == id)
        {
            incident.moved = table.moved(now.wall_ms - LEAD_MS, now.wall_ms);
        }
    }

    /// Has a series join the incident that goes on and began last, if it fits.
    fn join(&mut self, own: &Loose, table: &mut Table) -> bool {
        let fits = |incident: &&Arc<Incident>| {
            (own.since_ms - incident.front_ms) <= JOIN_MS && own.weight >= JOIN_SHARE * incident.strongest()
        };
        let Some(id) = self.open().rev().find(fits).map(|incident| incident.id) else { return false };
        self.add(id, own, table);
        true
    }

    fn add(&mut self, id: u64, own: &Loose, table: &mut Table) {
        table.attach(own.slot, id);
        let Some(member) = member(table, own.slot) else { return };
        let Some(incident) = self.open_mut().find(|incident| incident.id == id) else { return };
        if own.weight >= FRONT_SHARE * incident.strongest() {
            incident.front_ms = incident.front_ms.max(member.since_ms);
        }
        incident.members.retain(|old| old.series != member.series);
        incident.moved.retain(|own| own.series != member.series);
        incident.members.push(member);
    }

    /// An incident that has just ended and is back.
    fn resumed(&mut self, now: Now, anchor: &Loose, table: &Table) -> Option<u64> {
        let series = &table.get(anchor.slot)?.labels;
        let is_back = |incident: &&mut Arc<Incident>| {
            now.wall_ms - incident.last_ms <= RESUME_MS
                && now.wall_ms - incident.since_ms <= INCIDENT_MS_MAX
                && incident.members.iter().any(|member| member.series == *series)
        };
        let incident = self.incidents.iter_mut().rev().find(is_back).map(Arc::make_mut)?;
        incident.open = true;
        Some(incident.id)
    }

    fn begin(&mut self, now: Now) -> u64 {
        self.count += 1;
        self.budget.begin();
        if self.incidents.len() >= INCIDENTS_MAX {
            // What was alarming is a habit when it comes again in a week; it goes last.
            let idle = |incident: &Arc<Incident>| !incident.open && !incident.is_alarming();
            self.incidents.remove(self.incidents.iter().position(idle).unwrap_or(0));
        }
        self.incidents.push_back(Arc::new(Incident::new(self.count, now.wall_ms)));
        self.count
    }

    fn judge(&mut self, now: Now, per_week: f64) {
        for index in 0..self.incidents.len() {
            if self.incidents[index].open {
                Arc::make_mut(&mut self.incidents[index]).rank();
                let score = self.score(index, now);
                self.take_score(now, index, score, per_week);
            }
        }
    }

    /// How alarming an incident is now, less so when the same came on earlier days at this time.
    fn score(&self, index: usize, now: Now) -> f64 {
        let incident = &self.incidents[index];
        let was_known = |since_ms: i64| self.budget.was_acquainted(now.wall_ms.saturating_sub(since_ms));
        let score = incident.judge(self.budget.youth(), was_known);
        let times = self.incidents.range(..index).filter(|old| old.is_again(incident, score)).count();
        score / (1.0 + HABIT * times as f64)
    }

    fn take_score(&mut self, now: Now, index: usize, score: f64, per_week: f64) {
        let level = self.budget.level(per_week);
        let incident = Arc::make_mut(&mut self.incidents[index]);
        incident.last_ms = incident.members.iter().map(|own| own.last_ms).max().unwrap_or(now.wall_ms);
        if score > incident.score {
            if incident.alerted() {
                self.budget.refund(incident.score, score, per_week);
            }
            (incident.score, incident.level) = (score, level);
        }
        let known = self.budget.was_acquainted(now.wall_ms.saturating_sub(incident.front_ms));
        if known && !incident.alerted() && score >= level {
            incident.alerted = incident.first().map(|first| Alarm::new(now.wall_ms, first));
            self.budget.spend(score, per_week);
            self.alerted += 1;
        }
    }

    fn close(&mut self, now: Now) {
        let surplus = self.open().count().saturating_sub(OPEN_MAX);
        let budget = &mut self.budget;
        let open = self.incidents.iter_mut().filter(|incident| incident.open).map(Arc::make_mut);
        for (index, incident) in open.enumerate() {
            let goes_on = incident.members.iter().any(|member| member.open)
                && now.wall_ms - incident.since_ms <= INCIDENT_MS_MAX;
            if !goes_on || index < surplus {
                incident.open = false;
                // What a young host's probes come to together says nothing of later scores.
                if !incident.alerted() && budget.youth() == 0.0 {
                    budget.learn(incident.score);
                }
            }
        }
    }
}

fn loose(table: &Table) -> Vec<Loose> {
    let unusual = table.unusual().iter().filter_map(|slot| Some((*slot, table.get(*slot)?)));
    let own = unusual.filter_map(|(slot, series)| {
        let episode = series.anomaly.as_deref().filter(|episode| episode.incident.is_none())?;
        let weight = incident::weight(&episode.peak, episode.lasted_ms());
        Some(Loose { slot, probe: series.probe, since_ms: episode.since_ms, weight })
    });
    own.filter(|own| table.probe(own.probe).name != JUDGED).collect()
}

fn episode_of<'a>(table: &'a Table, member: &Member, id: u64) -> Option<&'a Episode> {
    let series = table.get(member.slot).filter(|series| series.labels == member.series)?;
    series.anomaly.as_deref().filter(|episode| episode.incident == Some(id))
}

fn member(table: &Table, slot: u32) -> Option<Member> {
    let series = table.get(slot)?;
    let episode = series.anomaly.as_deref()?;
    Some(Member {
        series: series.labels.clone(),
        probe: table.probe(series.probe).name.as_str().into(),
        onset_ms: onset_ms(table, series, episode),
        since_ms: episode.since_ms,
        last_ms: episode.last_ms,
        peak: episode.peak,
        lasted_ms: episode.lasted_ms(),
        before: series.past.count(episode.peak.strength()),
        open: true,
        slot,
    })
}

fn onset_ms(table: &Table, series: &Series, episode: &Episode) -> i64 {
    let points = table.points(series, episode.since_ms - LEAD_MS, episode.since_ms);
    lead::onset_ms(&points, series.is_counter(), &episode.peak, episode.since_ms)
}
