//! What the agent says on its metrics page.

use super::http::Connection;
use crate::Outcome;
use hostward_formats::exposition::{Family, Format, Sample, read};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The agent samples on whole seconds; between two of them its page is of exactly one.
const OFF_BEAT_MS: u64 = 500;

/// Asks for the page and reads it strictly.
pub fn scrape(connection: &mut Connection) -> Outcome<Vec<Family>> {
    scrape_page(connection, "/metrics")
}

/// The same for a page with a query.
pub fn scrape_page(connection: &mut Connection, path: &str) -> Outcome<Vec<Family>> {
    let answer = connection.get(path, "").map_err(|error| format!("scrape: {error}"))?;
    if answer.status != 200 {
        return Err(format!("scrape: status {}", answer.status));
    }
    let text = String::from_utf8(answer.body).map_err(|error| format!("scrape: {error}"))?;
    read(&text, Format::Text).map_err(|error| format!("scrape: {error}"))
}

/// Calls `look` each second for some minutes, as often as an agent at 1 s is scraped.
pub fn each_second(minutes: u64, mut look: impl FnMut() -> Outcome<()>) -> Outcome<()> {
    let end = Instant::now() + Duration::from_secs(60 * minutes);
    while Instant::now() < end {
        let past_ms = now_ms().rem_euclid(1000) as u64;
        std::thread::sleep(Duration::from_millis((1000 + OFF_BEAT_MS - past_ms) % 1000));
        look()?;
        std::thread::sleep(Duration::from_millis(OFF_BEAT_MS / 2));
    }
    Ok(())
}

/// The wall clock.
pub fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

/// The samples of one family; none when it is not there.
pub fn samples<'a>(families: &'a [Family], name: &str) -> impl Iterator<Item = &'a Sample> {
    families.iter().filter(move |family| family.name == name).flat_map(|family| &family.samples)
}

/// Alerts in a state, by name.
pub fn alerts(families: &[Family], state: &str) -> Vec<String> {
    let in_state =
        samples(families, "hostward_alert_state").filter(|sample| sample.label("state") == Some(state));
    in_state.map(alert_name).collect()
}

/// The alert of a sample of `hostward_alert_state`.
pub fn alert_name(sample: &Sample) -> String {
    let labels = sample.labels.iter().filter(|(name, _)| name != "state" && name != "acknowledged");
    name(labels.map(|(name, value)| (name.as_str(), value.as_str())))
}

/// One spelling for the labels of an alert: `Name{label="value",…}`, sorted.
pub fn name<'a>(labels: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> String {
    let alert = labels.clone().find(|(name, _)| *name == "alertname").map_or("", |(_, value)| value);
    let others = labels.filter(|(name, _)| *name != "alertname");
    let mut others: Vec<_> = others.map(|(name, value)| format!("{name}={value:?}")).collect();
    others.sort_unstable();
    format!("{alert}{{{}}}", others.join(","))
}

/// Series that are anomalous, with how sure the agent is.
pub fn anomalies(families: &[Family]) -> Vec<(String, f64)> {
    let all = samples(families, "hostward_anomaly_confidence");
    all.map(|sample| (sample.label("series").unwrap_or("").to_owned(), sample.value)).collect()
}

/// Incidents that alert: number, and the series that is taken for the cause.
pub fn incidents(families: &[Family]) -> Vec<String> {
    let label = |sample: &Sample, name: &str| sample.label(name).unwrap_or("").to_owned();
    let all = samples(families, "hostward_incident_alert");
    all.map(|sample| format!("{}: {}", label(sample, "incident"), label(sample, "series"))).collect()
}

/// Number of series on the page.
pub fn series(families: &[Family]) -> usize {
    families.iter().map(|family| family.samples.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_and_anomalies_are_found() {
        let text = "hostward_alert_state{acknowledged=\"false\",alertname=\"Full\",mountpoint=\"/\",state=\"firing\"} 1\n\
                    hostward_alert_state{acknowledged=\"true\",alertname=\"Slow\",state=\"pending\"} 1\n\
                    hostward_incident_alert{incident=\"7\",metric=\"m\",probe=\"p\",series=\"m{a=\\\"1\\\"}\"} 9.5\n\
                    hostward_anomaly_confidence{metric=\"m\",series=\"m{a=\\\"1\\\"}\"} 0.97\n";
        let families = read(text, Format::Text).unwrap();
        assert_eq!(alerts(&families, "firing"), ["Full{mountpoint=\"/\"}"]);
        assert_eq!(alerts(&families, "pending"), ["Slow{}"]);
        assert_eq!(anomalies(&families), [("m{a=\"1\"}".to_owned(), 0.97)]);
        assert_eq!(incidents(&families), ["7: m{a=\"1\"}"]);
        assert_eq!(series(&families), 4);
    }
}
