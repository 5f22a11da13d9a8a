//! What a run gives out and takes back: tasks for whoever does them, their answers, and what is told of it for the log.

use std::collections::BTreeMap;

/// Something to be done now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Place of the step.
    pub step: usize,
    /// Which try; with the step and [`Task::undoes`], it says which answer belongs to it.
    pub attempt: u32,
    /// Whether the step is taken back.
    pub undoes: bool,
    /// What is done.
    pub verb: String,
    /// What it is given; something that an earlier step did not give is missing.
    pub with: BTreeMap<String, String>,
    /// Values for the fix that it proposes.
    pub set: BTreeMap<String, String>,
}

/// How a task went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Well, with what it gives.
    Done(BTreeMap<String, String>),
    /// It may go better the next time.
    Failed(String),
    /// It will not go better the next time.
    Hopeless(String),
}

/// Something that happened, for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What.
    pub what: What,
    /// Id of the step; empty for the run as a whole.
    pub step: String,
    /// In words.
    pub said: String,
}

/// What happens in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The run began.
    Started,
    /// A step began.
    Step,
    /// A verb is being done.
    ToolRunning,
    /// A verb was done.
    ToolDone,
    /// The run ended.
    Completed,
}

impl What {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            What::Started => "started",
            What::Step => "step",
            What::ToolRunning => "tool-running",
            What::ToolDone => "tool-done",
            What::Completed => "completed",
        }
    }
}
