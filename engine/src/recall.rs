//! What the engine gives away of its memory: copies for queries, and what is to be written to disk.

use crate::archive::{Fresh, Mark, Ticks, slot, slot_start_ms};
use crate::engine::Engine;
use crate::excerpt::{Excerpt, Lines, Strand};
use crate::labels::Labels;
use crate::promql::source::{Selector, Source};
use std::sync::Arc;

impl Engine {
    /// A copy of all that is remembered of the series that any of the selectors asks for.
    pub fn excerpt(&self, selectors: &[Selector]) -> Excerpt {
        let (table, recorded) = (&self.memory.table, self.memory.lifecycle.recorded());
        let is_wanted = |labels: &_| selectors.iter().any(|selector| selector.matches(labels));
        let mut excerpt = Excerpt { whole_since_ms: table.whole_since_ms(), ..Excerpt::default() };
        for series in table.series().filter(|series| is_wanted(&series.labels)) {
            let probe = table.probe(series.probe);
            let lines = || Lines { raw: probe.raw.clone(), minutes: probe.minutes.clone() };
            excerpt.lines.entry(series.probe).or_insert_with(lines);
            excerpt.series.push(Strand::of(series));
        }
        excerpt.recorded = recorded.since(i64::MIN, is_wanted).collect();
        for selector in selectors.iter().filter(|selector| self.sight().is_of_engine(selector)) {
            let made = self.sight().instant(selector, self.now().wall_ms, 1).into_iter();
            excerpt.made.extend(made.map(|(labels, point)| (labels, point.value)));
        }
        excerpt
    }

    /// The labels of the series that any of the selectors asks for, and of what rules recorded.
    pub fn series_of(&self, selectors: &[Selector]) -> Vec<Arc<Labels>> {
        let is_wanted = |labels: &Labels| selectors.iter().any(|selector| selector.matches(labels));
        let series = self.memory.table.series().map(|series| series.labels.clone());
        let recorded = self.memory.lifecycle.recorded().since(i64::MIN, is_wanted).map(|(labels, _)| labels);
        series.filter(|labels| is_wanted(labels)).chain(recorded).collect()
    }

    /// The samples before `until_ms`, which is rounded down to a slot, that [`Engine::set_archived`] has not been told of.
    pub fn fresh(&self, until_ms: i64) -> Fresh {
        let until_ms = slot_start_ms(slot(until_ms));
        let (table, recorded) = (&self.memory.table, self.memory.lifecycle.recorded());
        let mut fresh = Fresh::default();
        for (number, probe) in table.probes() {
            let known = self.archived.ticks.get(usize::from(number)).copied().unwrap_or(0);
            let first = known.max(probe.raw.start());
            let end = probe.raw.after(until_ms - 1).max(first);
            let at_ms = (first..end).filter_map(|tick| probe.raw.at(tick)).collect();
            fresh.probes.push(Ticks { name: probe.name.clone(), first, at_ms });
            fresh.mark.ticks.push(end);
        }
        for series in table.series() {
            let column = series.raw.since(fresh.probes[usize::from(series.probe)].first);
            if !column.is_empty() {
                fresh.series.push((series.labels.clone(), series.probe, column));
            }
        }
        let points = recorded.since(self.archived.recorded_ms, |_| true);
        let points = points.map(|(labels, mut points)| {
            points.retain(|point| point.at_ms < until_ms);
            (labels, points)
        });
        fresh.recorded = points.filter(|(_, points)| !points.is_empty()).collect();
        fresh.mark.recorded_ms = until_ms - 1;
        fresh
    }

    /// What was taken so far is on disk.
    pub fn set_archived(&mut self, mark: Mark) {
        self.archived = mark;
    }

    /// All before `until_ms` is on disk from an earlier life.
    pub fn resume_archive(&mut self, until_ms: i64) {
        let ticks = self.memory.table.probes().map(|(_, probe)| probe.raw.after(until_ms - 1)).collect();
        self.archived = Mark { ticks, recorded_ms: until_ms - 1 };
    }
}
