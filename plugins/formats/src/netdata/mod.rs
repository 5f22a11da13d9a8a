//! Plugins for Netdata's plugins.d: charts and dimensions are declared, then told with BEGIN, SET and END.
//!
//! A dimension becomes `PLUGIN_CONTEXT_UNIT{dimension="…"}`; `incremental` ones count, the others go up and down. What was declared
//! holds for all batches to come: it is in [`Report::declared`]. A reading counts when its END is there. FUNCTION, VARIABLE
//! and CONFIG lines are answers and offers to Netdata's page, not readings, and are passed over.

mod chart;
mod charts;
mod words;

use crate::exposition::Type;
use crate::failure::{failure, with_line};
use crate::sheet::{Again, Metric, Sheet};
use crate::{Limits, Output, Report};
use charts::Charts;
use words::words;

/// Readings of one chart between BEGIN and END.
struct Open {
    chart: usize,
    line: usize,
    /// Line, dimension, value.
    readings: Vec<(usize, usize, f64)>,
}

/// Where the reader is.
struct State<'s, 'l> {
    sheet: &'s mut Sheet<'l>,
    plugin: &'s str,
    charts: Charts,
    open: Option<Open>,
    /// Lines up to this word are for somebody else.
    until: Option<&'static str>,
}

/// Reads one batch.
pub fn read(output: &Output, limits: &Limits) -> Report {
    let mut sheet = Sheet::new(limits, Again::Replace);
    let stdout = sheet.whole_lines(output);
    let (before, now) = (sheet.lines(output.declared, 1), sheet.lines(stdout, 1));
    let charts = Charts::new(limits.output_bytes_max);
    let mut state = State { sheet: &mut sheet, plugin: output.name, charts, open: None, until: None };
    let lines = before.into_iter().map(|(_, line)| (0, line)).chain(now);
    for (at, line) in lines {
        if !state.take(at, line) {
            break;
        }
    }
    state.close("the output ends without END");
    let declared = state.charts.declared();
    sheet.report.declared = declared;
    let nothing = sheet.report.families.is_empty();
    let disabled = (sheet.report.disabled && nothing)
        .then(|| with_line("it disabled itself", &Output { stdout: b"", ..*output }));
    match disabled.or_else(|| failure(output, 0)) {
        None => sheet.report,
        Some(why) => sheet.unknown(why),
    }
}

impl State<'_, '_> {
    /// Takes the next line. False if nothing that follows counts.
    fn take(&mut self, at: usize, line: &str) -> bool {
        let words = words(line);
        let Some((&keyword, rest)) = words.split_first() else { return true };
        if let Some(end) = self.until {
            self.until = Some(end).filter(|end| *end != keyword);
            return true;
        }
        match keyword {
            "DISABLE" => {
                self.sheet.report.disabled = true;
                return false;
            }
            "EXIT" => return false,
            "FUNCTION_RESULT_BEGIN" => self.until = Some("FUNCTION_RESULT_END"),
            "FUNCTION_PAYLOAD_BEGIN" => self.until = Some("FUNCTION_PAYLOAD_END"),
            "FUNCTION" | "FUNCTION_DEL" | "FUNCTION_PROGRESS" | "VARIABLE" | "CONFIG"
            | "PLUGIN_KEEPALIVE" | "TRUST_DURATIONS" | "CLABEL_COMMIT" | "HOST_DEFINE_END" | "HOST_LABEL" => {
            }
            "FLUSH" => self.open = None,
            "BEGIN" => self.begin(at, rest),
            "SET" => self.set(at, rest),
            "END" => self.end(at),
            _ => {
                if let Err(why) = self.charts.declare(keyword, rest, line) {
                    self.sheet.reject(at, why);
                }
            }
        }
        true
    }

    fn begin(&mut self, at: usize, words: &[&str]) {
        self.close("BEGIN before the END of the chart before");
        let id = words.first().copied().unwrap_or("");
        match self.charts.place(id) {
            Some(chart) => self.open = Some(Open { chart, line: at, readings: Vec::new() }),
            None => self.sheet.reject(at, format!("BEGIN of the chart {id:?}, which was not declared")),
        }
    }

    fn set(&mut self, at: usize, words: &[&str]) {
        let Some(open) = &mut self.open else { return self.sheet.reject(at, "SET outside of a chart") };
        let (id, value) = (words.first().copied().unwrap_or(""), words.get(1).copied().unwrap_or(""));
        let chart = self.charts.get(open.chart);
        match (chart.dimension(id), crate::number::decimal(value)) {
            (None, _) => {
                self.sheet.reject(at, format!("{} has no dimension {id:?}", chart.id));
            }
            // An empty value says that there is none.
            (Some(_), _) if value.is_empty() => {}
            (Some(_), None) => self.sheet.reject(at, format!("the value of {id} is no number: {value:?}")),
            (Some(dimension), Some(value)) => open.readings.push((at, dimension, value)),
        }
    }

    fn end(&mut self, at: usize) {
        let Some(open) = self.open.take() else { return self.sheet.reject(at, "END without BEGIN") };
        let chart = self.charts.get(open.chart);
        for (line, at, value) in open.readings {
            let dimension = &chart.dimensions[at];
            let (parts, unit, value) = chart.naming(dimension, value);
            let kind = if dimension.counts { Type::Counter } else { Type::Gauge };
            let metric = Metric::new(self.plugin, &parts, unit, kind, &chart.title);
            self.sheet.push(line, &metric, chart.labels(dimension), value, None);
        }
    }

    /// What is told of a chart without its END may be half of it.
    fn close(&mut self, why: &str) {
        if let Some(open) = self.open.take() {
            let chart = &self.charts.get(open.chart).id;
            self.sheet.reject(open.line, format!("{chart}: {why}"));
        }
    }
}
