//! `cargo xtask quiet`: how much the agent says on a host where nothing is wrong.

use crate::live::agent::{Agent, Setup, build};
use crate::live::http::Connection;
use crate::live::scrape::{alerts, anomalies, incidents, scrape, series};
use crate::live::scratch::Scratch;
use crate::options::Options;
use crate::{Outcome, table};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// What was said, and how often it began.
#[derive(Default)]
struct Heard {
    now: BTreeSet<String>,
    begun: BTreeMap<String, u64>,
}

impl Heard {
    /// Takes what is said now; counts what was not said the time before.
    fn take(&mut self, said: impl IntoIterator<Item = String>) {
        let said: BTreeSet<_> = said.into_iter().collect();
        for new in said.difference(&self.now) {
            *self.begun.entry(new.clone()).or_default() += 1;
        }
        self.now = said;
    }

    fn rows(&self, kind: &str) -> Vec<Vec<String>> {
        let row = |(what, times): (&String, &u64)| {
            vec![kind.to_owned(), what.replace('|', "\\|"), times.to_string()]
        };
        self.begun.iter().map(row).collect()
    }

    fn total(&self) -> u64 {
        self.begun.values().sum()
    }
}

/// Runs the release build at 1 s with its defaults, and counts after the warm-up.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["minutes", "warm-up"])?;
    let (minutes, warm_up) = (options.number("minutes", 30_u64)?, options.number("warm-up", 5_u64)?);
    let (binary, scratch) = (build()?, Scratch::new("quiet")?);
    let state_dir = scratch.path().join("state");
    let agent = Agent::start(&Setup { binary: &binary, state_dir: &state_dir, config: None, interval_s: 1 })?;
    eprintln!("warming up for {warm_up} min, then listening for {minutes} min");
    std::thread::sleep(Duration::from_secs(60 * warm_up));
    let mut connection = agent.connect()?;
    let mut heard = All::default();
    let (end, mut last) = (Instant::now() + Duration::from_secs(60 * minutes), 0);
    while Instant::now() < end {
        last = listen(&mut connection, &mut heard)?;
        std::thread::sleep(Duration::from_secs(1));
    }
    let All { firing, pending, incidents, unusual } = heard;
    let rows =
        [firing.rows("firing"), pending.rows("pending"), incidents.rows("incident"), unusual.rows("anomaly")];
    println!("{}", table::markdown(&["kind", "what", "times"], &rows.concat()));
    println!(
        "{minutes} quiet minutes at 1 s, {last} series: {} alerts fired, {} were pending, {} incidents alerted, {} anomalies",
        firing.total(),
        pending.total(),
        incidents.total(),
        unusual.total()
    );
    Ok(())
}

/// All that was said, by kind.
#[derive(Default)]
struct All {
    firing: Heard,
    pending: Heard,
    incidents: Heard,
    unusual: Heard,
}

fn listen(connection: &mut Connection, heard: &mut All) -> Outcome<usize> {
    let page = scrape(connection)?;
    heard.firing.take(alerts(&page, "firing"));
    heard.pending.take(alerts(&page, "pending"));
    heard.incidents.take(incidents(&page));
    heard.unusual.take(anomalies(&page).into_iter().map(|(series, _)| series));
    Ok(series(&page))
}

#[cfg(test)]
mod tests {
    use super::Heard;

    #[test]
    fn what_begins_again_counts_again() {
        let mut heard = Heard::default();
        for said in [&["a"][..], &["a", "b"], &[], &["a"]] {
            heard.take(said.iter().map(|word| (*word).to_owned()));
        }
        assert_eq!((heard.begun["a"], heard.begun["b"], heard.total()), (2, 1, 3));
    }
}
