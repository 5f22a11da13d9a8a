//! `listen.web_config`: TLS, users, headers and limits for the pages, taken anew when a file changes.
//!
//! The file and those that it names are looked at when somebody connects, once a second at most, on a thread aside:
//! a certificate on a dead mount holds up nobody. A broken file leaves what was good before, and says so once.

mod bucket;
mod file;
mod hash;
mod login;
mod names;
mod password;
mod source;
mod tls;
mod verify;

pub use file::File;
pub use login::credentials;
pub use names::names;
pub use password::Verdict;

use crate::aside::aside;
use bucket::Bucket;
use file::{ClientAuth, ContentTypeOptions, FrameOptions, Headers, RateLimit};
use hyper::header::{self, HeaderName, HeaderValue};
use login::Users;
use password::Passwords;
use rustls::ServerConfig;
use source::{Sources, Stamps};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long a connection waits for that; then it gets what is there.
const LOOK_MAX: Duration = Duration::from_millis(500);

/// What the files say.
#[derive(Default)]
pub struct Settings {
    /// How to speak TLS; nothing for plain HTTP.
    pub tls: Option<Arc<ServerConfig>>,
    /// Whether whoever comes in has shown who they are.
    pub knows_everybody: bool,
    /// Headers that every answer gets.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    users: Users,
    limit: RateLimit,
}

/// The settings as they are now. Without a file: plain HTTP for everybody.
pub struct Web(Option<Arc<Inner>>);

struct Inner {
    path: PathBuf,
    state: Mutex<State>,
    passwords: Passwords,
}

struct State {
    settings: Arc<Settings>,
    stamps: Stamps,
    looked: Instant,
    is_looking: bool,
    bucket: Bucket,
}

/// Reads the file and those that it names, as the daemon would; gives what an administrator should know.
pub fn check(path: &Path) -> Result<Vec<String>, String> {
    let (settings, sources) = load(path);
    settings
        .map(|_| sources.warnings().iter().map(|warning| format!("{}: {warning}", path.display())).collect())
}

impl Web {
    /// Reads the file; the error names it, the line and the word.
    pub fn open(path: Option<&Path>) -> Result<Self, String> {
        let Some(path) = path else { return Ok(Web(None)) };
        let (settings, sources) = load(path);
        let settings = settings?;
        sources.warnings().iter().for_each(|warning| tracing::warn!("{}: {warning}", path.display()));
        let state = State {
            bucket: Bucket::new(settings.limit, Instant::now()),
            settings: Arc::new(settings),
            stamps: sources.stamps(),
            looked: Instant::now(),
            is_looking: false,
        };
        let passwords = Passwords::new()?;
        Ok(Web(Some(Arc::new(Inner { path: path.to_owned(), state: Mutex::new(state), passwords }))))
    }

    /// The settings, after a look at the files when the last one is a while ago.
    pub async fn current(&self) -> Arc<Settings> {
        let Some(inner) = &self.0 else { return Arc::default() };
        if inner.should_look() {
            let looking = inner.clone();
            let look = aside("web-config", move || looking.look());
            if let Ok(Err(error)) = tokio::time::timeout(LOOK_MAX, look).await {
                tracing::warn!("cannot look at {}: {error}", inner.path.display());
                inner.state().is_looking = false;
            }
        }
        inner.state().settings.clone()
    }

    /// Whether one more request is answered now.
    pub fn has_room(&self) -> bool {
        self.0.as_ref().is_none_or(|inner| inner.state().bucket.take(Instant::now()))
    }

    /// What becomes of somebody who sends this `Authorization`.
    pub async fn admit(&self, settings: &Settings, authorization: Option<&str>) -> Verdict {
        match &self.0 {
            Some(inner) => settings.users.admit(authorization, &inner.passwords).await,
            None => Verdict::Right,
        }
    }

    /// Whether whoever comes in now must show who they are.
    pub fn knows_everybody(&self) -> bool {
        self.0.as_ref().is_some_and(|inner| inner.state().settings.knows_everybody)
    }

    /// Whether TLS is spoken now.
    pub fn is_tls(&self) -> bool {
        self.0.as_ref().is_some_and(|inner| inner.state().settings.tls.is_some())
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn should_look(&self) -> bool {
        let mut state = self.state();
        let is_due = !state.is_looking && state.looked.elapsed() >= LOOK_EVERY;
        state.is_looking |= is_due;
        is_due
    }

    /// Files that are still as they were, good or bad, are not read again.
    fn look(&self) {
        let stamps = self.state().stamps.clone();
        let read = (!stamps.still_hold()).then(|| load(&self.path));
        let mut state = self.state();
        (state.looked, state.is_looking) = (Instant::now(), false);
        let Some((settings, sources)) = read else { return };
        state.stamps = sources.stamps();
        let path = self.path.display();
        match settings {
            Ok(settings) => {
                tracing::info!("{path} is taken anew");
                sources.warnings().iter().for_each(|warning| tracing::warn!("{path}: {warning}"));
                if state.bucket.limit() != settings.limit {
                    state.bucket = Bucket::new(settings.limit, Instant::now());
                }
                state.settings = Arc::new(settings);
            }
            Err(error) => tracing::error!("{error}; what was read before goes on"),
        }
    }
}

/// What the file says, and which files that took: of a broken one as well, so that it is read again when it changes.
fn load(path: &Path) -> (Result<Settings, String>, Sources) {
    let mut sources = Sources::new(path);
    let settings = read(path, &mut sources);
    (settings, sources)
}

fn read(path: &Path, sources: &mut Sources) -> Result<Settings, String> {
    let (_, bytes) = sources.read(path)?;
    let text = String::from_utf8(bytes).map_err(|_| format!("{}: not UTF-8", path.display()))?;
    let file = File::parse(&text).map_err(|error| format!("{}:{error}", path.display()))?;
    let http = file.http_server_config.unwrap_or_default();
    let tls_file = file.tls_server_config.unwrap_or_default();
    let users = file.basic_auth_users.unwrap_or_default();
    let knows_everybody =
        !users.is_empty() || tls_file.client_auth_type == Some(ClientAuth::RequireAndVerifyClientCert);
    let tls = tls::config(&tls_file, http.http2, sources)
        .map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Settings {
        tls,
        knows_everybody,
        headers: headers(http.headers.unwrap_or_default()),
        users: Users::new(users),
        limit: file.rate_limit.unwrap_or_default(),
    })
}

fn headers(headers: Headers) -> Vec<(HeaderName, HeaderValue)> {
    let frame = headers.x_frame_options.map(|options| match options {
        FrameOptions::Deny => HeaderValue::from_static("deny"),
        FrameOptions::SameOrigin => HeaderValue::from_static("sameorigin"),
    });
    let sniff =
        headers.x_content_type_options.map(|ContentTypeOptions::NoSniff| HeaderValue::from_static("nosniff"));
    let all = [
        (header::CONTENT_SECURITY_POLICY, headers.content_security_policy.map(|text| text.0)),
        (header::X_FRAME_OPTIONS, frame),
        (header::X_CONTENT_TYPE_OPTIONS, sniff),
        (header::X_XSS_PROTECTION, headers.x_xss_protection.map(|text| text.0)),
        (header::STRICT_TRANSPORT_SECURITY, headers.strict_transport_security.map(|text| text.0)),
    ];
    all.into_iter()
        .filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)))
        .collect()
}

#[cfg(test)]
mod tests;
