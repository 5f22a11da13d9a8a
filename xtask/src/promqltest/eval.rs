//! Runs one eval and says whether the answer is the one that the script has.

use super::check;
use super::expect::{Expect, Text};
use super::load::Storage;
use super::script::{Eval, Times};
use hostward_engine::promql::{Annotations, Expr, RangeSeries, Value};
use std::collections::BTreeSet;

/// What came of an eval.
pub enum Verdict {
    /// The answer is the script's.
    Passed,
    /// It is not.
    Failed(String),
    /// It came upon a native histogram, or asks for one.
    NativeHistogram,
    /// It needs syntax or a function that Prometheus calls experimental.
    Experimental,
}

/// What a query gave.
enum Answer {
    Instant(Value),
    Range(Vec<RangeSeries>),
}

/// Functions that have a value for native histograms only.
const NATIVE: [&str; 5] =
    ["histogram_avg(", "histogram_count(", "histogram_stddev(", "histogram_stdvar(", "histogram_sum("];
/// How the evaluator refuses what is experimental.
const EXPERIMENTAL: &str = "experimental in Prometheus";

/// Runs an eval.
pub fn run(eval: &Eval, storage: &Storage) -> Verdict {
    storage.drawn.met_histogram();
    let verdict = judge(eval, storage);
    let has_native = eval.lines.iter().any(|line| line.contains("{{"))
        || NATIVE.iter().any(|word| eval.query.contains(word));
    match verdict {
        Ok(()) => Verdict::Passed,
        Err(_) if has_native || storage.drawn.met_histogram() => Verdict::NativeHistogram,
        Err(why) if why.contains(EXPERIMENTAL) || storage.has_start(&eval.query) => Verdict::Experimental,
        Err(why) => Verdict::Failed(why),
    }
}

fn judge(eval: &Eval, storage: &Storage) -> Result<(), String> {
    let fails: Vec<&Text> = eval
        .expect
        .iter()
        .filter_map(|expect| if let Expect::Fail(text) = expect { Some(text) } else { None })
        .collect();
    let (answer, annotations) = match answer(eval, storage) {
        Ok(_) if !fails.is_empty() => return Err("it should fail and does not".to_owned()),
        Ok(answer) => answer,
        Err(error) if fails.is_empty() => return Err(format!("it fails: {error}")),
        Err(error) => {
            return match fails.iter().find(|text| !text.fits(&error)) {
                Some(text) => Err(format!("it should fail with {}\nand fails with {error}", text.shown())),
                None => Ok(()),
            };
        }
    };
    check_notes(eval, &annotations)?;
    match &answer {
        Answer::Instant(value) => {
            check::instant(eval, value)?;
            check_as_range(eval, value, storage)
        }
        Answer::Range(series) => check::range(eval, series),
    }
}

fn answer(eval: &Eval, storage: &Storage) -> Result<(Answer, Annotations), String> {
    let expr = Expr::parse(&eval.query).map_err(|error| error.to_string())?;
    let answer = match eval.times {
        Times::Instant(at_ms) => {
            expr.answer(&storage.drawn, at_ms).map(|(value, notes)| (Answer::Instant(value), notes))
        }
        Times::Range(from_ms, to_ms, step_ms) => expr
            .answer_range(&storage.drawn, from_ms, to_ms, step_ms)
            .map(|(series, notes)| (Answer::Range(series), notes)),
    };
    answer.map_err(|error| error.to_string())
}

/// An instant's answer is the middle of a range's.
fn check_as_range(eval: &Eval, value: &Value, storage: &Storage) -> Result<(), String> {
    const STEP_MS: i64 = 60_000;
    let (Times::Instant(at_ms), Value::Vector(vector)) = (eval.times, value) else { return Ok(()) };
    if ["start()", "end()", "range()", "step()"].iter().any(|word| eval.query.contains(word)) {
        return Ok(());
    }
    let expr = Expr::parse(&eval.query).map_err(|error| error.to_string())?;
    let series = match expr.eval_range(&storage.drawn, at_ms - STEP_MS, at_ms + STEP_MS, STEP_MS) {
        Ok(series) => series,
        // Another step may meet label sets that are there twice.
        Err(_) => return Ok(()),
    };
    let middle = series.into_iter().filter_map(|series| {
        let point = series.points.iter().find(|point| point.at_ms == at_ms)?;
        Some((series.labels.clone(), point.value))
    });
    check::same(&middle.collect::<Vec<_>>(), vector).map_err(|why| format!("in the middle of a range: {why}"))
}

fn check_notes(eval: &Eval, notes: &Annotations) -> Result<(), String> {
    let wanted = |pick: fn(&Expect) -> Option<&Text>| eval.expect.iter().filter_map(pick).collect::<Vec<_>>();
    let warns = wanted(|expect| if let Expect::Warn(text) = expect { Some(text) } else { None });
    let infos = wanted(|expect| if let Expect::Info(text) = expect { Some(text) } else { None });
    check_texts("warning", &warns, &notes.warnings)?;
    check_texts("info", &infos, &notes.infos)?;
    for expect in &eval.expect {
        match expect {
            Expect::NoWarn => none(&notes.warnings)?,
            Expect::NoInfo => none(&notes.infos)?,
            _ => {}
        }
    }
    Ok(())
}

fn check_texts(kind: &str, wanted: &[&Text], found: &BTreeSet<String>) -> Result<(), String> {
    if let Some(text) = wanted.iter().find(|text| !found.iter().any(|note| text.fits(note))) {
        return Err(format!("there should be the {kind} {}, there are {found:?}", text.shown()));
    }
    match found.iter().find(|note| !wanted.iter().any(|text| text.fits(note))) {
        Some(note) if !wanted.is_empty() => Err(format!("there is another {kind}: {note}")),
        _ => Ok(()),
    }
}

fn none(found: &BTreeSet<String>) -> Result<(), String> {
    found.first().map_or(Ok(()), |note| Err(format!("there should be no {note}")))
}
