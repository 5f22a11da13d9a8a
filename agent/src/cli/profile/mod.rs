//! `hostward profile`: what a series is like, from a file or from what the daemon remembers.

mod collect;
mod shape;
mod text;

use super::{Common, Failure, Found, Outcome, output};
use crate::config::Span;
use crate::visible::visible;
use clap::Args;
use hostward_engine::portrait::{portrait, rates};

/// What `profile` takes.
#[derive(Args)]
pub struct Profile {
    /// A file with the columns timestamp and value, `-` for standard input, or a series of the daemon such as
    /// 'node_cpu_seconds_total{cpu="0",mode="user"}'.
    #[arg(value_name = "FILE|SERIES")]
    of: String,
    /// How far back the daemon is asked; it gives what it still has.
    #[arg(long, value_name = "TIME", default_value = "7d")]
    range: Span,
    /// Look at a counter as what it counts in a second.
    #[arg(long)]
    rate: bool,
}

/// Reads the series and prints what it is like.
pub fn act(common: &Common, own: &Profile) -> Outcome {
    let collected = collect::collect(common, own)?;
    let points = if own.rate { rates(&collected.points) } else { collected.points };
    let portrait = portrait(&points);
    output::either(common.format, &shape::value(&own.of, own.rate, &portrait), |_| text::text(&portrait));
    match collected.bad {
        0 => Ok(Found::Well),
        bad => Err(Failure::Usage(format!("{}: {bad} rows are not understood", visible(&own.of)))),
    }
}
