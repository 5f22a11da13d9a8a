//! A portrait for people.

use super::super::output::table;
use hostward_engine::portrait::{Distribution, Interval, Portrait, Sampling, Season, Stationarity, Trend};
use hostward_model::number::brief;
use hostward_model::time::rfc3339;

/// Heights of a bar, the lowest first.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// One statistic a line.
pub fn text(portrait: &Portrait) -> String {
    let mut rows = sampling(&portrait.sampling);
    portrait.distribution.iter().for_each(|own| rows.extend(distribution(own)));
    rows.extend(portrait.trend.map(|own| ("trend", trend(&own))));
    rows.push(("season", seasons(&portrait.seasons)));
    rows.extend(portrait.stationarity.map(|own| ("stationarity", stationarity(own))));
    let share = 100.0 * portrait.outliers.share;
    rows.push(("outliers", format!("{} ({} %)", portrait.outliers.count, brief(share))));
    for own in &portrait.outliers.farthest {
        rows.push((
            "",
            format!("{}  {}  ({:.1} deviations)", rfc3339(own.at_ms), brief(own.value), own.score),
        ));
    }
    rows.push(("quality", format!("{} of 100", portrait.quality.score)));
    rows.extend(portrait.quality.reasons.iter().map(|own| ("", format!("-{}  {}", own.cost, own.text))));
    table(&rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect::<Vec<_>>())
}

type Line = (&'static str, String);

fn sampling(own: &Sampling) -> Vec<Line> {
    let count = format!(
        "{} rows, {} without a value, {} duplicates, {} late",
        own.count, own.missing, own.duplicates, own.late
    );
    let mut rows = vec![("count", count)];
    rows.extend(own.span_ms.map(|(from, to)| ("span", format!("{} to {}", rfc3339(from), rfc3339(to)))));
    rows.extend(own.interval.iter().flat_map(interval));
    rows
}

fn interval(own: &Interval) -> [Line; 2] {
    let gaps = match own.gaps {
        0 => "none".to_owned(),
        gaps => {
            format!("{gaps}, {} rows absent, the longest {}", own.absent, span(own.longest_gap_ms as f64))
        }
    };
    [("interval", format!("{} median, {} jitter", span(own.median_ms), span(own.jitter_ms))), ("gaps", gaps)]
}

fn distribution(own: &Distribution) -> Vec<Line> {
    let optional = |value: Option<f64>| value.map_or("-".to_owned(), brief);
    let quantiles =
        own.quantiles.iter().map(|(share, value)| format!("p{} {}", brief(100.0 * share), brief(*value)));
    vec![
        (
            "shape",
            format!(
                "{}, {} different values, {} % zeros",
                own.shape.as_str(),
                own.distinct,
                brief(100.0 * own.zeros)
            ),
        ),
        (
            "values",
            format!(
                "mean {}, deviation {}, skewness {}, excess kurtosis {}",
                brief(own.moments.mean),
                brief(own.moments.deviation),
                optional(own.moments.skewness),
                optional(own.moments.kurtosis)
            ),
        ),
        ("quantiles", quantiles.collect::<Vec<_>>().join("  ")),
        ("histogram", histogram(&own.histogram)),
    ]
}

fn histogram(bins: &[usize]) -> String {
    let highest = bins.iter().max().copied().unwrap_or(0).max(1);
    let bar = |count: &usize| match count {
        0 => ' ',
        // Rounded up, so that a single value can be seen.
        count => BARS[(count * BARS.len()).div_ceil(highest) - 1],
    };
    format!("|{}|", bins.iter().map(bar).collect::<String>())
}

fn trend(own: &Trend) -> String {
    let sure = if own.is_sure { "" } else { ", which may be chance" };
    format!("{} a day (Kendall's tau {:.2}){sure}", brief(own.per_day), own.tau)
}

fn seasons(all: &[Season]) -> String {
    let one =
        |own: &Season| format!("{}: each {}, strength {:.2}", own.name, span(own.period_ms), own.strength);
    match all.is_empty() {
        true => "none found".to_owned(),
        false => all.iter().map(one).collect::<Vec<_>>().join("; "),
    }
}

fn stationarity(own: Stationarity) -> String {
    let verdict = if own.is_stationary { "the level stays" } else { "the level moves" };
    format!("{verdict} (KPSS {:.2}, 0.46 is the limit)", own.statistic)
}

/// A span of time with three significant digits at most.
fn span(ms: f64) -> String {
    let units = [(86_400_000.0, "d"), (3_600_000.0, "h"), (60_000.0, "min"), (1000.0, "s")];
    let (size, unit) = units.into_iter().find(|(size, _)| ms >= *size).unwrap_or((1.0, "ms"));
    let scaled = ms / size;
    format!("{} {unit}", if scaled < 100.0 { (scaled * 10.0).round() / 10.0 } else { scaled.round() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_bars_are_short() {
        assert_eq!(
            [0.0, 250.0, 1500.0, 60_000.0, 8.64e7, 8.64e9].map(span),
            ["0 ms", "250 ms", "1.5 s", "1 min", "1 d", "100 d"]
        );
        assert_eq!(histogram(&[0, 1, 50, 100]), "| ▁▄█|");
    }
}
