//! Where others come and read: /metrics and health on ports and sockets for everybody, the API on a unix socket.
//!
//! Outlets read the published view and ask the loop; they can never hold up judgement.

mod accept;
mod activation;
mod api;
mod asked;
mod body;
mod connection;
mod filter;
mod gzip;
mod listen;
mod metrics;
mod page;
mod pages;
mod parameters;
mod patience;
mod places;
mod problem;
mod prometheus;
pub mod readers;
mod rebinding;
mod web;
mod zstd;

pub use activation::Inherited;
pub use listen::{Door, Listener, bind_socket};
pub use web::{Web, check as check_web};

use crate::history::Desk;
use crate::receiver::Receivers;
use crate::request::Request;
use crate::sampler::Report;
use crate::state::Recorder;
use crate::telemetry::Telemetry;
use crate::vitals::Vitals;
use hostward_engine::View;
use hostward_engine::rules::RuleSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::UnixListener;
use tokio::sync::{mpsc, watch};

/// An answer; all of them are whole in memory.
pub type Response = hyper::Response<body::Body>;

/// What everybody may read.
pub struct Published {
    /// The engine, as far as it may be told.
    pub view: watch::Sender<Option<Arc<View>>>,
    /// How the probes fare.
    pub report: watch::Sender<Option<Arc<Report>>>,
    /// hostward's numbers about itself that no rule needs.
    pub telemetry: Telemetry,
    /// Numbers for the sampler.
    pub vitals: Arc<Vitals>,
    /// The rules that are judged by, and how often those without an interval of their own, in milliseconds.
    pub rules: watch::Sender<(Arc<RuleSet>, u64)>,
}

/// What this instance is.
#[derive(Clone, Debug)]
pub struct About {
    /// Version of hostward.
    pub version: &'static str,
    /// Process id.
    pub pid: u32,
    /// Where its metrics are: one place or several, with commas between them.
    pub url: String,
    /// Where Prometheus' HTTP API is on a port; empty when it is on none.
    pub api: String,
    /// Where it writes.
    pub state_dir: PathBuf,
    /// Where the command line reaches it.
    pub socket: PathBuf,
    /// The configuration files that were there at the start.
    pub files: Vec<PathBuf>,
    /// Where the host's files lie.
    pub root: PathBuf,
    /// When it started, wall clock.
    pub started_ms: i64,
}

/// What all outlets share.
pub struct Outlets {
    /// What everybody may read.
    pub published: Arc<Published>,
    /// What this instance is.
    pub about: About,
    requests: mpsc::Sender<Request>,
    recorder: Recorder,
    desk: Desk,
    receivers: Receivers,
    pages: page::Pages,
    places: places::Places,
    web: Web,
}

impl Outlets {
    /// Outlets that are not open yet.
    pub fn new(
        published: Arc<Published>,
        about: About,
        requests: mpsc::Sender<Request>,
        recorder: Recorder,
        desk: Desk,
        receivers: Receivers,
        web: Web,
    ) -> Arc<Self> {
        let (pages, places) = (page::Pages::default(), places::Places::new(connection::CONNECTIONS_MAX));
        Arc::new(Outlets { published, about, requests, recorder, desk, receivers, pages, places, web })
    }

    /// Serves until the process ends.
    pub fn serve(self: &Arc<Self>, metrics: Vec<Listener>, api: UnixListener) -> io::Result<()> {
        tokio::spawn(connection::serve_api(self.clone(), api));
        connection::serve_pages(self, metrics)
    }
}

impl Published {
    /// Nothing to read yet.
    pub fn new(telemetry: Telemetry, vitals: Arc<Vitals>) -> Arc<Self> {
        let (view, report) = (watch::Sender::new(None), watch::Sender::new(None));
        Arc::new(Published { view, report, telemetry, vitals, rules: watch::Sender::default() })
    }

    /// The view that may be told now; none before the first samples.
    pub fn view(&self) -> Option<Arc<View>> {
        self.view.borrow().clone()
    }

    /// The rules that are judged by, and how often.
    pub fn rules(&self) -> (Arc<RuleSet>, u64) {
        self.rules.borrow().clone()
    }

    /// How the probes fare; none before the first tick is over.
    pub fn report(&self) -> Option<Arc<Report>> {
        self.report.borrow().clone()
    }
}
