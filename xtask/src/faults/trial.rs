//! One fault from its beginning until the host is quiet again.

use super::kind::Kind;
use super::place::Place;
use crate::Outcome;
use crate::live::agent::Agent;
use crate::live::http::Connection;
use crate::live::scrape::{alerts, anomalies, incidents, scrape};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// A fault that was not seen by then is not seen.
const LENGTH: Duration = Duration::from_secs(45);
/// After detection, until the agent is asked what it was: others may speak louder.
const LISTEN: Duration = Duration::from_secs(5);
/// Quiet before each fault: at least, and at most when the host is not quiet.
const REST: Duration = Duration::from_secs(15);
const REST_MAX: Duration = Duration::from_secs(180);
const POLL: Duration = Duration::from_millis(250);

/// What the agent said of a fault.
pub struct Told {
    /// Until a series that tells of the fault was anomalous.
    pub delay_s: Option<f64>,
    /// The strongest of all series that became anomalous, and how sure the agent was.
    pub loudest: Option<String>,
    /// What an incident that began to alert named as its cause.
    pub named_first: Option<String>,
    /// Alerts that began to fire.
    pub alerts: Vec<String>,
}

/// Lets it happen.
pub fn run(kind: &Kind, agent: &Agent, place: &Place) -> Outcome<Told> {
    let mut connection = agent.connect()?;
    let before = rest(kind, &mut connection)?;
    let page = scrape(&mut connection)?;
    let (fired, alerted) = (alerts(&page, "firing"), incidents(&page));
    let (cause, begun) = ((kind.begin)(place)?, Instant::now());
    let delay_s = detect(kind, &mut connection, &before, begun)?;
    std::thread::sleep(LISTEN);
    let page = scrape(&mut connection)?;
    drop(cause);
    let new = anomalies(&page).into_iter().filter(|(series, _)| !before.contains(series));
    let strongest = new.max_by(|(_, a), (_, b)| a.total_cmp(b));
    let loudest = strongest.map(|(series, confidence)| format!("`{series}` {:.3} %", 100.0 * confidence));
    let named_first = incidents(&page).into_iter().find(|incident| !alerted.contains(incident));
    let alerts = alerts(&page, "firing").into_iter().filter(|alert| !fired.contains(alert)).collect();
    let told = Told { delay_s, loudest, named_first, alerts };
    let or_nothing = |text: &Option<String>| text.clone().unwrap_or("nothing".to_owned());
    eprintln!(
        "{}: {:?} s, incident {}, loudest {}",
        kind.name,
        told.delay_s,
        or_nothing(&told.named_first),
        or_nothing(&told.loudest)
    );
    Ok(told)
}

fn detect(
    kind: &Kind,
    connection: &mut Connection,
    before: &BTreeSet<String>,
    begun: Instant,
) -> Outcome<Option<f64>> {
    while begun.elapsed() < LENGTH {
        let unusual = anomalies(&scrape(connection)?);
        if unusual.iter().any(|(series, _)| kind.shows_in(series) && !before.contains(series)) {
            return Ok(Some(begun.elapsed().as_secs_f64()));
        }
        std::thread::sleep(POLL);
    }
    Ok(None)
}

/// Waits until no series that would tell of the fault is anomalous; what still is then does not count.
fn rest(kind: &Kind, connection: &mut Connection) -> Outcome<BTreeSet<String>> {
    let begun = Instant::now();
    loop {
        let unusual: BTreeSet<_> =
            anomalies(&scrape(connection)?).into_iter().map(|(series, _)| series).collect();
        let quiet = begun.elapsed() >= REST && !unusual.iter().any(|series| kind.shows_in(series));
        if quiet || begun.elapsed() > REST_MAX {
            return Ok(unusual);
        }
        std::thread::sleep(POLL);
    }
}
