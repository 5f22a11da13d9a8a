//! Texts with values in them: Go's templates as rules use them, with Prometheus' functions.
//!
//! `{{ $labels.device }}`, `{{ $value | humanize }}`, `{{ range query "up == 0" }}{{ .Labels.instance }} {{ end }}`.
//! A template is read when its rule is loaded; what comes from outside is only ever a value in it.

mod compare;
mod decimal;
mod fill;
mod function;
mod humanize;
mod item;
mod parse;
mod piece;
mod pipeline;
mod printf;
mod text;
mod token;
mod tree;

use crate::labels::Labels;
use crate::promql::source::Source;
use item::Item;
use std::fmt;
use tree::{Block, Defined};

/// A filled text may be so long; the rest is cut off.
const RENDERED_BYTES_MAX: usize = 16 << 10;

/// A text with values in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    written: String,
    block: Block,
    defined: Defined,
}

/// What a template can see besides the result that it is filled with.
#[derive(Clone, Copy, Default)]
pub struct Around<'a> {
    /// `$externalLabels`; none when absent.
    pub external_labels: Option<&'a Labels>,
    /// Where `query` looks; without it, it fails.
    pub source: Option<&'a dyn Source>,
    /// When.
    pub at_ms: i64,
}

/// Why a template was refused or cannot be filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError(String);

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TemplateError {}

impl Template {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Template, TemplateError> {
        let (block, defined) = parse::parse(text).map_err(TemplateError)?;
        Ok(Template { written: text.to_owned(), block, defined })
    }

    /// A text that is no template, whatever is in it.
    pub fn plain(text: &str) -> Template {
        Template {
            written: text.to_owned(),
            block: vec![tree::Part::Text(text.to_owned())],
            ..Template::default()
        }
    }

    /// The text as it is written.
    pub fn text(&self) -> &str {
        &self.written
    }

    /// Fills it with one result.
    pub fn render(&self, labels: &Labels, value: f64, around: Around<'_>) -> Result<String, TemplateError> {
        let external = around.external_labels.cloned().unwrap_or_default();
        let dot = Item::Map(vec![
            ("Labels".to_owned(), Item::Labels(labels.clone())),
            ("ExternalLabels".to_owned(), Item::Labels(external)),
            ("ExternalURL".to_owned(), Item::Text(String::new())),
            ("Value".to_owned(), Item::Number(value)),
        ]);
        let mut out = fill::fill(&self.block, &self.defined, dot, around).map_err(TemplateError)?;
        out.truncate(out.floor_char_boundary(RENDERED_BYTES_MAX));
        Ok(out)
    }
}
