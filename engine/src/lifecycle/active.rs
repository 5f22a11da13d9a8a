//! One alert between its first pending second and the end of its showing.

use super::RuleKey;
use crate::alert::{Acknowledgement, Alert, Evidence, State, Transition};
use crate::labels::Labels;
use crate::rules::Rule;
use hostward_model::Now;
use serde::{Deserialize, Serialize};

/// After a restart the silence of a rule whose series were not all heard of means nothing until its window has filled; not
/// longer than this.
const GRACE_MS_MAX: u64 = 5 * 60_000;

/// An alert and the monotonic times that move it on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Active {
    pub alert: Alert,
    since: u64,
    missed: Option<u64>,
    resolved: Option<u64>,
    resumed: Option<u64>,
}

impl Active {
    /// One whose condition holds for the first time.
    pub fn new(now: Now, alert: Alert) -> Self {
        Active { alert, since: now.mono_ms, missed: None, resolved: None, resumed: None }
    }

    /// One as it was written down; how long it has held is what the wall clock says.
    pub fn resumed(now: Now, alert: Alert) -> Self {
        let ago = |at_ms: i64| now.mono_ms.saturating_sub(u64::try_from(now.wall_ms - at_ms).unwrap_or(0));
        let (since, resolved) = (ago(alert.active_ms), alert.resolved_ms.map(ago));
        Active { alert, since, missed: None, resolved, resumed: Some(now.mono_ms) }
    }

    /// Its rule's silence means nothing until the window has filled.
    pub fn pardon(&mut self, now: Now) {
        self.resumed = Some(now.mono_ms);
    }

    /// Its rule's silence means something again: all it looks at has been heard of since, as far back as its ranges reach.
    pub fn settle(&mut self, now: Now, rule: &Rule, heard: impl FnOnce(&Labels, i64) -> bool) {
        let Some(resumed) = self.resumed else { return };
        let ago_ms = i64::try_from(now.mono_ms.saturating_sub(resumed)).unwrap_or(i64::MAX);
        if ago_ms >= rule.expr.range_ms() && heard(&self.alert.labels, ago_ms) {
            self.resumed = None;
        }
    }

    /// Moves its times to another boot's clock.
    pub fn rebase(&mut self, by_ms: i64) {
        self.since = self.since.saturating_add_signed(by_ms);
        for time in [&mut self.missed, &mut self.resolved, &mut self.resumed].into_iter().flatten() {
            *time = time.saturating_add_signed(by_ms);
        }
    }

    /// Whether it is an alert of that rule.
    pub fn is_of(&self, rule: &Rule) -> bool {
        self.alert.name == rule.name && self.alert.expr == rule.expr.text()
    }

    pub fn rule_key(&self) -> RuleKey {
        (self.alert.name.clone(), self.alert.expr.clone())
    }

    /// The condition holds.
    pub fn hold(
        &mut self,
        now: Now,
        rule: &Rule,
        seen: Alert,
        evidence: impl FnOnce(&Labels) -> Vec<Evidence>,
    ) -> Vec<Transition> {
        (self.missed, self.resumed) = (None, None);
        if matches!(self.alert.state, State::Inactive | State::Resolved) {
            *self = Active::new(now, seen);
            return self.hold_first(now, rule, evidence);
        }
        (self.alert.value, self.alert.annotations) = (seen.value, seen.annotations);
        if self.alert.state == State::Pending && self.has_held(now, rule) {
            return vec![self.fire(now, rule, evidence)];
        }
        Vec::new()
    }

    fn hold_first(
        &mut self,
        now: Now,
        rule: &Rule,
        evidence: impl FnOnce(&Labels) -> Vec<Evidence>,
    ) -> Vec<Transition> {
        if rule.for_ms == 0 {
            return vec![self.fire(now, rule, evidence)];
        }
        vec![self.pass(now, State::Pending, "condition holds".to_owned())]
    }

    fn has_held(&self, now: Now, rule: &Rule) -> bool {
        now.mono_ms.saturating_sub(self.since) >= rule.for_ms
    }

    fn fire(&mut self, now: Now, rule: &Rule, evidence: impl FnOnce(&Labels) -> Vec<Evidence>) -> Transition {
        self.alert.fired_ms = Some(now.wall_ms);
        self.alert.evidence = evidence(&self.alert.labels);
        self.pass(now, State::Firing, format!("held for {} s", rule.for_ms / 1000))
    }

    /// The condition does not hold.
    pub fn miss(&mut self, now: Now, rule: &Rule) -> Option<Transition> {
        let grace = u64::try_from(rule.expr.window_ms()).unwrap_or(0).min(GRACE_MS_MAX);
        if self.resumed.is_some_and(|resumed| now.mono_ms < resumed + grace) {
            return None;
        }
        let missed = *self.missed.get_or_insert(now.mono_ms);
        let kept =
            self.alert.state == State::Firing && now.mono_ms.saturating_sub(missed) < rule.keep_firing_for_ms;
        if kept { None } else { self.end(now, "condition ended") }
    }

    /// Ends it, whatever the condition says.
    pub fn end(&mut self, now: Now, reason: &str) -> Option<Transition> {
        match self.alert.state {
            State::Pending => Some(self.pass(now, State::Inactive, reason.to_owned())),
            State::Firing => {
                self.resolved = Some(now.mono_ms);
                self.alert.resolved_ms = Some(now.wall_ms);
                self.alert.acknowledged = None;
                Some(self.pass(now, State::Resolved, reason.to_owned()))
            }
            State::Inactive | State::Resolved => None,
        }
    }

    /// Somebody has seen it: lasts until it resolves.
    pub fn acknowledge(&mut self, mut acknowledgement: Acknowledgement) -> Option<Transition> {
        if !matches!(self.alert.state, State::Pending | State::Firing) {
            return None;
        }
        if let Some(earlier) = self.alert.acknowledged.take().filter(|_| acknowledgement.comment.is_empty()) {
            acknowledgement.comment = earlier.comment;
        }
        let (at_ms, reason) = (acknowledgement.at_ms, format!("acknowledged by {}", acknowledgement.by));
        self.alert.acknowledged = Some(acknowledgement);
        Some(Transition { from: self.alert.state, alert: self.alert.clone(), at_ms, reason })
    }

    /// Ends an acknowledgement whose time is over.
    pub fn rearm(&mut self, now: Now) -> Option<Transition> {
        let is_over =
            |own: &mut Acknowledgement| own.until_ms.is_some_and(|until_ms| until_ms <= now.wall_ms);
        let over = self.alert.acknowledged.take_if(is_over)?;
        let reason = format!("acknowledgement by {} ended", over.by);
        Some(Transition { from: self.alert.state, alert: self.alert.clone(), at_ms: now.wall_ms, reason })
    }

    fn pass(&mut self, now: Now, to: State, reason: String) -> Transition {
        let from = std::mem::replace(&mut self.alert.state, to);
        Transition { from, alert: self.alert.clone(), at_ms: now.wall_ms, reason }
    }

    /// True when there is nothing left to tell.
    pub fn is_over(&self) -> bool {
        self.alert.state == State::Inactive
    }

    /// True when it resolved so long ago that it is no longer shown.
    pub fn is_forgotten(&self, now: Now, shown_ms: u64) -> bool {
        self.resolved.is_some_and(|resolved| now.mono_ms.saturating_sub(resolved) >= shown_ms)
    }
}
