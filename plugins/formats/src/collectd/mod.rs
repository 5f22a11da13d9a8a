//! Programs for collectd's exec plugin: `PUTVAL "host/plugin-instance/type-instance" interval=10 N:42`.
//!
//! The type says how many values there are, what they are called and whether they count (`types.rs`). They become
//! `PLUGIN_TYPE_SOURCE` with host, plugin and instances as labels. `PUTNOTIF` becomes a service.

mod types;
mod words;

use crate::exposition::Labels;
use crate::number::decimal;
use crate::sheet::{Again, Metric, Sheet};
use crate::{Limits, Output, Report, Service, State, failure};
use types::Source;
use words::words;

/// Reads one run or one batch.
pub fn read(output: &Output, limits: &Limits) -> Report {
    let mut sheet = Sheet::new(limits, Again::Replace);
    if let Some(why) = failure(output, 0) {
        return sheet.unknown(why);
    }
    let stdout = sheet.whole_lines(output);
    for (at, line) in sheet.lines(stdout, 1) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Err(why) = take(&mut sheet, output.name, at, line) {
            sheet.reject(at, why);
        }
    }
    sheet.report
}

fn take(sheet: &mut Sheet<'_>, plugin: &str, at: usize, line: &str) -> Result<(), String> {
    let words = words(line).ok_or("a double quote must close the word")?;
    let (keyword, rest) = words.split_first().ok_or("a command must be there")?;
    match keyword.to_ascii_uppercase().as_str() {
        "PUTVAL" => putval(sheet, plugin, at, rest),
        "PUTNOTIF" => putnotif(sheet, plugin, rest),
        _ => Err(format!("{keyword:?} is neither PUTVAL nor PUTNOTIF")),
    }
}

fn putval(sheet: &mut Sheet<'_>, plugin: &str, at: usize, words: &[String]) -> Result<(), String> {
    let (identifier, rest) = words.split_first().ok_or("an identifier must follow PUTVAL")?;
    let (labels, kind) = identified(identifier)?;
    let sources =
        types::named(&kind).ok_or_else(|| format!("the type {kind} is not known; use gauge or derive"))?;
    // An option is NAME=VALUE: interval= and meta: say nothing about a value.
    let mut values = rest.iter().filter(|word| !word.contains('=')).peekable();
    values.peek().ok_or("values must follow the identifier")?;
    for word in values {
        tell(sheet, plugin, at, (&kind, &sources, &labels), word)?;
    }
    Ok(())
}

/// One `TIME:VALUE[:VALUE…]`.
fn tell(
    sheet: &mut Sheet<'_>,
    plugin: &str,
    at: usize,
    (kind, sources, labels): (&str, &[Source], &Labels),
    word: &str,
) -> Result<(), String> {
    let (time, values) = word.split_once(':').ok_or_else(|| format!("{word:?} is no time:value"))?;
    let timestamp_s = match time {
        "N" => None,
        time => Some(decimal(time).ok_or_else(|| format!("{time:?} is neither N nor a time"))?),
    };
    let values: Vec<&str> = values.split(':').collect();
    if values.len() != sources.len() {
        return Err(format!("{kind} has {} values, found {}", sources.len(), values.len()));
    }
    for (source, text) in sources.iter().zip(values) {
        if text == "U" {
            continue;
        }
        let value = decimal(text).ok_or_else(|| format!("the value is no number: {text:?}"))?;
        let help = format!("Values of collectd's type {kind}.");
        let parts = [if source.plain { "" } else { kind }, source.name];
        let metric = Metric::new(plugin, &parts, source.unit.suffix, source.kind, &help);
        sheet.push(at, &metric, labels.clone(), source.unit.base(value), timestamp_s);
    }
    Ok(())
}

/// The labels and the type of `host/plugin[-instance]/type[-instance]`.
fn identified(identifier: &str) -> Result<(Labels, String), String> {
    let bad = || format!("an identifier must be host/plugin/type, found {identifier:?}");
    let (host, rest) = identifier.split_once('/').ok_or_else(bad)?;
    let (plugin, kind) = rest.split_once('/').ok_or_else(bad)?;
    let split = |part: &str| match part.split_once('-') {
        Some((name, instance)) => (name.to_owned(), instance.to_owned()),
        None => (part.to_owned(), String::new()),
    };
    let ((plugin, plugin_instance), (kind, type_instance)) = (split(plugin), split(kind));
    if host.is_empty() || plugin.is_empty() || kind.is_empty() {
        return Err(bad());
    }
    let labels = [
        ("host", host.to_owned()),
        ("plugin", plugin),
        ("plugin_instance", plugin_instance),
        ("type_instance", type_instance),
    ];
    let labels = labels.into_iter().filter(|(_, value)| !value.is_empty());
    Ok((labels.map(|(name, value)| (name.to_owned(), value)).collect(), kind))
}

fn putnotif(sheet: &mut Sheet<'_>, plugin: &str, words: &[String]) -> Result<(), String> {
    let value = |key: &str| {
        let mut pairs = words.iter().filter_map(|word| word.split_once('='));
        pairs.find(|(own, _)| own.eq_ignore_ascii_case(key)).map(|(_, value)| value)
    };
    let severity = value("severity").ok_or("PUTNOTIF must have a severity")?;
    let state = match severity.to_ascii_lowercase().as_str() {
        "okay" | "ok" => State::Ok,
        "warning" => State::Warning,
        "failure" => State::Critical,
        _ => return Err(format!("severity must be okay, warning or failure, found {severity:?}")),
    };
    let text = value("message").ok_or("PUTNOTIF must have a message")?.to_owned();
    let joined = |name: &str, instance: &str| {
        let parts = [value(name), value(instance)].into_iter().flatten().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join("-")
    };
    let parts = [joined("plugin", "plugin_instance"), joined("type", "type_instance")];
    let named: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let name = if named.is_empty() { plugin.to_owned() } else { named.join("/") };
    let timestamp_s = value("time").and_then(decimal);
    sheet.service(Service { name, state, text, detail: String::new(), timestamp_s });
    Ok(())
}
