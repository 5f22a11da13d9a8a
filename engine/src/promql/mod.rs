//! PromQL over the host's own history.
//!
//! ```text
//! text ──promql-parser──▶ its tree ──compile──▶ Node ──eval(source, at)──▶ Value
//! ```
//!
//! What cannot be evaluated is refused by [`Expr::parse`], so that a rule file shows it when it is loaded
//! and not at night. The module `function` lists the functions, one file for each family.

mod aggregate;
mod annotation;
mod binary;
mod compile;
mod condition;
pub mod drawn;
mod error;
mod eval;
mod experimental;
mod expr;
mod fetch;
mod function;
mod node;
mod number;
pub mod source;
mod syntax;
mod threshold;
mod value;

pub use annotation::Annotations;
pub use condition::Condition;
pub(crate) use error::regex_reason;
pub use error::{EvalError, ExprError};
pub use eval::SAMPLES_MAX;
pub use expr::{Expr, STEPS_MAX};
pub(crate) use function::civil;
pub use value::{RangeSeries, Value};

/// How far an instant selector looks back for the latest sample, as Prometheus does by default.
pub const LOOKBACK_MS: i64 = 5 * 60_000;
