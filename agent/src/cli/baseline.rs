//! `hostward baseline`: what is usual for each series, and what you say of it.

use super::chart::{self, Pen};
use super::output::{field, items, table};
use super::{Common, Failure, Found, Outcome, daemon, output};
use crate::config::Span;
use crate::percent::encode;
use clap::Subcommand;
use hostward_model::number;
use serde_json::{Value, json};

/// Rows of a list unless all are asked for as JSON.
const ROWS_MAX: usize = 200;

/// What `baseline` can do.
#[derive(Subcommand)]
pub enum Baseline {
    /// List series with what is usual for them.
    List {
        /// Part of the name and labels.
        pattern: Option<String>,
        /// Only those that are unusual now.
        #[arg(long)]
        unusual: bool,
        /// Only those of which too little is known yet.
        #[arg(long, conflicts_with = "unusual")]
        learning: bool,
    },
    /// Draw the last hours of a series, its band, and the day that is expected of it.
    Show {
        /// Name and labels, such as 'node_load1' or 'node_disk_reads_completed_total{device="sda"}'.
        series: String,
        /// How far back.
        #[arg(long, value_name = "TIME", default_value = "6h")]
        back: Span,
    },
    /// Forget what was learnt of a series, and learn it anew.
    Reset {
        /// Name and labels.
        series: String,
    },
    /// Say that a series is usual as it is now.
    Accept {
        /// Name and labels.
        series: String,
    },
}

/// Lists, draws, resets or accepts.
pub fn act(common: &Common, own: &Baseline) -> Outcome {
    match own {
        Baseline::List { pattern, unusual, learning } => {
            let pattern = pattern.as_deref().unwrap_or("");
            list(
                common,
                daemon::get(common, &format!("baselines?match={}", encode(pattern)))?,
                *unusual,
                *learning,
            )
        }
        Baseline::Show { series, back } => {
            let path = format!("baseline?series={}&back={}", encode(series), back.ms() / 1000);
            let course = daemon::get(common, &path)?;
            output::either(common.format, &course, |course| show(course, chart::width(), Pen::of_locale()));
            Ok(Found::Well)
        }
        Baseline::Reset { series } => amend(common, "reset", series, "is learnt anew"),
        Baseline::Accept { series } => amend(common, "accept", series, "is usual as it is"),
    }
}

fn amend(common: &Common, verb: &str, series: &str, done: &str) -> Result<Found, Failure> {
    let answer = daemon::post(common, &format!("baseline/{verb}"), &json!({ "series": series }))?;
    output::either(common.format, &answer, |answer| {
        format!("{} {done}, says {}\n", field(answer, "series"), field(answer, "by"))
    });
    Ok(Found::Well)
}

fn list(common: &Common, mut answer: Value, unusual: bool, learning: bool) -> Outcome {
    if let Some(all) = answer["baselines"].as_array_mut() {
        all.retain(|own| !unusual || !own["unusualSince"].is_null());
        all.retain(|own| !learning || own["state"] == "learning");
    }
    let all = items(&answer, "baselines");
    output::either(common.format, &answer, |_| {
        table(&all.iter().take(ROWS_MAX).map(row).collect::<Vec<_>>())
    });
    if all.is_empty() {
        output::message("no series match");
    } else if all.len() > ROWS_MAX && common.format == super::Format::Text {
        output::message(&format!("and {} more: give a part of the name", all.len() - ROWS_MAX));
    }
    Ok(Found::Well)
}

fn row(own: &Value) -> Vec<String> {
    let now = &own["now"];
    let mark = match (own["unusualSince"].is_null(), own["settled"].is_null()) {
        (false, _) => "unusual",
        (true, false) => "new level",
        (true, true) => "",
    };
    vec![field(own, "state"), mark.to_owned(), brief(&now["value"]), band(&now["band"]), field(own, "series")]
}

/// A number for the eye.
pub fn brief(value: &Value) -> String {
    value.as_f64().map_or_else(|| "-".to_owned(), number::brief)
}

/// Lower and upper end of what is usual.
pub fn band(band: &Value) -> String {
    if band.is_null() { "-".to_owned() } else { format!("{} to {}", brief(&band[0]), brief(&band[1])) }
}

fn show(course: &Value, width: usize, pen: Pen) -> String {
    let own = &course["baseline"];
    let mut out = format!("{}\n", field(own, "series"));
    let now = format!("{}, usual {}", brief(&own["now"]["value"]), band(&own["now"]["band"]));
    let lines = [("known", Some(known(own))), ("now", Some(now)), ("unusual", Some(unusual(own)))];
    let lines = lines.into_iter().chain([("level", settled(own)), ("sure", surest(own))]);
    let lines = lines.filter_map(|(head, said)| Some(vec![format!("  {head}"), said?]));
    out += &table(&lines.collect::<Vec<_>>());
    let points: Vec<_> = items(course, "points").iter().filter_map(point).collect();
    if let (Some(first), Some(last)) = (points.first(), points.last()) {
        let minutes = (last.0 - first.0) / 60.0;
        let back = if minutes < 60.0 {
            format!("{minutes:.0} minutes")
        } else {
            format!("{:.1} hours", minutes / 60.0)
        };
        out += &format!("\nthe last {back}   {}\n", pen.key());
        out += &chart::draw(&chart::columns(&points, width), pen);
    }
    match own["state"].as_str() {
        Some("day") => out += &season(course, "day", "day (UTC, midnight to midnight)", width, pen),
        Some("week") => out += &season(course, "week", "week (UTC, Monday to Sunday)", width, pen),
        _ => {}
    }
    out
}

fn season(course: &Value, key: &str, name: &str, width: usize, pen: Pen) -> String {
    let usual: Vec<_> = items(course, key).iter().filter_map(expected).collect();
    format!("\nthe usual {name}\n{}", chart::draw(&chart::columns(&usual, width), pen))
}

fn known(own: &Value) -> String {
    let what = match own["state"].as_str() {
        Some("day") => "its level and the course of its day",
        Some("week") => "its level and the course of its week",
        Some("level") => "its level",
        _ => "too little yet",
    };
    format!("{what}, from {} values since {}", own["seen"], field(own, "since"))
}

fn unusual(own: &Value) -> String {
    let before = before(own);
    match own["unusualSince"].as_str() {
        Some(since) => format!("since {since}, {}; {before}", because(&own["peak"])),
        None => format!("not now; {before}"),
    }
}

/// How often a series was unusual before.
pub fn before(own: &Value) -> String {
    match own["before"].as_u64() {
        None | Some(0) => "never before".to_owned(),
        Some(1) => format!("once before, at {}", field(own, "lastBefore")),
        Some(count) => format!("{count} times before, last at {}", field(own, "lastBefore")),
    }
}

/// That it settled at a new level, if it did lately.
pub fn settled(own: &Value) -> Option<String> {
    let level = &own["settled"];
    let at = level["at"].as_str()?;
    Some(format!("settled at a new level {at} (was {}, is {})", brief(&level["was"]), brief(&level["is"])))
}

/// How sure one can be of anything that the series does.
pub fn surest(own: &Value) -> Option<String> {
    let percent = own["surest"].as_f64()? * 100.0;
    Some(match percent > 99.999 {
        true => "up to 99.999 % and more".to_owned(),
        false => format!("up to {percent:.3} % by now: its past is no longer"),
    })
}

/// How sure it is, and which channel spoke.
pub fn because(peak: &Value) -> String {
    let percent =
        peak["confidence"].as_f64().map_or_else(|| "-".to_owned(), |own| format!("{:.3} %", own * 100.0));
    format!("{percent} sure ({})", field(peak, "channel"))
}

type Point = (f64, Option<f64>, Option<(f64, f64)>);

fn point(own: &Value) -> Option<Point> {
    Some((own[0].as_f64()?, own[1].as_f64(), pair(&own[2])))
}

fn expected(own: &Value) -> Option<Point> {
    let band = pair(&own[1]);
    Some((own[0].as_f64()?, band.map(|(low, high)| (low + high) / 2.0), band))
}

fn pair(own: &Value) -> Option<(f64, f64)> {
    Some((own[0].as_f64()?, own[1].as_f64()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn nobody_is_sure_altogether() {
        let said = |surest: f64| super::surest(&json!({ "surest": surest })).unwrap();
        assert!(said(0.99994).starts_with("up to 99.994 % by now"));
        assert_eq!(said(0.99999994), "up to 99.999 % and more");
    }

    #[test]
    fn a_series_is_drawn_with_its_band() {
        let point = |at: i32| json!([at * 60, if at == 50 { 9 } else { at % 4 }, [0.0, 3.0]]);
        let peak = json!({ "value": 9, "band": [0.0, 3.0], "confidence": 0.99985, "channel": "level" });
        let course = json!({
            "baseline": {
                "series": "load", "state": "level", "seen": 360, "since": "2026-01-01T00:00:00Z",
                "now": peak, "unusualSince": "2026-01-01T05:00:00Z", "peak": peak, "before": 0,
                "surest": 0.9972, "settled": { "at": "2026-01-01T04:00:00Z", "was": 20.0, "is": 3.0 },
            },
            "points": (0..60).map(point).collect::<Vec<_>>(),
        });
        expect![[r#"
            load
              known    its level, from 360 values since 2026-01-01T00:00:00Z
              now      9, usual 0 to 3
              unusual  since 2026-01-01T05:00:00Z, 99.985 % sure (level); never before
              level    settled at a new level 2026-01-01T04:00:00Z (was 20, is 3)
              sure     up to 99.720 % by now: its past is no longer

            the last 59 minutes   * value   # value outside   . usual
                       9 |                                                  #
                         |
                         |
                         |
                         |
                         |..**..**..**..**..**..**..**..**..**..**..**..**...*..**..**
                         |.*...*...*...*...*...*...*...*...*...*...*...*...*...*...*..
                       0 |*...*...*...*...*...*...*...*...*...*...*...*...*...*...*...
        "#]]
        .assert_eq(&show(&course, 60, Pen::ASCII));
    }

    #[test]
    fn the_week_is_drawn_where_its_days_differ() {
        let usual = |hour: i32| {
            let busy = if hour < 120 && (8..18).contains(&(hour % 24)) { 90.0 } else { 10.0 };
            json!([hour * 3600, [busy - 5.0, busy + 5.0]])
        };
        let course = json!({ "week": (0..168).map(usual).collect::<Vec<_>>() });
        expect![[r#"

            the usual week (UTC, Monday to Sunday)
                      95 |   ****    ****   ****    ****    ****
                         |   ...*    ...*   *...    *...    *...
                         |      *       *   *       *       *
                         |      *       *   *       *       *
                         |      *       *   *       *       *
                         |      *       *   *       *       *
                         |...   *....   *...*   ....*   ....*   ..................
                       5 |***   *****   *****   *****   *****   ******************
        "#]]
        .assert_eq(&season(&course, "week", "week (UTC, Monday to Sunday)", 56, Pen::ASCII));
    }
}
