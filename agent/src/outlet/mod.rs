//! Where others come and read: /metrics and health over TCP, the API over a unix socket.
//!
//! Outlets read the published view and ask the loop; they can never hold up judgement.

mod accept;
mod api;
mod connection;
mod gzip;
mod listen;
mod metrics;
mod pages;
mod patience;

pub use api::encode;
pub use listen::{bind, bind_socket};

use crate::run::{Recorder, Request};
use crate::sampler::Report;
use crate::telemetry::Telemetry;
use crate::vitals::Vitals;
use hostward_engine::View;
use http_body_util::Full;
use hyper::body::Bytes;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{mpsc, watch};

/// An answer; all of them are whole in memory.
pub type Response = hyper::Response<Full<Bytes>>;

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
}

/// What this instance is.
#[derive(Clone, Debug)]
pub struct About {
    /// Version of hostward.
    pub version: &'static str,
    /// Process id.
    pub pid: u32,
    /// Where its metrics are.
    pub url: String,
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
    scratch: Mutex<metrics::Scratch>,
}

impl Outlets {
    /// Outlets that are not open yet.
    pub fn new(
        published: Arc<Published>,
        about: About,
        requests: mpsc::Sender<Request>,
        recorder: Recorder,
    ) -> Arc<Self> {
        Arc::new(Outlets { published, about, requests, recorder, scratch: Mutex::default() })
    }

    /// Serves until the process ends.
    pub fn serve(self: &Arc<Self>, metrics: TcpListener, api: UnixListener) {
        tokio::spawn(connection::serve_pages(self.clone(), metrics));
        tokio::spawn(connection::serve_api(self.clone(), api));
    }
}

impl Published {
    /// Nothing to read yet.
    pub fn new(telemetry: Telemetry, vitals: Arc<Vitals>) -> Arc<Self> {
        let (view, report) = (watch::Sender::new(None), watch::Sender::new(None));
        Arc::new(Published { view, report, telemetry, vitals })
    }

    /// The view that may be told now; none before the first samples.
    pub fn view(&self) -> Option<Arc<View>> {
        self.view.borrow().clone()
    }

    /// How the probes fare; none before the first tick is over.
    pub fn report(&self) -> Option<Arc<Report>> {
        self.report.borrow().clone()
    }
}
