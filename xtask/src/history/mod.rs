//! `cargo xtask bench history`: what the history on disk takes of disk, memory and time, with series of this host.
//!
//! Nobody waits a month for a figure: the host is looked at each second, and each look counts as one of 10 s. Blocks of
//! exactly what was seen give the bytes of a sample; for memory and queries they are repeated for 30 days, counters
//! going on where they were.

mod month;
mod recording;

use crate::live::agent::{Agent, Setup, build};
use crate::live::process::memory;
use crate::live::scratch::Scratch;
use crate::live::socket::ask;
use crate::options::Options;
use crate::{Outcome, table};
use recording::Recording;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Days that are on disk.
const DAYS: i64 = 30;
/// Queries of 6 h.
const QUERIES: usize = 200;
/// Series that one of them asks for.
const SERIES: usize = 100;
/// Before memory is looked at.
const SETTLE: Duration = Duration::from_secs(30);

/// Records, writes and measures.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["minutes"])?;
    let minutes = options.number("minutes", 12_u64)?;
    let (binary, scratch) = (build()?, Scratch::new("history")?);
    eprintln!("looking at this host for {minutes} min");
    let recording = Recording::take(&binary, &scratch.path().join("recording"), minutes * 60)?;
    let empty = rss(&binary, &scratch.path().join("empty"))?.0;
    let full = scratch.path().join("full");
    let month = month::write(&recording, &full.join("history"), now_ms()?, DAYS)?;
    let (before, agent) = rss(&binary, &full)?;
    let mut times = (0..QUERIES).map(|_| query(&full, &recording)).collect::<Outcome<Vec<Duration>>>()?;
    times.sort();
    let after = memory(agent.pid())?.rss;
    let mib = |bytes: u64| format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20));
    let bytes = recording.block()?.len();
    let rows = [
        ("series, moving", format!("{}, {}", recording.series.len(), recording.moving())),
        ("bytes of a sample, as recorded", format!("{:.3}", bytes as f64 / recording.samples() as f64)),
        ("bytes of a sample, a day in a block", format!("{:.3}", month.bytes as f64 / month.samples as f64)),
        ("30 days", mib(month.bytes)),
        ("RSS without, with 30 days, after the queries", [empty, before, after].map(mib).join(", ")),
        (
            "6 h of 100 series: median, p99",
            format!("{:.1}, {:.1} ms", ms(times[QUERIES / 2]), ms(times[QUERIES * 99 / 100])),
        ),
    ];
    println!(
        "{}",
        table::markdown(&["figure", "measured"], &rows.map(|(name, text)| vec![name.to_owned(), text]))
    );
    Ok(())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn now_ms() -> Outcome<i64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?;
    i64::try_from(now.as_millis()).map_err(|error| error.to_string())
}

fn rss(binary: &Path, state_dir: &Path) -> Outcome<(u64, Agent)> {
    let agent = Agent::start(&Setup { binary, state_dir, config: None, interval_s: 10 })?;
    std::thread::sleep(SETTLE);
    Ok((memory(agent.pid())?.rss, agent))
}

/// Six hours of a hundred series, a value each 30 s.
fn query(state_dir: &Path, recording: &Recording) -> Outcome<Duration> {
    let (to_s, names) = (now_ms()? / 1000, recording.names(SERIES).join("%7C"));
    let query = format!("topk({SERIES},%7B__name__%3D~%22{names}%22%7D)");
    let begun = Instant::now();
    let answer =
        ask(state_dir, &format!("query_range?query={query}&start={}&end={to_s}&step=30", to_s - 6 * 3600))?;
    let took = begun.elapsed();
    match answer["result"].as_array().map(Vec::len) {
        Some(count) if count >= SERIES => Ok(took),
        count => Err(format!("{count:?} series instead of {SERIES}")),
    }
}
