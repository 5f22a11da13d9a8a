//! How fast something grows, from its first to its last sample in a range.
//!
//! As in Prometheus the growth is extrapolated towards the ends of the range: all the way when the first or last
//! sample is about one interval from the end, by half an interval otherwise, and for a counter never beyond the
//! point where it would have been zero.

use super::{Function, OfSpan, RANGE, Run, Span};
use crate::promql::eval::Context;
use crate::promql::fetch::Line;
use crate::promql::node::Call;
use crate::promql::source::Point;

/// The family.
pub const FUNCTIONS: &[Function] = &[
    counter("rate", |span, _| growth(span, true, true)),
    counter("increase", |span, _| growth(span, true, false)),
    Function::over("delta", |span, _| growth(span, false, false)),
    Function::over("irate", |span, _| {
        let [before, last] = last_two(span)?;
        let grown = if last.value < before.value { last.value } else { last.value - before.value };
        let seconds = (last.at_ms - before.at_ms) as f64 / 1000.0;
        (seconds > 0.0).then(|| grown / seconds)
    }),
    Function::over("idelta", |span, _| last_two(span).map(|[before, last]| last.value - before.value)),
];

/// More than so many average intervals from the end of the range means that the series began or ended there.
const NEAR_INTERVALS: f64 = 1.1;

impl Span<'_> {
    fn seconds(&self) -> f64 {
        (self.to_ms - self.from_ms) as f64 / 1000.0
    }
}

fn last_two(span: &Span<'_>) -> Option<[Point; 2]> {
    span.points.last_chunk::<2>().copied()
}

const fn counter(name: &'static str, run: OfSpan) -> Function {
    Function::vector(name, RANGE, Run::Noted(note_name, run))
}

/// By their names counters are known.
fn note_name(context: &Context<'_>, call: &Call, line: &Line<'_>) {
    const ENDINGS: [&str; 4] = ["_total", "_sum", "_count", "_bucket"];
    let name = line.labels.name();
    if line.points.len() < 2 || name.is_empty() || ENDINGS.iter().any(|ending| name.ends_with(ending)) {
        return;
    }
    let place = call.places.first().copied().unwrap_or_default();
    let text = "metric might not be a counter, name does not end in _total/_sum/_count/_bucket";
    context.query.annotations.borrow_mut().inform(place, &format!("{text}: {name:?}"));
}

fn growth(span: &Span<'_>, counter: bool, per_second: bool) -> Option<f64> {
    let [first, .., last] = span.points else { return None };
    let mut grown = last.value - first.value;
    if counter {
        span.pairs().filter(|(before, after)| after < before).for_each(|(before, _)| grown += before);
    }
    let sampled = (last.at_ms - first.at_ms) as f64 / 1000.0;
    let interval = sampled / (span.points.len() - 1) as f64;
    let reach = |gap_ms: i64| {
        let gap = gap_ms as f64 / 1000.0;
        if gap >= interval * NEAR_INTERVALS { interval / 2.0 } else { gap }
    };
    let mut to_start = reach(first.at_ms - span.from_ms);
    if counter && grown > 0.0 && first.value >= 0.0 {
        to_start = to_start.min(sampled * (first.value / grown));
    }
    let factor = (sampled + to_start + reach(span.to_ms - last.at_ms)) / sampled;
    Some(grown * if per_second { factor / span.seconds() } else { factor })
}
