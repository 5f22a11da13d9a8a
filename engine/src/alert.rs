//! An alert and its life: inactive → pending → firing → resolved.

use crate::anomaly::Judgement;
use crate::labels::Labels;
use serde::{Deserialize, Serialize};

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The condition does not hold and there is nothing to tell.
    Inactive,
    /// The condition holds, not yet for long enough.
    Pending,
    /// The condition has held for as long as the rule asks.
    Firing,
    /// The condition ended after the alert had fired.
    Resolved,
}

impl State {
    /// The word in metrics, API and database.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Inactive => "inactive",
            State::Pending => "pending",
            State::Firing => "firing",
            State::Resolved => "resolved",
        }
    }
}

/// One alert: a rule's condition over one set of labels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Fingerprint of the labels, 16 hex digits; the same in every episode.
    pub id: String,
    /// Name of the rule.
    pub name: String,
    /// Labels of the result and of the rule, `alertname` included.
    pub labels: Labels,
    /// Annotations with their templates filled.
    pub annotations: Labels,
    /// The rule's expression.
    pub expr: String,
    /// Where it stands.
    pub state: State,
    /// Value of the expression when last seen.
    pub value: f64,
    /// Since when the condition has held, wall clock.
    pub active_ms: i64,
    /// When it fired.
    pub fired_ms: Option<i64>,
    /// When it resolved.
    pub resolved_ms: Option<i64>,
    /// Who has seen it.
    pub acknowledged: Option<Acknowledgement>,
    /// What the rule's series looked like at the moment of firing.
    pub evidence: Vec<Evidence>,
}

impl Alert {
    /// The playbook that answers it, if any.
    pub fn playbook(&self) -> Option<&str> {
        Some(self.annotations.get("playbook")).filter(|name| !name.is_empty())
    }
}

/// Somebody's word that they have seen an alert; it ends when the alert resolves, so that the next time is told again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Which alert.
    pub alert: String,
    /// Who.
    pub by: String,
    /// Why.
    pub comment: String,
    /// When, wall clock.
    pub at_ms: i64,
    /// When it ends although the alert goes on, wall clock; without it, it lasts until the alert resolves.
    #[serde(default, with = "in_text")]
    pub until_ms: Option<i64>,
}

/// Fields that came later: the database, which is the truth of alerts, has them; the snapshot, whose form has no room
/// for a field more, is given its alerts by the database.
mod in_text {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<T: Serialize, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { value.serialize(serializer) } else { serializer.serialize_unit() }
    }

    pub fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: Deserialize<'de> + Default,
        D: Deserializer<'de>,
    {
        if deserializer.is_human_readable() {
            return T::deserialize(deserializer);
        }
        <()>::deserialize(deserializer).map(|()| T::default())
    }
}

/// One series beside its baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The series in PromQL's form.
    pub series: String,
    /// Value, or rate per second for a counter.
    pub value: f64,
    /// What the baseline expected, once it knows the series.
    pub expected: Option<f64>,
    /// Lower and upper end of what is usual.
    pub band: Option<(f64, f64)>,
    /// Confidence that the value is unusual, 0 to 1.
    pub confidence: Option<f64>,
}

impl Evidence {
    /// A judged value.
    pub fn of(series: String, judgement: Judgement) -> Self {
        Evidence {
            series,
            value: judgement.value,
            expected: Some(judgement.expected),
            band: Some(judgement.band),
            confidence: Some(judgement.confidence),
        }
    }
}

/// A change in an alert's life, to be written down before it is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transition {
    /// Where it stood before.
    pub from: State,
    /// The alert after the change.
    pub alert: Alert,
    /// When, wall clock.
    pub at_ms: i64,
    /// Why, in a short phrase (`held for 1m`, `acknowledged by ann`, `rule removed`).
    pub reason: String,
}
