//! Macros: lines with parameters, which are put in the place where they are used (mod_macro).

use super::{Line, Reading};
use crate::Fault;
use crate::facts::image::LINE_BYTES_MAX;
use crate::facts::include::Includes;
use crate::facts::line::words;

/// Lines that macros give in one configuration; some that use each other can double what they give.
const LINES_MAX: usize = 50_000;
/// Macros that are used by macros.
const NESTED_MAX: usize = 16;

#[derive(Clone)]
pub struct Macro {
    parameters: Vec<String>,
    lines: Vec<Line>,
}

/// The name in small letters, if this is the head of a macro.
pub fn named(head: &str) -> Option<String> {
    let words = words(head.trim_end_matches('>'));
    let [kind, name, ..] = words.as_slice() else { return None };
    kind.eq_ignore_ascii_case("macro").then(|| name.to_ascii_lowercase())
}

impl Macro {
    /// Takes the lines up to its end.
    pub fn read(head: &str, lines: &mut impl Iterator<Item = Line>) -> Self {
        let parameters = words(head.trim_end_matches('>')).split_off(2);
        let ends = |line: &Line| line.text.to_ascii_lowercase().starts_with("</macro");
        Macro { parameters, lines: lines.take_while(|line| !ends(line)).collect() }
    }
}

impl Reading<'_> {
    /// The lines of a macro with these values; none of one that nobody wrote.
    pub fn used(
        &self,
        includes: &mut Includes<'_, '_>,
        line: &Line,
        values: &[String],
    ) -> Result<Vec<Line>, Fault> {
        let Some((name, values)) = values.split_first() else { return Ok(Vec::new()) };
        let Some(own) = self.macros.get(&name.to_ascii_lowercase()) else { return Ok(Vec::new()) };
        includes.things += own.lines.len();
        if self.nested == NESTED_MAX || includes.things > LINES_MAX {
            return Err(line.fault("fewer macros within macros"));
        }
        let mut pairs: Vec<_> =
            own.parameters.iter().zip(values).filter(|(name, _)| !name.is_empty()).collect();
        // The longest first, or `$a` would be replaced in `$ab`.
        pairs.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        own.lines.iter().map(|line| filled(line, &pairs)).collect()
    }
}

fn filled(line: &Line, pairs: &[(&String, &String)]) -> Result<Line, Fault> {
    let mut text = line.text.clone();
    for (name, value) in pairs {
        if text.len() + text.matches(name.as_str()).count() * value.len() > LINE_BYTES_MAX {
            return Err(line.too_long());
        }
        text = text.replace(name.as_str(), value);
    }
    Ok(Line { text, ..line.clone() })
}
