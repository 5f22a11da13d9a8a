//! Rule files in Prometheus' format.

/// Rules that were loaded together.
#[derive(Debug, Default)]
pub struct RuleSet {}
