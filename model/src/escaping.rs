//! Names that hold other characters than `[a-zA-Z0-9_:]`, for readers that take them and for readers that do not.
//!
//! A page is written with such names in quotes (`{"http.requests",code="200"} 1`), which is what `allow-utf-8`
//! means. [`Escaping::apply`] turns a whole page into another scheme. Plain names need that for `dots` only.

use std::borrow::Cow;
use std::fmt::Write;

/// How a scraper wants names that hold unusual characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Escaping {
    /// As they are, in quotes.
    AllowUtf8,
    /// Each unusual character becomes an underscore. Different names can become the same.
    #[default]
    Underscores,
    /// Dots become `_dot_`, underscores are doubled, and so is what stands for anything else.
    Dots,
    /// `U__`, then unusual characters as `_HEX_` of their code point, underscores doubled.
    Values,
}

impl Escaping {
    /// The word in `Accept` and `Content-Type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Escaping::AllowUtf8 => "allow-utf-8",
            Escaping::Underscores => "underscores",
            Escaping::Dots => "dots",
            Escaping::Values => "values",
        }
    }

    /// The scheme with a word.
    pub fn named(word: &str) -> Option<Self> {
        [Escaping::AllowUtf8, Escaping::Underscores, Escaping::Dots, Escaping::Values]
            .into_iter()
            .find(|scheme| scheme.as_str() == word)
    }

    /// Whether a page of nothing but plain names stays as it is.
    pub fn keeps_plain(self) -> bool {
        self != Escaping::Dots
    }

    /// The name in this scheme.
    pub fn name(self, name: &str) -> Cow<'_, str> {
        if self == Escaping::AllowUtf8 || name.is_empty() || (self.keeps_plain() && is_plain(name)) {
            return Cow::Borrowed(name);
        }
        let mut out = String::with_capacity(2 * name.len());
        if self == Escaping::Values {
            out.push_str("U__");
        }
        for (at, c) in name.char_indices() {
            self.push(&mut out, c, at);
        }
        Cow::Owned(out)
    }

    fn push(self, out: &mut String, c: char, at: usize) {
        match (self, c) {
            (Escaping::Dots | Escaping::Values, '_') => out.push_str("__"),
            (Escaping::Dots, '.') => out.push_str("_dot_"),
            (_, c) if is_usual(c, at) => out.push(c),
            // The published text asks for one underscore here; Prometheus' own library writes and reads two.
            (Escaping::Dots, _) => out.push_str("__"),
            (Escaping::Values, c) => drop(write!(out, "_{:x}_", u32::from(c))),
            _ => out.push('_'),
        }
    }

    /// A page, whose names are as in `allow-utf-8`, with its names in this scheme.
    pub fn apply(self, page: &str) -> String {
        let mut out = String::with_capacity(page.len() + page.len() / 4);
        let mut lines = page.split_inclusive('\n').peekable();
        while let Some(line) = lines.next() {
            match line.strip_prefix("# ") {
                None => self.sample(&mut out, line),
                Some(comment) => {
                    let typed =
                        lines.peek().copied().filter(|_| comment.starts_with("HELP ")).unwrap_or(line);
                    self.comment(&mut out, line, typed.ends_with(" counter\n"));
                }
            }
        }
        out
    }

    /// `# HELP name text` or `# TYPE name kind`. The name of a counter's family can lack the `_total` of its series;
    /// what is left of it after escaping must go, too.
    fn comment(self, out: &mut String, line: &str, counter: bool) {
        let Some(start) = line.get(2..7).filter(|word| ["HELP ", "TYPE "].contains(word)).map(|_| 7) else {
            return out.push_str(line);
        };
        let (name, rest) = read_name(&line[start..]);
        out.push_str(&line[..start]);
        match counter && !name.ends_with("_total") {
            true => {
                let series = format!("{name}_total");
                let escaped = self.name(&series);
                write_name(out, escaped.strip_suffix("_total").unwrap_or(&escaped));
            }
            false => write_name(out, &self.name(&name)),
        }
        out.push_str(rest);
    }

    /// `name{label="value"} 1` or `{"name",label="value"} 1`.
    fn sample(self, out: &mut String, line: &str) {
        let (name, mut rest) = match line.strip_prefix("{\"") {
            Some(_) => read_name(&line[1..]),
            None => read_name(line),
        };
        let name = self.name(&name);
        let quoted = !is_plain(&name) && !name.is_empty();
        match quoted {
            true => {
                out.push('{');
                write_name(out, &name);
            }
            false => out.push_str(&name),
        }
        let mut open = if quoted { ',' } else { '{' };
        while let Some(inside) = rest.strip_prefix(['{', ',']) {
            let (label, value) = read_name(inside);
            let end = value_end(value);
            if end == 0 {
                break;
            }
            out.push(open);
            write_name(out, &self.name(&label));
            out.push_str(&value[..end]);
            rest = &value[end..];
            open = ',';
        }
        let rest = rest.strip_prefix('}').unwrap_or(rest);
        if open == ',' {
            out.push('}');
        }
        out.push_str(rest);
    }
}

/// Whether every reader takes the name as it is.
pub fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().enumerate().all(|(at, byte)| is_usual(char::from(byte), at))
}

fn is_usual(c: char, at: usize) -> bool {
    c.is_ascii_alphabetic() || c == '_' || c == ':' || (c.is_ascii_digit() && at > 0)
}

/// Appends a name, in quotes when it must be.
pub fn write_name(out: &mut String, name: &str) {
    if name.is_empty() || is_plain(name) {
        return out.push_str(name);
    }
    out.push('"');
    for c in name.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '"' => out.push_str("\\\""),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// The name at the beginning, without its quotes, and what follows it.
fn read_name(text: &str) -> (Cow<'_, str>, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(['{', ' ', '=', ',', '}']).unwrap_or(text.len());
        return (Cow::Borrowed(&text[..end]), &text[end..]);
    };
    let end = quote_end(quoted);
    let rest = quoted.get(end + 1..).unwrap_or("");
    (unquoted(&quoted[..end]), rest)
}

fn unquoted(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => out.extend(chars.next().map(|next| if next == 'n' { '\n' } else { next })),
            (c, false) => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Where the quote that ends a quoted text stands; its end when there is none.
fn quote_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if !escaped => return at,
            _ => escaped = byte == b'\\' && !escaped,
        }
    }
    text.len()
}

/// The length of `="value"`; 0 when something else stands there.
fn value_end(text: &str) -> usize {
    text.strip_prefix("=\"").map_or(0, |value| (3 + quote_end(value)).min(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_schemes() {
        let cases = [
            // name, underscores, dots, values
            ("node_load1", "node_load1", "node__load1", "node_load1"),
            ("a:b", "a:b", "a:b", "a:b"),
            (
                "mysystem.prod.west.cpu.load",
                "mysystem_prod_west_cpu_load",
                "mysystem_dot_prod_dot_west_dot_cpu_dot_load",
                "U__mysystem_2e_prod_2e_west_2e_cpu_2e_load",
            ),
            (
                "metric.name/with/slashes",
                "metric_name_with_slashes",
                "metric_dot_name__with__slashes",
                "U__metric_2e_name_2f_with_2f_slashes",
            ),
            ("a_b.c", "a_b_c", "a__b_dot_c", "U__a__b_2e_c"),
            ("1st", "_st", "__st", "U___31_st"),
            ("name with ü 花", "name_with____", "name__with________", "U__name_20_with_20__fc__20__82b1_"),
            ("😀", "_", "__", "U___1f600_"),
            ("", "", "", ""),
        ];
        for (name, underscores, dots, values) in cases {
            assert_eq!(Escaping::AllowUtf8.name(name), name);
            assert_eq!(Escaping::Underscores.name(name), underscores);
            assert_eq!(Escaping::Dots.name(name), dots);
            assert_eq!(Escaping::Values.name(name), values);
        }
    }

    #[test]
    fn a_plain_name_is_borrowed() {
        for scheme in [Escaping::AllowUtf8, Escaping::Underscores, Escaping::Values] {
            assert!(matches!(scheme.name("node_load1"), Cow::Borrowed(_)));
        }
    }

    const PAGE: &str = "# HELP \"http.seconds\" Time \"in\" a_b.\n# TYPE \"http.seconds\" gauge\n\
        {\"http.seconds\",\"a.b\"=\"x,\\\"}\",c_d=\"{e.f=\\\\\"} 1\n{\"http.seconds\"} 2\n\
        # HELP up_b Up.\n# TYPE up_b counter\nup_b_total{x=\"\"} 3\nup_b_total 4\n# EOF\n";

    #[test]
    fn a_page_is_rewritten_and_values_are_left_alone() {
        assert_eq!(Escaping::AllowUtf8.apply(PAGE), PAGE);
        assert_eq!(
            Escaping::Underscores.apply(PAGE),
            "# HELP http_seconds Time \"in\" a_b.\n# TYPE http_seconds gauge\n\
             http_seconds{a_b=\"x,\\\"}\",c_d=\"{e.f=\\\\\"} 1\nhttp_seconds 2\n\
             # HELP up_b Up.\n# TYPE up_b counter\nup_b_total{x=\"\"} 3\nup_b_total 4\n# EOF\n"
        );
        assert_eq!(
            Escaping::Dots.apply(PAGE),
            "# HELP http_dot_seconds Time \"in\" a_b.\n# TYPE http_dot_seconds gauge\n\
             http_dot_seconds{a_dot_b=\"x,\\\"}\",c__d=\"{e.f=\\\\\"} 1\nhttp_dot_seconds 2\n\
             # HELP up__b_ Up.\n# TYPE up__b_ counter\nup__b__total{x=\"\"} 3\nup__b__total 4\n# EOF\n"
        );
        assert!(Escaping::Values.apply(PAGE).starts_with("# HELP U__http_2e_seconds Time"));
    }

    #[test]
    fn quotes_in_names_come_back() {
        let mut text = String::new();
        write_name(&mut text, "a\"\\\nb");
        assert_eq!(text, "\"a\\\"\\\\\\nb\"");
        assert_eq!(read_name(&text).0, "a\"\\\nb");
    }

    #[test]
    fn half_a_line_is_no_trouble() {
        for cut in 0..PAGE.len() {
            Escaping::Values.apply(&PAGE[..cut]);
        }
    }
}
