//! Checks for Nagios and its descendants (Monitoring Plugins, Icinga, NRPE).
//!
//! The exit code is the state. It is believed only if nothing speaks against it: a crash, a missing program or a text that
//! names another state makes the service UNKNOWN, and no value counts. Performance data become
//! `PLUGIN_UNIT{perfdata="label"}` with their ranges as levels.

mod perfdata;
mod status;

use crate::exposition::Type;
use crate::sheet::{Again, Metric, Sheet};
use crate::unit::Unit;
use crate::{Exit, Levels, Limits, Output, Report, Service, State, failure};
use perfdata::Datum;
use status::{Said, split, stated};

/// Reads one run.
pub fn read(output: &Output, limits: &Limits) -> Report {
    let mut sheet = Sheet::new(limits, Again::Reject);
    let text = String::from_utf8_lossy(sheet.whole_lines(output)).into_owned();
    let said = split(&text);
    let code = match output.exit {
        Exit::Code(code) => code,
        Exit::Running | Exit::Signal(_) | Exit::TimedOut => State::Unknown as i32,
    };
    let state = State::from_code(code).unwrap_or(State::Unknown);
    sheet.service(Service {
        name: output.name.to_owned(),
        state,
        text: said.text.to_owned(),
        detail: said.detail.clone(),
        timestamp_s: None,
    });
    if output.exit == Exit::Running {
        return sheet.unknown("it has not ended, and its exit code is what counts");
    }
    let why = failure(output, State::Unknown as i32)
        .or_else(|| contradiction(code, state, &said))
        .or_else(|| misuse(state, &said));
    if let Some(why) = why {
        return sheet.unknown(why);
    }
    for (line, part) in &said.perfdata {
        perfdata::read(part, |datum| match datum {
            Ok(datum) => push(&mut sheet, output.name, *line, datum),
            Err(why) => sheet.reject(*line, why),
        });
    }
    sheet.report
}

fn contradiction(code: i32, state: State, said: &Said<'_>) -> Option<String> {
    let text = stated(said.text).filter(|text| *text != state)?;
    let (exit, word) = (state.as_str(), text.as_str());
    Some(format!("exit code {code} means {exit}, but the text says {word}: {}", said.text))
}

/// A check that says how to call it has checked nothing, whatever its exit code.
fn misuse(state: State, said: &Said<'_>) -> Option<String> {
    let is_usage = said.text.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("usage:"));
    (is_usage && state != State::Unknown).then(|| format!("it was called wrongly: {}", said.text))
}

fn push(sheet: &mut Sheet<'_>, plugin: &str, line: usize, datum: Datum<'_>) {
    let kind = if datum.unit == "c" { Type::Counter } else { Type::Gauge };
    let known = Unit::named(datum.unit);
    let unit = known.unwrap_or(Unit::NONE);
    let metric = Metric::new(plugin, &[], unit.suffix, kind, &format!("Performance data of {plugin}."));
    let mut labels = vec![("perfdata".to_owned(), datum.label.into_owned())];
    if known.is_none() && kind == Type::Gauge && !datum.unit.is_empty() {
        labels.push(("unit".to_owned(), datum.unit.to_owned()));
    }
    let levels = Levels {
        metric: metric.name.clone(),
        labels: labels.clone(),
        warning: datum.warning.map(|range| range.in_unit(unit)),
        critical: datum.critical.map(|range| range.in_unit(unit)),
        min: datum.min.map(|min| unit.base(min)),
        max: datum.max.map(|max| unit.base(max)),
    };
    let counts = datum.value.is_some_and(|value| sheet.push(line, &metric, labels, unit.base(value), None));
    if counts && !levels.is_empty() {
        sheet.report.levels.push(levels);
    }
}
