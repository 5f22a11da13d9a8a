//! What the loop is made of: what it drives, and where events come from.

use super::archiving::Archiving;
use super::event::Event;
use super::response::Responder;
use super::systemd::Notifier;
use super::{Options, Taken};
use crate::auditing::Auditing;
use crate::outlet::Published;
use crate::plugin::Plugins;
use crate::receiver::Receivers;
use crate::request::Request;
use crate::sampler::{Sampled, Sampler};
use crate::state::Recorder;
use crate::vitals::Vitals;
use crate::workflow::Runner;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Where events come from.
pub struct Sources {
    /// Everything that is not below.
    pub inbox: mpsc::Receiver<Event>,
    /// The sampler.
    pub readings: mpsc::Receiver<Sampled>,
    /// The plugins.
    pub plugged: mpsc::Receiver<Sampled>,
    /// The audits.
    pub audited: mpsc::Receiver<Sampled>,
    /// The API.
    pub asked: mpsc::Receiver<Request>,
}

/// What the loop drives.
pub struct Parts {
    /// The command line.
    pub options: Options,
    /// What the daemon runs by.
    pub taken: Taken,
    /// Numbers for the sampler.
    pub vitals: Arc<Vitals>,
    /// The sampler.
    pub sampler: Sampler,
    /// The plugins.
    pub plugins: Plugins,
    /// The audits.
    pub auditing: Auditing,
    /// Where the state is.
    pub state_dir: PathBuf,
    /// The store.
    pub recorder: Recorder,
    /// Where the store says what came of it.
    pub events: mpsc::Sender<Event>,
    /// Who writes scripts.
    pub responder: Responder,
    /// Who tells of alerts.
    pub receivers: Receivers,
    /// What everybody may read.
    pub published: Arc<Published>,
    /// Who is told that we live.
    pub notifier: Notifier,
    /// The history on disk.
    pub archiving: Archiving,
    /// Who does what workflows say.
    pub workflows: Runner,
}
