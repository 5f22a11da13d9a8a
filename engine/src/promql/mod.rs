//! PromQL over the host's own history.

pub mod source;
