//! What a host's series were, second by second.

use crate::Outcome;
use crate::live::http::Connection;
use crate::live::scrape::{each_second, name, now_ms, scrape_page};
use crate::sim::world::shares::Shares;
use crate::sim::world::watch::Watch;
use hostward_formats::exposition::{Family, Type};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

/// What hostward says of itself gets no baseline.
const PAGE: &str = "/metrics?exclude[]=hostward";

/// The values of one series by wall clock.
struct Track {
    counter: bool,
    points: Vec<(i64, f64)>,
}

/// All series by name and labels.
#[derive(Default)]
pub struct Recording(BTreeMap<String, Track>);

impl Recording {
    /// Asks once a second for so many minutes.
    pub fn take(connection: &mut Connection, minutes: u64) -> Outcome<Self> {
        let mut recording = Recording::default();
        each_second(minutes, || recording.look(connection))?;
        Ok(recording)
    }

    /// Asks for what the host is like in this second.
    pub fn look(&mut self, connection: &mut Connection) -> Outcome<()> {
        self.add(&scrape_page(connection, PAGE)?, now_ms() / 1000 * 1000);
        Ok(())
    }

    fn add(&mut self, page: &[Family], at_ms: i64) {
        for family in page {
            let counter = family.kind == Type::Counter;
            for sample in &family.samples {
                let labels = sample.labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                let key = format!("{}{}", sample.name, name(labels));
                let track = self.0.entry(key).or_insert(Track { counter, points: Vec::new() });
                track.points.push((at_ms, sample.value));
            }
        }
    }

    /// Names and labels.
    pub fn series(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// What there was at each time: places in [`Recording::series`], and values.
    pub fn seconds(&self) -> BTreeMap<i64, Vec<(usize, f64)>> {
        let mut seconds: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (place, track) in self.0.values().enumerate() {
            track
                .points
                .iter()
                .for_each(|(at_ms, value)| seconds.entry(*at_ms).or_default().push((place, *value)));
        }
        seconds
    }

    /// How sure the detector was of each sample after `learning`: over series that move, and over all.
    pub fn judge(&self, learning: Duration) -> (Shares, Shares) {
        let begin = self.0.values().filter_map(|track| Some(track.points.first()?.0)).min().unwrap_or(0);
        let from = begin + learning.as_millis() as i64;
        let (mut moving, mut all) = (Shares::default(), Shares::default());
        for (series, track) in &self.0 {
            let mut watch = Watch::new(series, track.counter);
            let mut shares = Shares::of_one_series();
            for (at_ms, value) in &track.points {
                let judged = watch.observe(*at_ms, *at_ms as u64, *value);
                judged.iter().filter(|_| *at_ms >= from).for_each(|judged| shares.take(judged));
            }
            all += shares;
            if watch.is_moving() {
                moving += shares;
            }
        }
        (moving, all)
    }

    /// One line for each series: kind, name, then times and values.
    pub fn write(&self, file: &Path) -> Outcome<()> {
        let mut text = String::new();
        for (series, track) in &self.0 {
            let _ = write!(text, "{}\t{series}", if track.counter { "counter" } else { "gauge" });
            for (at_ms, value) in &track.points {
                let _ = write!(text, "\t{at_ms} {value}");
            }
            text.push('\n');
        }
        std::fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))
    }

    /// What [`Recording::write`] wrote.
    pub fn read(file: &Path) -> Outcome<Self> {
        let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let track = |(index, line): (usize, &str)| {
            parse(line).ok_or_else(|| format!("{}:{}: not a recorded series", file.display(), index + 1))
        };
        Ok(Recording(text.lines().enumerate().map(track).collect::<Outcome<_>>()?))
    }
}

fn parse(line: &str) -> Option<(String, Track)> {
    let mut words = line.split('\t');
    let (kind, series) = (words.next()?, words.next()?);
    let point = |word: &str| {
        let (at_ms, value) = word.split_once(' ')?;
        Some((at_ms.parse().ok()?, value.parse().ok()?))
    };
    let points = words.map(point).collect::<Option<_>>()?;
    Some((series.to_owned(), Track { counter: kind == "counter", points }))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let (series, track) = parse("counter\tx_total{a=\"b c\"}\t1000 1\t2000 NaN\t3000 2.5").unwrap();
        assert_eq!((series.as_str(), track.counter, track.points.len()), ("x_total{a=\"b c\"}", true, 3));
        assert_eq!(track.points[2], (3000, 2.5));
        assert!(parse("gauge\tx\t1000").is_none());
    }
}
