//! The daemon: what is put together at the start, and the order in which it is taken down.
//!
//! One loop on the main thread ([`turn`]) owns the engine. Around it stand the sampler's thread, the store's
//! thread, and tasks that serve HTTP; they talk to the loop by messages only.

mod archiving;
mod error;
mod event;
mod greeting;
mod keeping;
mod ledger;
mod logging;
mod parts;
mod prepare;
mod reload;
mod requests;
mod response;
mod rulings;
mod settling;
mod systemd;
mod ticking;
mod turn;
mod watch;
mod writes;

pub use error::RunError;
pub use greeting::unseen_lines;
pub use prepare::{Taken, take};

use crate::auditing::Auditing;
use crate::clock;
use crate::config::{Address, Config, Span};
use crate::history::{Archive, Desk};
use crate::hostname::host_name;
use crate::outlet::{self, Door, Inherited, Listener, Outlets, Published, Web};
use crate::plugin::Plugins;
use crate::receiver::{self, Receivers};
use crate::sampler::{Memories, Plan, Sampler};
use crate::state::{Place, Recorder, StateDir, take_memories};
use crate::telemetry::Telemetry;
use crate::vitals::Vitals;
use crate::workflow::{Means, Runner};
use archiving::Archiving;
use parts::{Parts, Sources};
use response::Responder;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use systemd::Notifier;
use tokio::net::UnixListener;
use tokio::sync::mpsc;
use turn::Loop;

/// Requests from the API that wait for the loop; more are refused.
const REQUESTS_MAX: usize = 32;
/// Everything else that waits for the loop. Senders have at most a few messages under way each.
const EVENTS_MAX: usize = 256;

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--config`
    pub config: Option<PathBuf>,
    /// `--listen`
    pub listen: Option<Address>,
    /// `--state-dir`
    pub state_dir: Option<PathBuf>,
    /// `--socket`
    pub socket: Option<PathBuf>,
    /// `--interval`
    pub interval: Option<Span>,
    /// `--root`
    pub root: PathBuf,
}

/// Runs until SIGTERM or SIGINT.
pub fn run(options: Options) -> Result<(), RunError> {
    let inherited = Inherited::take().map_err(RunError::Usage)?;
    let taken = take(&options).map_err(RunError::Usage)?;
    logging::start(taken.config.log.level);
    let place =
        Place::choose(options.state_dir.as_deref()).map_err(|error| RunError::Usage(error.to_string()))?;
    let state_dir = StateDir::open(&place.dir).map_err(|error| RunError::Failed(error.to_string()))?;
    let socket = place.socket(taken.config.listen.socket.as_deref());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(RunError::failed("cannot start the runtime"))?;
    // Threads that are held by a disk or a name server are not waited for: the process ends without them.
    runtime.block_on(serve(options, taken, inherited, &state_dir, socket))
}

async fn serve(
    options: Options,
    taken: Taken,
    inherited: Inherited,
    state_dir: &StateDir,
    socket: PathBuf,
) -> Result<(), RunError> {
    let notifier = Notifier::from_environment();
    let vitals = Arc::new(Vitals::new(clock::now()));
    let telemetry = Telemetry::new().map_err(RunError::failed("cannot count"))?;
    let published = Published::new(telemetry, vitals.clone());
    let (events, inbox) = mpsc::channel(EVENTS_MAX);
    let (requests, asked) = mpsc::channel(REQUESTS_MAX);
    let archive = Arc::new(Archive::new(state_dir.path(), published.telemetry.history.clone()));
    let archiving = Archiving::start(&archive, &taken.config, events.clone());
    let desk = Desk::start(archive).map_err(RunError::failed("cannot start the thread for queries"))?;
    let web = Web::open(taken.config.listen.web_config.as_deref()).map_err(RunError::Usage)?;
    let doors = Doors::open(&taken.config, inherited, &socket, &web).await.map_err(RunError::Failed)?;
    let (recorder, found) = Recorder::open(state_dir.path()).map_err(RunError::Failed)?;
    let about = greeting::about(&doors.metrics, web.is_tls(), state_dir.path(), &socket, &options, &taken);
    greeting::start(&about);
    complain(&taken, &vitals);
    let refused = published.telemetry.responses_refused.clone();
    let responder = Responder::open(
        state_dir.path(),
        &options.root,
        &taken.config,
        &found.artifacts,
        recorder.clone(),
        refused,
    )?;
    let settings = receiver::Settings::of(&taken.config, &host_name());
    let receivers = Receivers::start(settings, recorder.clone(), vitals.clone())
        .map_err(RunError::failed("cannot start the receivers"))?;
    let reload = watch::start(&options, &taken, events.clone());
    systemd::listen_to_signals(events.clone(), reload)?;
    // Before there are children: the control group is divided, and they would stay behind in it.
    let (plugins, plugged) = Plugins::start(&taken.config.plugins, state_dir.path(), vitals.clone())
        .map_err(RunError::failed("cannot start the thread of plugins"))?;
    let memories = Memories::new(take_memories(state_dir.path()));
    let plan = Plan { memories, ..Plan::new(&taken.config, options.root.clone()) };
    let (sampler, readings) =
        Sampler::start(plan, vitals.clone()).map_err(RunError::failed("cannot start the sampler"))?;
    let (auditing, audited) =
        Auditing::start(&taken.config.audit, &options.root, state_dir.path(), recorder.clone())
            .map_err(RunError::failed("cannot start the thread of audits"))?;
    let made = doors.made(&socket);
    let workflows = Runner::start(Means {
        recorder: recorder.clone(),
        requests: requests.clone(),
        desk: desk.clone(),
        view: published.view.subscribe(),
        board: vitals.workflows.clone(),
        state_dir: state_dir.path().to_owned(),
        root: options.root.clone(),
    });
    Outlets::new(published.clone(), about, requests, recorder.clone(), desk, receivers.clone(), web)
        .serve(doors.metrics, doors.api)
        .map_err(RunError::failed("cannot serve /metrics"))?;
    notifier.tell("READY=1");
    let parts = Parts {
        options,
        taken,
        vitals,
        sampler,
        plugins,
        auditing,
        state_dir: state_dir.path().to_owned(),
        recorder,
        events,
        responder,
        receivers,
        published,
        notifier,
        archiving,
        workflows,
    };
    Loop::new(parts, Sources { inbox, readings, plugged, audited, asked }, found).run().await;
    made.iter().for_each(|path| drop(std::fs::remove_file(path)));
    Ok(())
}

/// Where others come in.
struct Doors {
    metrics: Vec<Listener>,
    api: UnixListener,
    is_api_ours: bool,
}

impl Doors {
    /// What systemd handed over, and for the rest what the configuration says.
    async fn open(config: &Config, inherited: Inherited, socket: &Path, web: &Web) -> Result<Self, String> {
        let is_api_ours = inherited.api.is_none();
        let api = match inherited.api {
            Some(api) => UnixListener::from_std(api).map_err(|error| error.to_string())?,
            None => outlet::bind_socket(socket).await?,
        };
        let mut metrics: Vec<_> = inherited.metrics.into_iter().map(Listener::handed).collect();
        if metrics.is_empty() {
            for address in config.listen.metrics.iter() {
                metrics.push(Listener::bind(address).await?);
            }
        }
        if let Some(address) = &config.listen.api {
            let listener = Listener::bind_api(address).await?;
            if listener.door == (Door::Api { is_open: true }) && !web.knows_everybody() {
                return Err(format!(
                    "listen.api: others than this host can reach {address}; name users in listen.web_config, or \
                     listen at 127.0.0.1"
                ));
            }
            metrics.push(listener);
        }
        Ok(Doors { metrics, api, is_api_ours })
    }

    /// Sockets to be taken away in the end; those from systemd are its own.
    fn made(&self, socket: &Path) -> Vec<PathBuf> {
        let api = self.is_api_ours.then(|| socket.to_owned());
        self.metrics.iter().filter_map(|listener| listener.made.clone()).chain(api).collect()
    }
}

/// At the start there is no old configuration that could go on, so good rules run without the bad ones.
fn complain(taken: &Taken, vitals: &Vitals) {
    taken.complaints.iter().for_each(|complaint| tracing::error!("{complaint}"));
    if !taken.complaints.is_empty() {
        tracing::error!("rules with errors are left out");
        vitals.reloaded(None);
    }
}
