//! Texts with values in them: the part of Go's templates that alert texts use.
//!
//! `{{ $labels.device }}`, `{{ $value | humanize }}`, `{{ printf "%.1f" $value }}`. Conditions, loops and queries
//! are refused when the rule is loaded.

mod function;
mod humanize;
mod parse;
mod printf;
mod token;

use crate::labels::Labels;
use function::Function;
use std::fmt;

/// A filled text may be so long; the rest is cut off.
const RENDERED_BYTES_MAX: usize = 16 << 10;

/// A text with values in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    Action(Pipeline),
}

/// Each command's value is the last argument of the next.
#[derive(Clone, Debug, PartialEq)]
struct Pipeline(Vec<Command>);

#[derive(Clone, Debug, PartialEq)]
enum Command {
    Operand(Operand),
    Call(Function, Vec<Operand>),
}

#[derive(Clone, Debug, PartialEq)]
enum Operand {
    Value,
    Labels,
    Label(String),
    /// hostward has no external labels, so each of them is empty.
    ExternalLabel,
    Text(String),
    Number(f64),
    Nested(Box<Pipeline>),
}

/// What an operand comes to.
#[derive(Clone, Debug, PartialEq)]
enum Item {
    Text(String),
    Number(f64),
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
        parse::parse(text).map(|parts| Template { parts }).map_err(TemplateError)
    }

    /// Fills it with one result.
    pub fn render(&self, labels: &Labels, value: f64) -> Result<String, TemplateError> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Action(pipeline) => {
                    out.push_str(&pipeline.fill(labels, value).map_err(TemplateError)?.to_text());
                }
            }
        }
        out.truncate(out.floor_char_boundary(RENDERED_BYTES_MAX));
        Ok(out)
    }
}

impl Pipeline {
    fn fill(&self, labels: &Labels, value: f64) -> Result<Item, String> {
        let mut carried = None;
        for command in &self.0 {
            carried = Some(match command {
                Command::Operand(operand) => operand.fill(labels, value)?,
                Command::Call(function, operands) => {
                    let items = operands.iter().map(|operand| operand.fill(labels, value));
                    let items = items.chain(carried.take().map(Ok)).collect::<Result<Vec<_>, _>>()?;
                    function.call(&items)?
                }
            });
        }
        carried.ok_or_else(|| "an empty pipeline".to_owned())
    }
}

impl Operand {
    fn fill(&self, labels: &Labels, value: f64) -> Result<Item, String> {
        Ok(match self {
            Operand::Value => Item::Number(value),
            Operand::Labels => Item::Text(all(labels)),
            Operand::Label(name) => Item::Text(labels.get(name).to_owned()),
            Operand::ExternalLabel => Item::Text(String::new()),
            Operand::Text(text) => Item::Text(text.clone()),
            Operand::Number(number) => Item::Number(*number),
            Operand::Nested(pipeline) => pipeline.fill(labels, value)?,
        })
    }
}

/// As Go prints a map.
fn all(labels: &Labels) -> String {
    let pairs = labels.iter().map(|(name, value)| format!("{name}:{value}"));
    format!("map[{}]", pairs.collect::<Vec<_>>().join(" "))
}

impl Item {
    fn to_text(&self) -> String {
        match self {
            Item::Text(text) => text.clone(),
            Item::Number(number) => printf::shortest(*number),
        }
    }

    fn number(&self) -> Result<f64, String> {
        match self {
            Item::Number(number) => Ok(*number),
            Item::Text(text) => text.trim().parse().map_err(|_| format!("`{text}` is not a number")),
        }
    }
}
