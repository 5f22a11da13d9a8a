//! `hostward run`: the daemon.

use super::{Common, Failure, Found, Outcome};
use crate::config::{Address, INTERVAL_MAX, INTERVAL_MIN, Span};
use crate::run::{Options, RunError, run};
use clap::Args;
use std::path::PathBuf;

/// What `run` takes.
#[derive(Args)]
pub struct Run {
    /// Address of /metrics, or `unix:/PATH`; unless set, the configuration's, which is `[::]:19100`.
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<Address>,
    /// Time between two looks at the host, such as 1s; also the pace at which rules are evaluated [default: 10s].
    #[arg(long, value_name = "TIME", value_parser = interval)]
    interval: Option<Span>,
    /// Look at the host whose files lie there.
    #[arg(long, value_name = "DIR", default_value = "/", value_parser = super::directory)]
    root: PathBuf,
}

fn interval(text: &str) -> Result<Span, String> {
    let span: Span = text.parse()?;
    match (INTERVAL_MIN..=INTERVAL_MAX).contains(&span) {
        true => Ok(span),
        false => Err(format!("an interval is between {INTERVAL_MIN} and {INTERVAL_MAX}")),
    }
}

/// Runs until SIGTERM or SIGINT.
pub fn act(common: &Common, own: Run) -> Outcome {
    let options = Options {
        config: common.config.clone(),
        listen: own.listen,
        state_dir: common.state_dir.clone(),
        socket: common.socket.clone(),
        interval: own.interval,
        root: own.root,
    };
    match run(options) {
        Ok(()) => Ok(Found::Well),
        Err(RunError::Usage(message)) => Err(Failure::Usage(message)),
        Err(RunError::Failed(message)) => Err(Failure::Failed(message)),
    }
}
