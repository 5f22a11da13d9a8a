//! Why the daemon did not run.

use std::fmt;

/// Why the daemon did not run, and whose business that is.
#[derive(Debug)]
pub enum RunError {
    /// The command line or the configuration is wrong.
    Usage(String),
    /// hostward or the host is.
    Failed(String),
}

impl RunError {
    /// For `map_err`: what was being done, and the system's words.
    pub fn failed<E: fmt::Display>(what: &str) -> impl Fn(E) -> RunError {
        move |error| RunError::Failed(format!("{what}: {error}"))
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunError::Usage(message) | RunError::Failed(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for RunError {}
