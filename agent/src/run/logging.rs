//! The journal: what is said on stderr while the daemon runs.

use crate::config::Level;
use std::io::stderr;

/// Starts logging. Under systemd the journal adds the time itself.
pub fn start(level: Level) {
    let format = tracing_subscriber::fmt()
        .compact()
        .with_ansi(false)
        .with_target(false)
        .with_max_level(tracing::Level::from(level))
        .with_writer(stderr);
    if std::env::var_os("JOURNAL_STREAM").is_some() {
        format.without_time().init();
    } else {
        format.init();
    }
    std::panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
}
