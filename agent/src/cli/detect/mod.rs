//! `hostward detect`: what is unusual in series that lie in files.

mod beginning;
mod compare;
mod judge;
mod labels;
mod output;
mod row;
mod tally;

pub use judge::{Judge, Said, Stop, judge};
pub use output::Output;
pub use row::Form;
pub use tally::Tally;

use super::{Common, Failure, Found, Outcome, output as terminal};
use crate::dataset::{self, Input, Need, Row, Rows};
use crate::visible::visible;
use clap::Args;
use compare::Comparison;
use hostward_engine::anomaly::Detector;
use row::{write_head, write_row};
use std::path::{Path, PathBuf};

/// The score from which a row is called an anomaly, unless somebody says otherwise: on labelled series of servers and cloud
/// services that is a false alert in three to ten days for each. Scorers of a corpus sweep it and do not depend on it.
pub const LEVEL: f64 = 0.2;

/// What `detect` takes.
#[derive(Args)]
#[command(override_usage = "hostward detect [OPTIONS] <FILE|DIR>...")]
pub struct Detect {
    /// Files with the columns timestamp and value, plain or gzip; directories of such files; `-` for standard input.
    #[arg(required_unless_present = "compare", value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// Write the rows of each file to a file of the same name below DIR; needed for more than one.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The score from which a row is called an anomaly, from 0 to 1.
    #[arg(long, value_name = "SCORE", default_value_t = LEVEL, value_parser = level)]
    level: f64,
    /// Values are those of a counter, judged by what it counts in a second; resets are known.
    #[arg(long)]
    rate: bool,
    /// Compare with labels instead of printing rows: the column `label` or `is_anomaly` of the files themselves, or, when
    /// LABELS is given, a CSV file, a directory of files with the same names, or a JSON file of windows as NAB has it.
    #[arg(long, value_name = "LABELS", num_args = 0..=1)]
    compare: Option<Option<PathBuf>>,
}

/// A score on the command line.
pub fn level(text: &str) -> Result<f64, String> {
    let level = text.parse().ok().filter(|level| (0.0..=1.0).contains(level));
    level.ok_or_else(|| "a score is a number from 0 to 1".to_owned())
}

/// Judges each file by a detector of its own.
pub fn act(common: &Common, own: &Detect) -> Outcome {
    has_files(own).map_err(Failure::Usage)?;
    let inputs = dataset::find(&own.paths, own.out.as_deref()).map_err(Failure::Usage)?;
    let form = Form::of(common.format);
    let outputs = output::plan(own, &inputs, form)?;
    let mut comparison = own.compare.as_ref().map(|labels| Comparison::new(labels.as_deref())).transpose()?;
    let (mut wrong, mut last) = (0, String::new());
    for (input, output) in inputs.iter().zip(outputs) {
        let complaint = match one(own, input, &output, form, comparison.as_mut()) {
            Ok(tally) => tally.complaint(),
            Err(Stop::Reader) => return Ok(Found::Well),
            Err(Stop::Output(why)) => return Err(Failure::Failed(why)),
            Err(Stop::Input(why)) => Some(why),
        };
        if let Some(why) = complaint {
            wrong += 1;
            last = format!("{}: {why}", shown(&input.path));
            if inputs.len() > 1 {
                terminal::message(&last);
            }
        }
    }
    if let Some(comparison) = comparison {
        comparison.show(common.format);
    }
    match (wrong, inputs.len()) {
        (0, _) => Ok(Found::Well),
        (_, 1) => Err(Failure::Usage(last)),
        (_, all) => {
            Err(Failure::Usage(format!("{wrong} of {all} files have something that is not understood")))
        }
    }
}

/// What follows --compare is taken as labels, which can leave no file.
fn has_files(own: &Detect) -> Result<(), String> {
    match &own.compare {
        Some(Some(labels)) if own.paths.is_empty() => Err(format!(
            "--compare takes {0} as the labels, so no file to judge is named; for a file with labels of its own: hostward detect {0} --compare",
            shown(labels)
        )),
        Some(None) if own.paths.is_empty() => {
            Err("no file to judge is named: hostward detect FILE --compare".to_owned())
        }
        _ => Ok(()),
    }
}

fn one(
    own: &Detect,
    input: &Input,
    output: &Output,
    form: Form,
    comparison: Option<&mut Comparison>,
) -> Result<Tally, Stop> {
    let mut rows = open(&input.path)?;
    let marker = comparison.map(|comparison| comparison.marker(input, &rows));
    let mut marker = marker.transpose().map_err(Stop::Input)?;
    let mark = |row: &Row<'_>, is_alarm| marker.as_mut().map_or(Ok(()), |marker| marker.take(row, is_alarm));
    let mut judge = Judge::new(Detector::default(), own.level, own.rate);
    let tally = print(&mut rows, &mut judge, &shown(&input.path), form, output, mark)?;
    if let Some(marker) = marker {
        marker.end();
    }
    Ok(tally)
}

/// Opens a file of values.
pub fn open(path: &Path) -> Result<Rows, Stop> {
    let opened = dataset::open(path).map_err(Stop::Input)?;
    Rows::new(opened, Need::Values).map_err(Stop::Input)
}

/// Judges the rows, writes them where they go, and gives each to `each` with whether it is an anomaly, if that can be said.
pub fn print(
    rows: &mut Rows,
    judge: &mut Judge,
    file: &str,
    form: Form,
    output: &Output,
    mut each: impl FnMut(&Row<'_>, Option<bool>) -> Result<(), Stop>,
) -> Result<Tally, Stop> {
    let (mut sink, mut text) = (output.open()?, String::new());
    sink.write(write_head(form))?;
    let tally = judge::judge(rows, judge, file, |row, said| {
        each(row, said.judgement.map(|_| said.is_anomaly))?;
        text.clear();
        write_row(form, &mut text, row, said);
        sink.write(&text)
    })?;
    sink.end()?;
    Ok(tally)
}

/// The name of a file in messages.
pub fn shown(path: &Path) -> String {
    match path.as_os_str() == "-" {
        true => "standard input".to_owned(),
        false => visible(&path.display().to_string()),
    }
}
