//! The Prometheus text formats: 0.0.4 and OpenMetrics 1.0.

use crate::metric::Kind;

/// A format that a scraper can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `text/plain; version=0.0.4`
    Text,
    /// `application/openmetrics-text; version=1.0.0`
    OpenMetrics,
}

impl Format {
    /// The exact `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Text => "text/plain; version=0.0.4; charset=utf-8",
            Format::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// Appends the `# HELP` and `# TYPE` lines of a family.
///
/// OpenMetrics names a counter's family without `_total`, and calls untyped `unknown`.
pub fn write_head(out: &mut String, format: Format, name: &str, kind: Kind, help: &str) {
    let (name, kind) = match (format, kind) {
        (Format::OpenMetrics, Kind::Counter) => (name.strip_suffix("_total").unwrap_or(name), "counter"),
        (Format::OpenMetrics, Kind::Untyped) => (name, "unknown"),
        (_, kind) => (name, kind.as_str()),
    };
    out.push_str("# HELP ");
    out.push_str(name);
    out.push(' ');
    escape(out, help, false);
    out.push_str("\n# TYPE ");
    out.push_str(name);
    out.push(' ');
    out.push_str(kind);
    out.push('\n');
}

/// Appends `name{label="value",…}`, without braces when there are no labels.
pub fn write_series<'a>(out: &mut String, name: &str, labels: impl IntoIterator<Item = (&'a str, &'a str)>) {
    out.push_str(name);
    let mut open = '{';
    for (label, value) in labels {
        out.push(open);
        out.push_str(label);
        out.push_str("=\"");
        escape(out, value, true);
        out.push('"');
        open = ',';
    }
    if open == ',' {
        out.push('}');
    }
}

/// Escapes what the format says (`\`, newline, and `"` in label values) and nothing else.
fn escape(out: &mut String, value: &str, quote: bool) {
    for c in value.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '"' if quote => out.push_str("\\\""),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_differ_by_format() {
        let mut text = String::new();
        write_head(&mut text, Format::Text, "a_total", Kind::Counter, "Back\\slash and\nline.");
        write_head(&mut text, Format::OpenMetrics, "a_total", Kind::Counter, "Count.");
        write_head(&mut text, Format::OpenMetrics, "b", Kind::Untyped, "Unsaid.");
        assert_eq!(
            text,
            "# HELP a_total Back\\\\slash and\\nline.\n# TYPE a_total counter\n\
             # HELP a Count.\n# TYPE a counter\n\
             # HELP b Unsaid.\n# TYPE b unknown\n"
        );
    }

    #[test]
    fn label_values_are_escaped() {
        let mut text = String::new();
        write_series(&mut text, "x", [("path", "/a\"b\\c\nd"), ("e", "")]);
        assert_eq!(text, "x{path=\"/a\\\"b\\\\c\\nd\",e=\"\"}");
        text.clear();
        write_series(&mut text, "x", []);
        assert_eq!(text, "x");
    }
}
