//! What verdicts add up to, framework by framework. A score says what was decided and what could not be: a requirement
//! that no host can decide alone is never counted as met.

mod framework;
mod score;
mod values;
mod waiver;

pub use framework::{Decidable, Framework, Grade, Requirement};
pub use score::{Score, Status, score};
pub use values::{Solution, demands, solve};
pub use waiver::{Waiver, waive};
