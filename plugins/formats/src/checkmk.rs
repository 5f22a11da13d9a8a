//! Local checks for Checkmk: `STATE NAME METRICS TEXT`, one service on each line.
//!
//! `P` for the state means that it follows from the levels of the metrics. A line that is not understood is rejected, and
//! its service is UNKNOWN with the reason; the other lines count. That a script in `local/SECONDS/` runs at that interval is for the
//! caller to know. Metrics become `PLUGIN{service="…",metric="…"}`.

use crate::exposition::Type;
use crate::number::{decimal, field};
use crate::sheet::{Again, Metric, Sheet};
use crate::{Levels, Limits, Output, Range, Report, Service, State, failure};

/// A line that was understood.
struct Line<'a> {
    timestamp_s: Option<f64>,
    /// Nothing when it follows from the levels.
    state: Option<State>,
    name: &'a str,
    metrics: Vec<(&'a str, f64, Levels)>,
    text: &'a str,
}

/// Reads one run.
pub fn read(output: &Output, limits: &Limits) -> Report {
    let mut sheet = Sheet::new(limits, Again::Reject);
    let failed = failure(output, 0);
    let lines = sheet.whole_lines(output);
    for (at, text) in sheet.lines(lines, 1) {
        // The agent writes a head above what its plugins print, which a capture may hold.
        if !text.trim().is_empty() && !text.starts_with("<<<") {
            take(&mut sheet, output.name, at, text);
        }
    }
    match failed {
        None => sheet.report,
        Some(why) => {
            if sheet.report.services.is_empty() {
                sheet.service(service(output.name, State::Unknown, "", None));
            }
            sheet.unknown(why)
        }
    }
}

fn take(sheet: &mut Sheet<'_>, plugin: &str, at: usize, text: &str) {
    match parse(text.trim()) {
        Ok(line) => tell(sheet, plugin, at, line),
        Err(why) => {
            let line = text.trim();
            let line = if line.starts_with("cached(") {
                line.split_once(") ").map_or("", |(_, rest)| rest)
            } else {
                line
            };
            let name = words(line).map_or(plugin, |(_, name, _)| name);
            sheet.reject(at, &why);
            sheet.service(service(name, State::Unknown, &why, None));
        }
    }
}

fn tell(sheet: &mut Sheet<'_>, plugin: &str, at: usize, line: Line<'_>) {
    let worst = line.metrics.iter().max_by_key(|(_, value, levels)| levels.state(*value));
    let computed = worst.map_or(State::Ok, |(_, value, levels)| levels.state(*value));
    let text = match worst {
        Some((name, value, levels)) if line.text.is_empty() && line.state.is_none() => {
            levels.told(name, *value)
        }
        _ => line.text.to_owned(),
    };
    sheet.service(service(line.name, line.state.unwrap_or(computed), &text, line.timestamp_s));
    let help = format!("Metrics of the local checks of {plugin}.");
    let metric = Metric::new(plugin, &[], "", Type::Gauge, &help);
    for (name, value, levels) in line.metrics {
        let pair = |label: &str, value: &str| (label.to_owned(), value.to_owned());
        let labels = vec![pair("service", line.name), pair("metric", name)];
        let levels = Levels { metric: metric.name.clone(), labels: labels.clone(), ..levels };
        if sheet.push(at, &metric, labels, value, line.timestamp_s) && !levels.is_empty() {
            sheet.report.levels.push(levels);
        }
    }
}

/// Text has `\n` where a line ends.
fn service(name: &str, state: State, text: &str, timestamp_s: Option<f64>) -> Service {
    let (text, detail) = text.split_once("\\n").unwrap_or((text, ""));
    Service {
        name: name.to_owned(),
        state,
        text: text.to_owned(),
        detail: detail.replace("\\n", "\n"),
        timestamp_s,
    }
}

fn parse(text: &str) -> Result<Line<'_>, String> {
    let (timestamp_s, text) = cached(text)?;
    let (state, name, rest) = words(text)?;
    let state = match state {
        "P" => None,
        code => {
            let state = code.parse().ok().filter(|_| code.len() == 1).and_then(State::from_code);
            Some(state.ok_or_else(|| format!("the state must be 0, 1, 2, 3 or P, found {code:?}"))?)
        }
    };
    if name.is_empty() {
        return Err("the name of the service is empty".to_owned());
    }
    let (metrics, text) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let metrics = match metrics {
        "" => return Err("metrics or - must follow the name".to_owned()),
        "-" => Vec::new(),
        metrics => metrics.split('|').map(metric).collect::<Result<_, _>>()?,
    };
    Ok(Line { timestamp_s, state, name, metrics, text: text.trim() })
}

/// `cached(TIME,INTERVAL) ` before a line tells when it was true.
fn cached(text: &str) -> Result<(Option<f64>, &str), String> {
    let Some(inside) = text.strip_prefix("cached(") else { return Ok((None, text)) };
    let bad = || "cached must be followed by (time,interval)".to_owned();
    let (times, rest) = inside.split_once(')').ok_or_else(bad)?;
    let (time, interval) = times.split_once(',').ok_or_else(bad)?;
    decimal(interval.trim()).ok_or_else(bad)?;
    Ok((Some(decimal(time.trim()).ok_or_else(bad)?), rest.trim_start()))
}

/// The state, the name without its quotes, and the rest.
fn words(text: &str) -> Result<(&str, &str, &str), String> {
    let short = || "a state, a name and metrics must be there".to_owned();
    let (state, rest) = text.split_once(char::is_whitespace).ok_or_else(short)?;
    let rest = rest.trim_start();
    for quote in ['"', '\''] {
        if let Some(quoted) = rest.strip_prefix(quote) {
            let (name, rest) =
                quoted.split_once(quote).ok_or_else(|| format!("{quote} must close the name"))?;
            return Ok((state, name, rest.trim_start()));
        }
    }
    let (name, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    Ok((state, name, rest.trim_start()))
}

/// `name=value;warning;critical;min;max`.
fn metric(text: &str) -> Result<(&str, f64, Levels), String> {
    let bad = |what: &str| format!("metric {text:?}: {what}");
    let (name, rest) = text.split_once('=').ok_or_else(|| bad("no name=value"))?;
    if name.is_empty() {
        return Err(bad("the name is empty"));
    }
    let mut fields = rest.split(';');
    let value = fields.next().and_then(decimal).ok_or_else(|| bad("the value is no number"))?;
    let levels = Levels {
        warning: field(fields.next(), Range::checkmk, "level").map_err(|why| bad(&why))?,
        critical: field(fields.next(), Range::checkmk, "level").map_err(|why| bad(&why))?,
        min: field(fields.next(), decimal, "number").map_err(|why| bad(&why))?,
        max: field(fields.next(), decimal, "number").map_err(|why| bad(&why))?,
        ..Levels::default()
    };
    Ok((name, value, levels))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        parse(text).err().unwrap_or_default()
    }

    #[test]
    fn what_is_wrong_is_named() {
        let cases = [
            ("NOK a -", "the state must be 0, 1, 2, 3 or P, found \"NOK\""),
            ("4 a -", "the state must be 0, 1, 2, 3 or P, found \"4\""),
            ("00 a -", "the state must be 0, 1, 2, 3 or P, found \"00\""),
            ("0", "a state, a name and metrics must be there"),
            ("0 a", "metrics or - must follow the name"),
            ("0 \"a -", "\" must close the name"),
            ("0 '' -", "the name of the service is empty"),
            ("0 a x=1;;;;|y text", "metric \"y\": no name=value"),
            ("0 a x=1m text", "metric \"x=1m\": the value is no number"),
            ("0 a x=1;9:1 text", "metric \"x=1;9:1\": 9:1 is no level"),
            ("cached(1) 0 a - text", "cached must be followed by (time,interval)"),
        ];
        for (text, expected) in cases {
            assert_eq!(refusal(text), expected, "{text}");
        }
    }
}
