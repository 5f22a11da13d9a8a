//! One fault from its beginning until the host is quiet again.

use super::kind::Kind;
use super::named::{self, Member, Named};
use super::place::Place;
use crate::Outcome;
use crate::live::agent::Agent;
use crate::live::http::Connection;
use crate::live::scrape::{alerts, anomalies, scrape};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// A fault that was not seen by then is not seen, and a cause that was not named by then is not named.
const LENGTH: Duration = Duration::from_secs(45);
/// After that, until the agent is asked what it was: others may speak louder.
const LISTEN: Duration = Duration::from_secs(5);
/// Quiet before each fault: at least, and at most when the host is not quiet.
const REST: Duration = Duration::from_secs(15);
const REST_MAX: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(250);

/// What the agent said of a fault.
#[derive(Debug, Default)]
pub struct Told {
    /// Until a series that tells of the fault was anomalous.
    pub delay_s: Option<f64>,
    /// The strongest of all series that became anomalous, and how sure the agent was.
    pub loudest: Option<String>,
    /// What an incident, whether it alerts or not, has for its cause.
    pub named: Option<Named>,
    /// Whether that tells of the fault.
    pub right: bool,
    /// Alerts that began to fire.
    pub alerts: Vec<String>,
}

/// Lets it happen.
pub fn run(kind: &Kind, agent: &Agent, place: &Place) -> Outcome<Told> {
    let mut connection = agent.connect()?;
    let before = rest(kind, &mut connection)?;
    let fired = alerts(&scrape(&mut connection)?, "firing");
    let members = named::members(&named::incidents(agent)?);
    let (cause, begun) = ((kind.begin)(place)?, Instant::now());
    let delay_s = detect(kind, &mut connection, &before, begun)?;
    explain(agent, &members, begun)?;
    std::thread::sleep(LISTEN);
    let (page, incidents) = (scrape(&mut connection)?, named::incidents(agent)?);
    drop(cause);
    let new = anomalies(&page).into_iter().filter(|(series, _)| !before.contains(series));
    let strongest = new.max_by(|(_, a), (_, b)| a.total_cmp(b));
    let loudest = strongest.map(|(series, confidence)| format!("`{series}` {:.3} %", 100.0 * confidence));
    let alerts = alerts(&page, "firing").into_iter().filter(|alert| !fired.contains(alert)).collect();
    let named = named::first(&incidents, &members);
    let right = named.as_ref().is_some_and(|named| kind.shows_in(&named.series));
    let told = Told { delay_s, loudest, named, right, alerts };
    eprintln!("{}: {told:?}", kind.name);
    Ok(told)
}

/// Waits until an incident names something new.
fn explain(agent: &Agent, members: &BTreeSet<Member>, begun: Instant) -> Outcome<()> {
    while begun.elapsed() < LENGTH && named::first(&named::incidents(agent)?, members).is_none() {
        std::thread::sleep(POLL);
    }
    Ok(())
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
