//! Real faults. Each begins when it is made and ends when it is dropped.

pub mod cpu;
pub mod disk;
pub mod logins;
pub mod memory;

use std::any::Any;

/// A fault that is going on.
pub struct Fault {
    /// When the threshold was crossed, in seconds since the Unix epoch.
    pub crossed_s: f64,
    /// What keeps it going.
    _cause: Box<dyn Any>,
}

impl Fault {
    /// A fault that crosses its threshold now.
    pub fn now(cause: impl Any) -> Self {
        Fault { crossed_s: super::story::now_s(), _cause: Box::new(cause) }
    }
}
