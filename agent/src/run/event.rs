//! Everything that can happen to the loop.

use super::Taken;
use crate::sampler::Sampled;
use hostward_engine::promql::{EvalError, Expr, RangeSeries, Value};
use hostward_engine::{Acknowledgement, Amend, Course, Learnt};
use tokio::sync::oneshot;

/// Everything that can happen to the loop.
pub enum Event {
    /// Probes have run.
    Sampled(Sampled),
    /// Plugins were read.
    Plugged(Sampled),
    /// Somebody asks through the API.
    Request(Request),
    /// The store has written transitions down, or could not.
    Recorded(Result<(), Unwritten>),
    /// The store has kept a snapshot, or could not.
    Saved(Result<(), String>),
    /// SIGHUP came, or a file changed: the configuration is read again.
    Reloading,
    /// The configuration was read again.
    Reloaded(Result<Box<Taken>, String>),
    /// The engine's deadline came.
    Wake,
    /// Time to tell the watchdog that the loop turns.
    Beat,
    /// The store takes longer over a write than it may.
    Late,
    /// SIGTERM or SIGINT.
    Stop(&'static str),
}

/// A question that only the loop can answer, for it owns the engine.
pub enum Request {
    /// The value of an expression.
    Query {
        /// The expression.
        expr: Expr,
        /// When.
        at_ms: i64,
        /// Where the answer goes.
        reply: oneshot::Sender<QueryReply<Value>>,
    },
    /// Values of an expression over time.
    Range {
        /// The expression.
        expr: Expr,
        /// First step.
        from_ms: i64,
        /// Last step.
        to_ms: i64,
        /// Distance of the steps.
        step_ms: i64,
        /// Where the answer goes.
        reply: oneshot::Sender<QueryReply<Vec<RangeSeries>>>,
    },
    /// What was learnt of the series whose text holds `part`.
    Baselines {
        /// Part of name and labels.
        part: String,
        /// Where the answer goes.
        reply: oneshot::Sender<Vec<Learnt>>,
    },
    /// A series over the last hours beside what is usual.
    Course {
        /// Its name and labels.
        series: String,
        /// How far back.
        back_ms: i64,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<Course, String>>,
    },
    /// Somebody says what is usual.
    Amend {
        /// Name and labels of the series.
        series: String,
        /// What to do.
        amend: Amend,
        /// Answered when it is done.
        reply: oneshot::Sender<()>,
    },
    /// Somebody has seen an alert.
    Acknowledge {
        /// Who, what, why.
        acknowledgement: Acknowledgement,
        /// Answered when it is on disk.
        reply: oneshot::Sender<Result<(), Refused>>,
    },
}

impl Request {
    /// Whoever asked has gone.
    pub fn is_abandoned(&self) -> bool {
        match self {
            Request::Query { reply, .. } => reply.is_closed(),
            Request::Range { reply, .. } => reply.is_closed(),
            Request::Acknowledge { reply, .. } => reply.is_closed(),
            Request::Baselines { reply, .. } => reply.is_closed(),
            Request::Course { reply, .. } => reply.is_closed(),
            Request::Amend { reply, .. } => reply.is_closed(),
        }
    }
}

/// Why transitions are not on disk.
#[derive(Debug, PartialEq, Eq)]
pub struct Unwritten {
    /// The store's words.
    pub error: String,
    /// The database was damaged and is a fresh one now: what it knew must be written again.
    pub fresh: bool,
}

/// The answer to a query.
pub type QueryReply<T> = Result<T, EvalError>;

/// Why an acknowledgement was not taken.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no open alert with this id.
    Unknown,
    /// It is taken, but the store cannot write it down now; that is tried again.
    NotWritten(String),
}
