//! Munin plugins: what they print when asked for values, with what they answered to `config`.
//!
//! `FIELD.value` becomes `PLUGIN_GRAPH{field="FIELD"}`, a counter for the types COUNTER and DERIVE. A plugin that is able to
//! (`dirtyconfig`) gives its values with its configuration; see [`has_values`]. Values are told as the plugin
//! counts them: `cdef`, `negative`, `min` and `max` are about the drawing. A gauge with `warning` or `critical` is a service, too.

mod asked;
mod graph;

pub use asked::{autoconf, has_values, suggest};

use crate::exposition::{Labels, Type};
use crate::number::decimal;
use crate::sheet::{Again, Metric, Sheet};
use crate::{Levels, Limits, Output, Report, Service, failure};
use graph::{Field, Graph, Graphs, Line};
use std::collections::HashMap;

/// A value that was told.
struct Value<'a> {
    line: usize,
    /// Which graph.
    graph: usize,
    field: &'a str,
    text: &'a str,
}

/// Reads one run. [`Output::declared`] is the answer to `config`; it can be empty if the values come with it.
pub fn read(output: &Output, limits: &Limits) -> Report {
    let mut sheet = Sheet::new(limits, Again::Replace);
    if let Some(why) = failure(output, 0) {
        return sheet.unknown(why);
    }
    let mut graphs = Graphs::new();
    let values = values(&mut sheet, &mut graphs, output);
    if values.is_empty() {
        return sheet.unknown("it gave no value");
    }
    if values.iter().all(|value| value.text == "U") {
        return sheet.unknown("each of its values is U, which says that it has none");
    }
    let mut teller = Teller { sheet, plugin: output.name, graphs: &graphs, metrics: HashMap::new() };
    let latest = teller.latest(&values);
    for (field, number) in &latest {
        teller.judge(*field, *number);
    }
    // A script that reckons with what it could not read gets a zero.
    let is_hollow = latest.iter().all(|(_, number)| *number == 0.0);
    match teller.sheet.report.rejected.first().filter(|_| is_hollow) {
        Some(first) => {
            let none =
                if latest.is_empty() { "none of its values is a number" } else { "its only numbers are 0" };
            let why = format!("{none}: line {}: {}", first.line, first.reason);
            teller.sheet.unknown(why)
        }
        None => teller.sheet.report,
    }
}

/// The values, in the order in which they were printed, once it is known what they belong to.
fn values<'a>(sheet: &mut Sheet<'_>, graphs: &mut Graphs, output: &Output<'a>) -> Vec<Value<'a>> {
    let declared = &output.declared[..output.declared.len().min(sheet.limits.output_bytes_max)];
    for (_, line) in sheet.lines(declared, 1) {
        take(sheet, graphs, 0, line);
    }
    graphs.begin_again();
    let stdout = sheet.whole_lines(output);
    let lines = sheet.lines(stdout, 1);
    lines.into_iter().filter_map(|(at, line)| take(sheet, graphs, at, line)).collect()
}

fn take<'a>(sheet: &mut Sheet<'_>, graphs: &mut Graphs, at: usize, line: &'a str) -> Option<Value<'a>> {
    match graphs.take(line) {
        Ok(Line::Value { field, text }) => Some(Value { line: at, graph: graphs.current(), field, text }),
        Ok(Line::Nothing) => None,
        Err(why) => {
            sheet.reject(at, why);
            None
        }
    }
}

/// Turns values into samples, and levels into services.
struct Teller<'a> {
    sheet: Sheet<'a>,
    plugin: &'a str,
    graphs: &'a Graphs,
    /// By graph, and whether it counts.
    metrics: HashMap<(usize, bool), Metric>,
}

impl Teller<'_> {
    /// The latest number of each field that has one, in the order in which the fields had their first.
    fn latest<'v>(&mut self, values: &[Value<'v>]) -> Vec<((usize, &'v str), f64)> {
        let (mut latest, mut places) = (Vec::new(), HashMap::new());
        for value in values {
            let Some(number) = self.tell(value) else { continue };
            let field = (value.graph, value.field);
            let place = *places.entry(field).or_insert(latest.len());
            match latest.get_mut(place) {
                Some((_, before)) => *before = number,
                None => latest.push((field, number)),
            }
        }
        latest
    }

    /// The number of a value that counts.
    fn tell(&mut self, told: &Value<'_>) -> Option<f64> {
        let (timestamp_s, text) = match told.text.split_once(':') {
            Some((epoch, value)) => (Some(decimal(epoch)), value),
            None => (None, told.text),
        };
        // "U": there is no value, and the plugin knows.
        if text == "U" {
            return None;
        }
        let (Some(value), false) = (decimal(text), timestamp_s == Some(None)) else {
            let Value { line, field, text, .. } = told;
            self.sheet.reject(*line, format!("the value of {field} is no number: {text:?}"));
            return None;
        };
        let (graph, field) = self.graphs.field(told.graph, told.field);
        let metric = self.metrics.entry((told.graph, field.kind == Type::Counter)).or_insert_with(|| {
            let help = graph.help(self.plugin, field.kind);
            Metric::new(self.plugin, &[graph.top()], "", field.kind, &help)
        });
        let labels = labels(graph, field, told.field);
        self.sheet.push(told.line, metric, labels, value, timestamp_s.flatten()).then_some(value)
    }

    /// Levels of what counts are about its rate, which one reading cannot know: they make no service.
    fn judge(&mut self, (at, name): (usize, &str), value: f64) {
        let (graph, field) = self.graphs.field(at, name);
        if !field.has_levels() {
            return;
        }
        let metric = self.metrics[&(at, field.kind == Type::Counter)].name.clone();
        let labels = labels(graph, field, name);
        let levels = Levels { metric, labels, ..field.levels.clone() };
        if field.kind == Type::Gauge {
            self.sheet.service(service(self.plugin, graph, name, &levels, value));
        }
        self.sheet.report.levels.push(levels);
    }
}

fn service(plugin: &str, graph: &Graph, field: &str, levels: &Levels, value: f64) -> Service {
    let graph = if graph.name.is_empty() { plugin } else { &graph.name };
    Service {
        name: format!("{graph} {field}"),
        state: levels.state(value),
        text: levels.told(field, value),
        detail: String::new(),
        timestamp_s: None,
    }
}

fn labels(graph: &Graph, field: &Field, name: &str) -> Labels {
    let label = field.label.as_deref().filter(|label| !label.is_empty() && *label != name);
    let category = graph.category.as_deref().map(str::to_lowercase);
    [("category", category.as_deref()), ("graph", graph.nested()), ("field", Some(name)), ("label", label)]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .collect()
}
