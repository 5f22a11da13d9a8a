//! `cargo xtask quiet`: how much the agent says on a host where nothing is wrong.
//!
//! What it saw can be kept, and put before another version.

mod replay;

use crate::calibration::recording::Recording;
use crate::live::agent::{Agent, Setup, build};
use crate::live::scrape::{alerts, anomalies, each_second, incidents, scrape, series};
use crate::live::scratch::Scratch;
use crate::options::Options;
use crate::{Outcome, table};
use hostward_formats::exposition::Family;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

/// What was said, and when it began.
#[derive(Default)]
struct Heard {
    now: BTreeSet<String>,
    begun: BTreeMap<String, Begun>,
}

/// How often something began, and the second in which it did first.
struct Begun {
    times: u64,
    first_s: u64,
}

impl Heard {
    /// Takes what is said in a second; counts what was not said the time before.
    fn take(&mut self, second: u64, said: impl IntoIterator<Item = String>) {
        let said: BTreeSet<_> = said.into_iter().collect();
        for new in said.difference(&self.now) {
            let begun = self.begun.entry(new.clone()).or_insert(Begun { times: 0, first_s: second });
            begun.times += 1;
        }
        self.now = said;
    }

    fn rows(&self, kind: &str) -> Vec<Vec<String>> {
        let row = |(what, begun): (&String, &Begun)| {
            let first = format!("{}:{:02}", begun.first_s / 60, begun.first_s % 60);
            vec![kind.to_owned(), what.replace('|', "\\|"), begun.times.to_string(), first]
        };
        self.begun.iter().map(row).collect()
    }

    fn total(&self) -> u64 {
        self.begun.values().map(|begun| begun.times).sum()
    }
}

/// Runs the release build at 1 s with its defaults, and counts after the warm-up; it is scraped from the start.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["minutes", "warm-up", "keep", "from"])?;
    if let Some(file) = options.text("from") {
        let rows = replay::run(&Recording::read(Path::new(file))?)?;
        println!("{}", table::markdown(&replay::HEAD, &rows));
        return Ok(());
    }
    let (minutes, warm_up) = (options.number("minutes", 30_u64)?, options.number("warm-up", 5_u64)?);
    let (binary, scratch) = (build()?, Scratch::new("quiet")?);
    let state_dir = scratch.path().join("state");
    let agent = Agent::start(&Setup { binary: &binary, state_dir: &state_dir, config: None, interval_s: 1 })?;
    eprintln!("warming up for {warm_up} min, then listening for {minutes} min");
    let mut connection = agent.connect()?;
    // Another request a second and an hour of values are part of the host, too: only when they are asked for.
    let mut kept = options.text("keep").map(|file| (Path::new(file), Recording::default()));
    let mut look = || {
        kept.as_mut().map_or(Ok(()), |(_, recording)| recording.look(&mut connection))?;
        scrape(&mut connection)
    };
    each_second(warm_up, || look().map(drop))?;
    let (mut heard, begun) = (All::default(), Instant::now());
    each_second(minutes, || {
        heard.listen(begun.elapsed().as_secs(), &look()?);
        Ok(())
    })?;
    if let Some((file, recording)) = kept {
        recording.write(file)?;
    }
    let All { firing, pending, incidents, unusual, series } = heard;
    let rows =
        [firing.rows("firing"), pending.rows("pending"), incidents.rows("incident"), unusual.rows("anomaly")];
    println!("{}", table::markdown(&["kind", "what", "times", "first"], &rows.concat()));
    println!(
        "{minutes} quiet minutes at 1 s, {series} series: {} alerts fired, {} were pending, {} incidents alerted, {} anomalies",
        firing.total(),
        pending.total(),
        incidents.total(),
        unusual.total()
    );
    Ok(())
}

/// All that was said, by kind, and how many series there were last.
#[derive(Default)]
struct All {
    firing: Heard,
    pending: Heard,
    incidents: Heard,
    unusual: Heard,
    series: usize,
}

impl All {
    fn listen(&mut self, second: u64, page: &[Family]) {
        self.firing.take(second, alerts(page, "firing"));
        self.pending.take(second, alerts(page, "pending"));
        self.incidents.take(second, incidents(page));
        self.unusual.take(second, anomalies(page).into_iter().map(|(series, _)| series));
        self.series = series(page);
    }
}

#[cfg(test)]
mod tests {
    use super::Heard;

    #[test]
    fn what_begins_again_counts_again() {
        let mut heard = Heard::default();
        for (second, said) in (59..).zip([&["a"][..], &["a", "b"], &[], &["a"]]) {
            heard.take(second, said.iter().map(|word| (*word).to_owned()));
        }
        assert_eq!(heard.rows("anomaly"), [["anomaly", "a", "2", "0:59"], ["anomaly", "b", "1", "1:00"]]);
        assert_eq!(heard.total(), 3);
    }
}
