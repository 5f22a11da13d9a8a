//! What an operand comes to.

use super::decimal::shortest;
use crate::labels::Labels;

#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    Nothing,
    Bool(bool),
    Text(String),
    Number(f64),
    Int(i64),
    Labels(Labels),
    /// A result of a query.
    Sample(Labels, f64),
    List(Vec<Item>),
    /// Named values: what `.` is at first, and what `args` makes.
    Map(Vec<(String, Item)>),
}

impl Item {
    /// As Go prints it.
    pub fn to_text(&self) -> String {
        match self {
            Item::Nothing => "<no value>".to_owned(),
            Item::Bool(truth) => truth.to_string(),
            Item::Text(text) => text.clone(),
            Item::Number(number) => shortest(*number),
            Item::Int(number) => number.to_string(),
            Item::Labels(labels) => pairs(labels.iter().map(|(name, value)| (name, value.to_owned()))),
            Item::Sample(labels, value) => {
                format!("&{{{} {}}}", Item::Labels(labels.clone()).to_text(), shortest(*value))
            }
            Item::List(items) => {
                format!("[{}]", items.iter().map(Item::to_text).collect::<Vec<_>>().join(" "))
            }
            Item::Map(map) => pairs(map.iter().map(|(name, item)| (name.as_str(), item.to_text()))),
        }
    }

    /// As a number, as template functions read it: texts may hold one.
    pub fn number(&self) -> Result<f64, String> {
        match self {
            Item::Number(number) => Ok(*number),
            Item::Int(number) => Ok(*number as f64),
            Item::Text(text) => text.trim().parse().map_err(|_| format!("`{text}` is not a number")),
            other => Err(format!("`{}` is not a number", other.to_text())),
        }
    }

    /// What `if` makes of it.
    pub fn is_true(&self) -> bool {
        match self {
            Item::Nothing => false,
            Item::Bool(truth) => *truth,
            Item::Text(text) => !text.is_empty(),
            Item::Number(number) => *number != 0.0,
            Item::Int(number) => *number != 0,
            Item::Labels(labels) => !labels.is_empty(),
            Item::Sample(..) => true,
            Item::List(items) => !items.is_empty(),
            Item::Map(map) => !map.is_empty(),
        }
    }

    /// The value under a name; a label that is absent is empty.
    pub fn field(&self, name: &str) -> Result<Item, String> {
        match self {
            Item::Labels(labels) => Ok(Item::Text(labels.get(name).to_owned())),
            Item::Sample(labels, _) if name == "Labels" => Ok(Item::Labels(labels.clone())),
            Item::Sample(_, value) if name == "Value" => Ok(Item::Number(*value)),
            Item::Map(map) => {
                let found = map.iter().find(|(own, _)| own == name).map(|(_, item)| item.clone());
                found.ok_or_else(|| format!("there is no field {name}"))
            }
            other => Err(format!("`{}` has no field {name}", other.to_text())),
        }
    }
}

/// As Go prints a map.
fn pairs<'a>(pairs: impl Iterator<Item = (&'a str, String)>) -> String {
    let pairs = pairs.map(|(name, value)| format!("{name}:{value}"));
    format!("map[{}]", pairs.collect::<Vec<_>>().join(" "))
}
