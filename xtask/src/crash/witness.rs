//! What a scraper was shown.

use crate::live::http::Connection;
use crate::live::scrape::{alert_name, now_ms};
use hostward_formats::exposition::{Format, read};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::thread::JoinHandle;

/// No sample of the alert on the page.
pub const ABSENT: &str = "absent";

/// A state of an alert that was on a page, and was not on the page before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Which alert.
    pub alert: String,
    /// `pending`, `firing`, or [`ABSENT`].
    pub state: String,
    /// When the page was there, in milliseconds since the Unix epoch.
    pub at_ms: i64,
}

/// The states as last seen, and how they came about.
#[derive(Default)]
pub struct Witness {
    states: BTreeMap<String, String>,
    seen: Vec<Seen>,
}

impl Witness {
    /// What was seen since the last call.
    pub fn take_seen(&mut self) -> Vec<Seen> {
        std::mem::take(&mut self.seen)
    }

    /// Takes the next page, reduced to its alerts.
    fn take(&mut self, page: BTreeMap<String, String>, at_ms: i64) {
        let gone = self.states.keys().filter(|alert| !page.contains_key(*alert));
        let gone: Vec<_> = gone.map(|alert| (alert.clone(), ABSENT.to_owned())).collect();
        for (alert, state) in page.clone().into_iter().chain(gone) {
            if self.states.get(&alert) != Some(&state) {
                self.seen.push(Seen { alert, state, at_ms });
            }
        }
        self.states = page;
    }
}

/// Scrapes as fast as it can until nobody answers any more.
pub fn watch(host: SocketAddr, mut witness: Witness) -> JoinHandle<Witness> {
    std::thread::spawn(move || {
        let Ok(mut connection) = Connection::open(host) else { return witness };
        while let Ok(answer) = connection.get("/metrics", "") {
            if answer.status == 200 {
                witness.take(alerts(&String::from_utf8_lossy(&answer.body)), now_ms());
            }
        }
        witness
    })
}

/// Reads only the lines about alerts, which is much faster than reading the page.
fn alerts(page: &str) -> BTreeMap<String, String> {
    let lines = page.lines().filter(|line| line.starts_with("hostward_alert_state{"));
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    let families = read(&text, Format::Text).unwrap_or_default();
    let samples = families.iter().flat_map(|family| &family.samples);
    samples.map(|sample| (alert_name(sample), sample.label("state").unwrap_or("").to_owned())).collect()
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} was {} at {}", self.alert, self.state, hostward_model::time::rfc3339(self.at_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(state: &str) -> BTreeMap<String, String> {
        alerts(&format!("node_load1 1\nhostward_alert_state{{alertname=\"A\",state=\"{state}\"}} 1\n"))
    }

    #[test]
    fn only_changes_are_kept() {
        let mut witness = Witness::default();
        let pages = [page("pending"), page("pending"), page("firing"), BTreeMap::new(), page("pending")];
        pages.into_iter().zip(0..).for_each(|(page, at_ms)| witness.take(page, at_ms));
        let seen: Vec<_> = witness.take_seen().into_iter().map(|seen| (seen.state, seen.at_ms)).collect();
        let expected = [("pending", 0), ("firing", 2), (ABSENT, 3), ("pending", 4)];
        assert_eq!(seen, expected.map(|(state, at_ms)| (state.to_owned(), at_ms)));
        assert!(witness.take_seen().is_empty());
    }
}
