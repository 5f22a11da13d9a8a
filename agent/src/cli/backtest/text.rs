//! A timeline for the terminal.

use super::per_week;
use super::variant::Variant;
use crate::cli::chart;
use crate::visible::visible;
use hostward_engine::rules::backtest::{Episode, Outcome, Replay};
use hostward_model::{number, time};

/// Episodes that are listed of a rule; all are in JSON.
const LISTED_MAX: usize = 50;

/// A variant, the names of its alerts, and what became of them.
pub type Played<'a> = (&'a Variant, Vec<String>, Outcome);

/// One line for each rule and variant, and the times at which it fired.
pub fn timeline(replay: &Replay, played: &[Played<'_>]) -> String {
    let mut out = format!("{} to {}\n", time::rfc3339(replay.from_ms), time::rfc3339(replay.to_ms));
    out += "# firing   - pending   . neither   (blank: nothing was recorded)\n";
    for (variant, names, outcome) in played {
        if !variant.0.is_empty() {
            out += &format!("\n{}\n", variant.name());
        }
        for name in names {
            let own: Vec<&Episode> =
                outcome.episodes.iter().filter(|episode| episode.rule == *name).collect();
            out += &rule(replay, name, &own, outcome);
        }
    }
    out
}

fn rule(replay: &Replay, name: &str, episodes: &[&Episode], outcome: &Outcome) -> String {
    let pages = episodes.iter().filter(|own| own.fired_ms.is_some()).count();
    let rate =
        per_week(pages, outcome.recorded_ms).map_or_else(String::new, |rate| format!(", {rate} a week"));
    let times = if pages == 1 { "once".to_owned() } else { format!("{pages} times") };
    let mut out =
        format!("\n{}: would have fired {times}{rate}\n  {}\n", visible(name), line(replay, episodes));
    if let Some(error) = outcome.errors.get(name) {
        out += &format!("  it failed: {}\n", visible(error));
    }
    for own in episodes.iter().filter(|own| own.fired_ms.is_some()).take(LISTED_MAX) {
        let at = |at_ms: Option<i64>| at_ms.map_or_else(|| "the end".to_owned(), time::rfc3339);
        let (fired, ended, value) = (at(own.fired_ms), at(own.ended_ms), number::brief(own.value));
        out += &format!("  {fired} to {ended}  {}  value {value}\n", visible(&own.labels.to_string()));
    }
    if pages > LISTED_MAX {
        out += &format!("  and {} more; --format json has all\n", pages - LISTED_MAX);
    }
    out
}

fn line(replay: &Replay, episodes: &[&Episode]) -> String {
    let width = chart::width() as i64;
    let length_ms = (replay.to_ms - replay.from_ms).max(1);
    let cell = |column: i64| {
        let from_ms = replay.from_ms + length_ms * column / width;
        let to_ms = replay.from_ms + length_ms * (column + 1) / width;
        let within = |begin_ms: i64, end_ms: i64| begin_ms < to_ms && end_ms > from_ms;
        let end = |own: &Episode| own.ended_ms.unwrap_or(i64::MAX);
        if episodes.iter().any(|own| own.fired_ms.is_some_and(|fired_ms| within(fired_ms, end(own)))) {
            '#'
        } else if episodes.iter().any(|own| within(own.began_ms, end(own))) {
            '-'
        } else if replay.spans.iter().any(|(begin_ms, end_ms)| within(*begin_ms, *end_ms)) {
            '.'
        } else {
            ' '
        }
    };
    (0..width).map(cell).collect()
}
