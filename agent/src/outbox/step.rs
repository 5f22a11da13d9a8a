//! One step of an artifact: who asks, whether it may be, and that it is written down.

use super::{Artifact, Outbox, Stage, Step};
use std::{fmt, io};

/// Steps that are kept of one artifact; further ones are refused.
const STEPS_MAX: usize = 100;

/// A step that somebody asks for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Id of the artifact.
    pub id: String,
    /// The step.
    pub step: Step,
    /// Whether who proposed it may not be the only one to approve it.
    pub four_eyes: bool,
}

/// Why a step is not taken.
#[derive(Debug)]
pub enum NoStep {
    /// There is no such artifact.
    Unknown,
    /// It does not lead there from where the artifact is.
    From(Stage),
    /// Approved for another script than the one that lies there.
    OtherScript,
    /// Somebody else has to approve it.
    FourEyes,
    /// It has had too many.
    TooMany,
    /// The files could not be written.
    Write(io::Error),
}

impl Outbox {
    /// Whether the step may be taken: what it would make of the artifact.
    pub fn consider(&self, asked: &Asked) -> Result<Artifact, NoStep> {
        let found = self.artifacts.iter().find(|own| own.id == asked.id).ok_or(NoStep::Unknown)?;
        let (step, mut artifact) = (&asked.step, found.clone());
        if !artifact.state.may_become(step.stage) {
            return Err(NoStep::From(artifact.state));
        }
        if step.sha256 != artifact.sha256 {
            return Err(NoStep::OtherScript);
        }
        if artifact.steps.len() >= STEPS_MAX {
            return Err(NoStep::TooMany);
        }
        if asked.four_eyes && step.stage == Stage::Approved && step.by == artifact.proposed_by {
            return Err(NoStep::FourEyes);
        }
        artifact.state = step.stage;
        artifact.steps.push(step.clone());
        Ok(artifact)
    }

    /// Takes a step that was considered.
    pub fn take(&mut self, artifact: Artifact) -> Result<(), NoStep> {
        self.describe(&artifact).map_err(NoStep::Write)?;
        if let Some(own) = self.artifacts.iter_mut().find(|own| own.id == artifact.id) {
            *own = artifact;
        }
        Ok(())
    }
}

impl fmt::Display for NoStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoStep::Unknown => write!(f, "there is no such script in the outbox"),
            NoStep::From(stage) => write!(f, "it is {stage}, and that does not follow"),
            NoStep::OtherScript => write!(f, "it was given for another script than the one that is there"),
            NoStep::FourEyes => write!(f, "who proposed it cannot approve it alone (outbox.four_eyes)"),
            NoStep::TooMany => write!(f, "it has had {STEPS_MAX} steps; have it proposed anew"),
            NoStep::Write(error) => write!(f, "outbox: {error}"),
        }
    }
}
