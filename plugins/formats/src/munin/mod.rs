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
    let declared = &output.declared[..output.declared.len().min(limits.output_bytes_max)];
    let mut values = Vec::new();
    for (_, line) in sheet.lines(declared, 1) {
        take(&mut sheet, &mut graphs, 0, line);
    }
    graphs.begin_again();
    let stdout = sheet.whole_lines(output);
    for (at, line) in sheet.lines(stdout, 1) {
        values.extend(take(&mut sheet, &mut graphs, at, line));
    }
    if values.is_empty() {
        return sheet.unknown("it gave no value");
    }
    if values.iter().all(|value| value.text == "U") {
        return sheet.unknown("each of its values is U, which says that it has none");
    }
    let mut metrics = HashMap::new();
    for value in values {
        tell(&mut sheet, output.name, &graphs, &mut metrics, &value);
    }
    sheet.report
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

fn tell(
    sheet: &mut Sheet<'_>,
    plugin: &str,
    graphs: &Graphs,
    metrics: &mut HashMap<(usize, bool), Metric>,
    told: &Value<'_>,
) {
    let (timestamp_s, text) = match told.text.split_once(':') {
        Some((epoch, value)) => (decimal(epoch), value),
        None => (None, told.text),
    };
    // "U": there is no value, and the plugin knows.
    if text == "U" {
        return;
    }
    let readable = decimal(text).filter(|_| timestamp_s.is_some() || !told.text.contains(':'));
    let Some(value) = readable else {
        return sheet.reject(told.line, format!("the value of {} is no number: {:?}", told.field, told.text));
    };
    let graph = graphs.get(told.graph);
    let unsaid = Field::default();
    let field = graph.fields.get(told.field).unwrap_or(&unsaid);
    let metric = metrics.entry((told.graph, field.kind == Type::Counter)).or_insert_with(|| {
        Metric::new(plugin, &[graph.top()], "", field.kind, &graph.help(plugin, field.kind))
    });
    let labels = labels(graph, field, told.field);
    if sheet.push(told.line, metric, labels.clone(), value, timestamp_s) && field.has_levels() {
        let levels = Levels { metric: metric.name.clone(), labels, ..field.levels.clone() };
        // Levels of what counts are about its rate, which one reading cannot know.
        if field.kind == Type::Gauge {
            sheet.service(service(plugin, graph, told.field, &levels, value));
        }
        sheet.report.levels.push(levels);
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
