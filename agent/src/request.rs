//! What others ask of the loop.

use crate::mend::Wanted;
use crate::outbox::{self, Artifact};
use crate::workflow;
use hostward_engine::promql::source::Selector;
use hostward_engine::{Acknowledgement, Amend, Course, Excerpt, Labels, Learnt};
use std::sync::Arc;
use tokio::sync::oneshot;

/// A question that only the loop can answer, for it owns the engine.
pub enum Request {
    /// A copy of what is remembered of some series: a query is evaluated elsewhere.
    Recall {
        /// Which series.
        selectors: Vec<Selector>,
        /// Where the answer goes.
        reply: oneshot::Sender<Excerpt>,
    },
    /// The labels of the series that any of the selectors asks for.
    Series {
        /// Which series.
        selectors: Vec<Selector>,
        /// Where the answer goes.
        reply: oneshot::Sender<Vec<Arc<Labels>>>,
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
    /// Somebody wants a fix in the outbox.
    Want {
        /// Which, for what.
        wanted: Wanted,
        /// Answered when it is there, and why not.
        reply: oneshot::Sender<Result<Artifact, String>>,
    },
    /// Somebody takes a script in the outbox a step further.
    Step {
        /// Which, where to, and why.
        asked: outbox::Asked,
        /// Whether the kernel says that it is root, or the user that the daemon runs as.
        by_root: bool,
        /// Answered when it is on disk, and why not.
        reply: oneshot::Sender<Result<Artifact, String>>,
    },
    /// Somebody wants a workflow, or its end.
    Workflow(workflow::Order),
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
            Request::Recall { reply, .. } => reply.is_closed(),
            Request::Series { reply, .. } => reply.is_closed(),
            Request::Acknowledge { reply, .. } => reply.is_closed(),
            Request::Baselines { reply, .. } => reply.is_closed(),
            Request::Course { reply, .. } => reply.is_closed(),
            Request::Amend { reply, .. } => reply.is_closed(),
            Request::Workflow(order) => order.is_abandoned(),
            Request::Step { reply, .. } | Request::Want { reply, .. } => reply.is_closed(),
        }
    }
}

/// Why an acknowledgement was not taken.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no open alert with this id.
    Unknown,
    /// It is taken, but the store cannot write it down now; that is tried again.
    NotWritten(String),
}
