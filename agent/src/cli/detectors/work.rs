//! Training a detector, and judging with one.

use super::super::detect::{Form, Judge, Output, Stop, judge, open, print, shown};
use super::super::{Failure, Format, Found, Outcome, output};
use super::Shelf;
use crate::clock;
use crate::dataset::Row;
use crate::state::{NamedDetector, Training};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hostward_engine::anomaly::Detector;
use hostward_engine::{restore_detector, save_detector};
use hostward_model::time::rfc3339;
use std::path::Path;

/// Reads the file, and keeps what was learnt from it if all of it is understood and newer than what was learnt before.
pub fn train(shelf: &mut Shelf<'_>, name: &str, file: &Path, afresh: bool) -> Outcome {
    let mut own = shelf.get(name)?;
    let before = own.training.take().filter(|_| !afresh);
    let detector = before.as_ref().map_or(Ok(Detector::default()), |before| learnt(name, before))?;
    let mut learner = Judge::new(detector, own.level, own.rate);
    let known_ms = before.as_ref().and_then(|before| before.newest_ms);
    let read = open(file)
        .and_then(|mut rows| judge(&mut rows, &mut learner, &shown(file), |row, _| newer(row, known_ms)));
    let tally = read.map_err(|stop| failure(stop, file))?;
    let values = tally.rows - tally.bad - tally.missing;
    let none = || (values == 0).then(|| "no row has a value".to_owned());
    if let Some(why) = tally.complaint().or_else(none) {
        return Err(failure(Stop::Input(format!("{why}; {name} learnt nothing from it")), file));
    }
    own.training = Some(Training {
        at_ms: clock::now().wall_ms,
        file: shown(file),
        values: before.map_or(0, |before| before.values) + values,
        newest_ms: tally.newest_ms,
        learnt: STANDARD.encode(save_detector(&learner.detector)),
    });
    shelf.put(&own, false)?;
    output::message(&format!("{name} learnt from {values} values; next: hostward detectors run {name} FILE"));
    Ok(Found::Well)
}

/// What was learnt once must not count twice.
fn newer(row: &Row<'_>, known_ms: Option<i64>) -> Result<(), Stop> {
    let (Ok(reading), Some(known_ms)) = (&row.reading, known_ms) else { return Ok(()) };
    if reading.at_ms > known_ms {
        return Ok(());
    }
    Err(Stop::Input(format!(
        "line {}: {} is not after {}, up to where it has learnt already; train it on newer rows, or all anew with --afresh",
        row.line,
        rfc3339(reading.at_ms),
        rfc3339(known_ms)
    )))
}

/// Judges the file and prints its rows.
pub fn run(format: Format, own: &NamedDetector, file: &Path) -> Outcome {
    let Some(training) = &own.training else {
        return Err(Failure::Usage(format!(
            "{0} has learnt nothing yet: hostward detectors train {0} FILE",
            own.name
        )));
    };
    let mut judge = Judge::new(learnt(&own.name, training)?, own.level, own.rate);
    let form = Form::of(format);
    let print = |mut rows| print(&mut rows, &mut judge, &shown(file), form, &Output::Stdout, |_, _| Ok(()));
    match open(file).and_then(print) {
        Ok(tally) => tally.complaint().map_or(Ok(Found::Well), |why| Err(failure(Stop::Input(why), file))),
        Err(Stop::Reader) => Ok(Found::Well),
        Err(stop) => Err(failure(stop, file)),
    }
}

fn failure(stop: Stop, file: &Path) -> Failure {
    match stop {
        Stop::Input(why) => Failure::Usage(format!("{}: {why}", shown(file))),
        Stop::Output(why) => Failure::Failed(why),
        Stop::Reader => Failure::Failed("nobody reads the rows".to_owned()),
    }
}

fn learnt(name: &str, training: &Training) -> Result<Detector, Failure> {
    let bytes = STANDARD.decode(&training.learnt).map_err(|error| error.to_string());
    let detector = bytes.and_then(|bytes| restore_detector(&bytes));
    detector.map_err(|why| {
        Failure::Usage(format!("what {name} learnt cannot be used: {why}; train it with --afresh"))
    })
}
