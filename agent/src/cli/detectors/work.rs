//! Training a detector, and judging with one.

use super::super::detect::{Form, Output, Stop, Tally, judge, open, print, shown};
use super::super::{Failure, Format, Found, Outcome, output};
use super::Shelf;
use crate::clock;
use crate::state::{NamedDetector, Training};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hostward_engine::anomaly::Detector;
use hostward_engine::{restore_detector, save_detector};
use std::path::Path;

/// Reads the file, and keeps what was learnt from it.
pub fn train(shelf: &mut Shelf<'_>, name: &str, file: &Path, afresh: bool) -> Outcome {
    let mut own = shelf.get(name)?;
    let before = own.training.take().filter(|_| !afresh);
    let mut detector = before.as_ref().map_or(Ok(Detector::default()), |before| learnt(name, before))?;
    let read = open(file)
        .and_then(|mut rows| judge(&mut rows, &mut detector, own.level, &shown(file), |_, _, _| Ok(())));
    let tally = read.map_err(|stop| failure(stop, file))?;
    let values = tally.rows - tally.bad - tally.missing;
    own.training = Some(Training {
        at_ms: clock::now().wall_ms,
        file: shown(file),
        values: before.map_or(0, |before| before.values) + values,
        learnt: STANDARD.encode(save_detector(&detector)),
    });
    shelf.put(&own, false)?;
    output::message(&format!("{name} learnt from {values} values; next: hostward detectors run {name} FILE"));
    outcome(file, &tally)
}

/// Judges the file and prints its rows.
pub fn run(format: Format, own: &NamedDetector, file: &Path) -> Outcome {
    let Some(training) = &own.training else {
        return Err(Failure::Usage(format!(
            "{0} has learnt nothing yet: hostward detectors train {0} FILE",
            own.name
        )));
    };
    let mut detector = learnt(&own.name, training)?;
    let print = |mut rows| {
        print(&mut rows, &mut detector, own.level, &shown(file), Form::of(format), &Output::Stdout, |_, _| {
            Ok(())
        })
    };
    match open(file).and_then(print) {
        Ok(tally) => outcome(file, &tally),
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

fn outcome(file: &Path, tally: &Tally) -> Outcome {
    match tally.bad {
        0 => Ok(Found::Well),
        _ => Err(Failure::Usage(format!("{}: it has rows that are not understood", shown(file)))),
    }
}

fn learnt(name: &str, training: &Training) -> Result<Detector, Failure> {
    let bytes = STANDARD.decode(&training.learnt).map_err(|error| error.to_string());
    let detector = bytes.and_then(|bytes| restore_detector(&bytes));
    detector.map_err(|why| {
        Failure::Usage(format!("what {name} learnt cannot be used: {why}; train it with --afresh"))
    })
}
