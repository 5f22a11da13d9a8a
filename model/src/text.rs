//! The Prometheus text formats: plain text and OpenMetrics.
//!
//! Names that need quotes get them; a reader that wants them otherwise is served by [`crate::escaping`].

use crate::escaping::{is_plain, write_name};
use crate::metric::Kind;

/// A format that a scraper can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `text/plain`
    Text,
    /// `application/openmetrics-text`
    OpenMetrics,
}

/// Appends the `# HELP` and `# TYPE` lines of a family.
///
/// OpenMetrics names a counter's family without `_total`, and calls untyped `unknown`. A counter whose series do not
/// end in `_total` is not one to it.
pub fn write_head(out: &mut String, format: Format, name: &str, kind: Kind, help: &str) {
    let (name, kind) = match (format, kind) {
        (Format::OpenMetrics, Kind::Counter) => match name.strip_suffix("_total") {
            Some(name) => (name, "counter"),
            None => (name, "unknown"),
        },
        (Format::OpenMetrics, Kind::Untyped) => (name, "unknown"),
        (_, kind) => (name, kind.as_str()),
    };
    out.push_str("# HELP ");
    write_name(out, name);
    out.push(' ');
    escape(out, help, false);
    out.push_str("\n# TYPE ");
    write_name(out, name);
    out.push(' ');
    out.push_str(kind);
    out.push('\n');
}

/// Appends `name{label="value",…}`, without braces when there are no labels; a name that is not plain goes into them.
pub fn write_series<'a>(out: &mut String, name: &str, labels: impl IntoIterator<Item = (&'a str, &'a str)>) {
    let mut open = if name.is_empty() || is_plain(name) { '{' } else { ',' };
    if open == ',' {
        out.push('{');
    }
    write_name(out, name);
    for (label, value) in labels {
        out.push(open);
        write_name(out, label);
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
    let mut written = 0;
    for (at, byte) in value.bytes().enumerate() {
        let escaped = match byte {
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'"' if quote => "\\\"",
            _ => continue,
        };
        out.push_str(&value[written..at]);
        out.push_str(escaped);
        written = at + 1;
    }
    out.push_str(&value[written..]);
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
        write_head(&mut text, Format::OpenMetrics, "c", Kind::Counter, "Unusual.");
        write_head(&mut text, Format::Text, "d.e", Kind::Counter, "Dotted.");
        assert_eq!(
            text,
            "# HELP a_total Back\\\\slash and\\nline.\n# TYPE a_total counter\n\
             # HELP a Count.\n# TYPE a counter\n\
             # HELP b Unsaid.\n# TYPE b unknown\n\
             # HELP c Unusual.\n# TYPE c unknown\n\
             # HELP \"d.e\" Dotted.\n# TYPE \"d.e\" counter\n"
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
        text.clear();
        write_series(&mut text, "x.y", [("a b", "1"), ("c", "2")]);
        write_series(&mut text, "x.y", []);
        assert_eq!(text, "{\"x.y\",\"a b\"=\"1\",c=\"2\"}{\"x.y\"}");
    }
}
