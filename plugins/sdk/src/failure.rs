//! Why a probe has no numbers.

use hostward_plugin_abi as abi;
use std::fmt;
use std::io::{self, ErrorKind};

/// A failure and its reason, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure.
    pub status: Status,
    /// A sentence for the administrator.
    pub reason: String,
}

/// What kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Something went wrong.
    Error = abi::ERROR as isize,
    /// What is measured is not on this host, which is no fault.
    Unavailable = abi::UNAVAILABLE as isize,
    /// It may not be read.
    Permission = abi::PERMISSION as isize,
    /// The configuration is wrong.
    Config = abi::CONFIG as isize,
    /// Time was up.
    Timeout = abi::TIMEOUT as isize,
}

impl Failure {
    /// Something went wrong.
    pub fn error(reason: impl Into<String>) -> Self {
        Failure { status: Status::Error, reason: reason.into() }
    }

    /// What is measured is not on this host.
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Failure { status: Status::Unavailable, reason: reason.into() }
    }

    /// It may not be read.
    pub fn permission(reason: impl Into<String>) -> Self {
        Failure { status: Status::Permission, reason: reason.into() }
    }

    /// The configuration is wrong.
    pub fn config(reason: impl Into<String>) -> Self {
        Failure { status: Status::Config, reason: reason.into() }
    }

    /// Time was up.
    pub fn timeout(reason: impl Into<String>) -> Self {
        Failure { status: Status::Timeout, reason: reason.into() }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        let reason = error.to_string();
        match error.kind() {
            ErrorKind::NotFound => Failure::unavailable(reason),
            ErrorKind::PermissionDenied => Failure::permission(reason),
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Failure::timeout(reason),
            _ => Failure::error(reason),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.status, self.reason)
    }
}

impl std::error::Error for Failure {}
