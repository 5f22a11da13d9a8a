//! From surprise to confidence, from single surprises to an anomaly that lasts, and from anomalies that go together
//! to an incident that is worth an alert.

mod budget;
mod detector;
mod deviation;
mod episode;
mod habit;
mod incident;
mod judgement;
mod lasting;
pub(crate) mod lead;
mod maturity;
mod novelty;
mod spell;
mod stillness;
mod strength;
mod tail;
mod tally;
mod watch;

pub use budget::Budget;
pub use detector::{Detector, DetectorV1};
pub use episode::{Episode, HOLD_MS, OPEN, Past};
pub use incident::{Alarm, Incident, MEMBERS_MAX, Member};
pub use judgement::{Channel, Judgement};
pub use maturity::{Maturity, Stage};
pub use tally::{JUDGED_METRICS, KNOWN_METRICS};
pub(crate) use tally::{known, ratios};
pub use watch::Watch;
