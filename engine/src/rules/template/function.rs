//! The functions of templates: Go's own and Prometheus'.

use super::item::Item;
use super::{Around, compare, humanize, printf, text};
use crate::promql::{Expr, Value};
use regex::Regex;

/// A function and how many arguments it takes; the last one may come through the pipe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Function {
    pub name: &'static str,
    arguments_min: usize,
    arguments_max: usize,
}

/// Any number of arguments.
const MANY: usize = 64;

const FUNCTIONS: &[Function] = &[
    takes("and", 1, MANY),
    takes("args", 0, MANY),
    takes("eq", 2, MANY),
    takes("externalURL", 0, 0),
    takes("first", 1, 1),
    takes("ge", 2, 2),
    takes("graphLink", 1, 1),
    takes("gt", 2, 2),
    takes("html", 1, MANY),
    takes("humanize", 1, 1),
    takes("humanize1024", 1, 1),
    takes("humanizeDuration", 1, 1),
    takes("humanizePercentage", 1, 1),
    takes("humanizeTimestamp", 1, 1),
    takes("index", 1, MANY),
    takes("js", 1, MANY),
    takes("label", 2, 2),
    takes("le", 2, 2),
    takes("len", 1, 1),
    takes("lt", 2, 2),
    takes("match", 2, 2),
    takes("ne", 2, 2),
    takes("not", 1, 1),
    takes("or", 1, MANY),
    takes("parseDuration", 1, 1),
    takes("pathPrefix", 0, 0),
    takes("print", 0, MANY),
    takes("printf", 1, MANY),
    takes("println", 0, MANY),
    takes("query", 1, 1),
    takes("reReplaceAll", 3, 3),
    takes("safeHtml", 1, 1),
    takes("slice", 1, 3),
    takes("sortByLabel", 2, 2),
    takes("stripDomain", 1, 1),
    takes("stripPort", 1, 1),
    takes("strvalue", 1, 1),
    takes("tableLink", 1, 1),
    takes("title", 1, 1),
    takes("toLower", 1, 1),
    takes("toTime", 1, 1),
    takes("toUpper", 1, 1),
    takes("urlquery", 1, MANY),
    takes("value", 1, 1),
];

const fn takes(name: &'static str, arguments_min: usize, arguments_max: usize) -> Function {
    Function { name, arguments_min, arguments_max }
}

impl Function {
    /// The function with a name.
    pub fn find(name: &str) -> Result<Function, String> {
        FUNCTIONS.iter().find(|function| function.name == name).copied().ok_or_else(|| {
            let near =
                FUNCTIONS.iter().map(|own| (strsim::damerau_levenshtein(own.name, name), own.name)).min();
            match near {
                Some((distance, own)) if distance <= 3 => {
                    format!("templates have no function `{name}`: did you mean `{own}`?")
                }
                _ => format!("templates have no function `{name}`"),
            }
        })
    }

    /// Whether the value of `and` or `or` is known by now.
    pub fn decides(self, last: Option<&Item>) -> bool {
        match self.name {
            "and" => last.is_some_and(|item| !item.is_true()),
            "or" => last.is_some_and(Item::is_true),
            _ => false,
        }
    }

    /// Its value.
    pub fn call(self, items: Vec<Item>, around: Around<'_>) -> Result<Item, String> {
        let count = items.len();
        if !(self.arguments_min..=self.arguments_max).contains(&count) {
            return Err(format!("`{}` takes {} argument(s), not {count}", self.name, self.arguments_min));
        }
        if let Some(item) = generic(self.name, &items)? {
            return Ok(item);
        }
        if let Some(item) = over_results(self.name, &items, around)? {
            return Ok(item);
        }
        words(self.name, &items).map(Item::Text)
    }
}

/// Go's own functions, for values of any kind.
fn generic(name: &str, items: &[Item]) -> Result<Option<Item>, String> {
    Ok(Some(match name {
        "and" | "or" => items.last().cloned().unwrap_or(Item::Nothing),
        "not" => Item::Bool(!items[0].is_true()),
        "eq" | "ne" | "lt" | "le" | "gt" | "ge" => Item::Bool(compare::compare(name, items)?),
        "len" => Item::Int(match &items[0] {
            Item::Text(text) => text.len() as i64,
            Item::List(list) => list.len() as i64,
            Item::Labels(labels) => labels.len() as i64,
            Item::Map(map) => map.len() as i64,
            other => return Err(format!("len of {}", other.to_text())),
        }),
        "index" => items[1..].iter().try_fold(items[0].clone(), |item, key| at(&item, key))?,
        "slice" => slice(items)?,
        "args" => {
            let named = items.iter().enumerate().map(|(index, item)| (format!("arg{index}"), item.clone()));
            Item::Map(named.collect())
        }
        _ => return Ok(None),
    }))
}

fn at(item: &Item, key: &Item) -> Result<Item, String> {
    match (item, key) {
        (Item::List(list), Item::Int(index)) => {
            let found = usize::try_from(*index).ok().and_then(|index| list.get(index).cloned());
            found.ok_or_else(|| format!("index out of range: {index}"))
        }
        (Item::Labels(_) | Item::Map(_), Item::Text(name)) => item.field(name),
        (item, key) => Err(format!("{} has no index {}", item.to_text(), key.to_text())),
    }
}

fn slice(items: &[Item]) -> Result<Item, String> {
    let bound = |index: usize, default: usize| match items.get(index) {
        Some(Item::Int(bound)) => usize::try_from(*bound).map_err(|_| format!("index out of range: {bound}")),
        Some(other) => Err(format!("{} is not an index", other.to_text())),
        None => Ok(default),
    };
    let range = |length: usize| Ok::<_, String>(bound(1, 0)?..bound(2, length)?);
    let found = match &items[0] {
        Item::Text(text) => text.get(range(text.len())?).map(|text| Item::Text(text.to_owned())),
        Item::List(list) => list.get(range(list.len())?).map(|list| Item::List(list.to_vec())),
        other => return Err(format!("slice of {}", other.to_text())),
    };
    found.ok_or_else(|| "slice: index out of range".to_owned())
}

/// Functions that ask the history, and those that look into its answers.
fn over_results(name: &str, items: &[Item], around: Around<'_>) -> Result<Option<Item>, String> {
    Ok(Some(match (name, items) {
        ("query", [Item::Text(text)]) => query(text, around)?,
        ("first", [Item::List(list)]) => {
            list.first().cloned().ok_or("first() called on vector with no elements")?
        }
        ("label", [Item::Text(name), sample]) => sample.field("Labels")?.field(name)?,
        ("value", [sample]) => sample.field("Value")?,
        ("strvalue", [sample]) => sample.field("Labels")?.field("__value__")?,
        ("sortByLabel", [Item::Text(label), Item::List(list)]) => {
            let key = |item: &Item| match item {
                Item::Sample(labels, _) => labels.get(label).to_owned(),
                _ => String::new(),
            };
            let mut list = list.clone();
            list.sort_by_key(key);
            Item::List(list)
        }
        ("query" | "first" | "label" | "sortByLabel", _) => {
            return Err(format!("`{name}` is called with values that it does not take"));
        }
        ("match", [pattern, text]) => Item::Bool(regex(&pattern.to_text())?.is_match(&text.to_text())),
        ("parseDuration", [text]) => {
            Item::Number(super::super::parse_duration_ms(&text.to_text())? as f64 / 1000.0)
        }
        _ => return Ok(None),
    }))
}

fn query(text: &str, around: Around<'_>) -> Result<Item, String> {
    let source = around.source.ok_or("`query` has no history to ask here")?;
    let expr = Expr::parse(text).map_err(|error| format!("query {text:?}: {error}"))?;
    let value = expr.eval(source, around.at_ms).map_err(|error| format!("query {text:?}: {error}"))?;
    Ok(Item::List(match value {
        Value::Vector(vector) => {
            vector.into_iter().map(|(labels, value)| Item::Sample(labels, value)).collect()
        }
        Value::Scalar(value) => vec![Item::Sample(Default::default(), value)],
        Value::String(text) => {
            vec![Item::Sample(crate::labels::Labels::new([("__value__", text)]), 0.0)]
        }
        Value::Matrix(_) => return Err(format!("query {text:?}: the answer is a range vector")),
    }))
}

/// Functions that give text.
fn words(name: &str, items: &[Item]) -> Result<String, String> {
    let word = |index: usize| items[index].to_text();
    let all = || items.iter().map(Item::to_text).collect::<Vec<_>>();
    Ok(match name {
        "humanize" => humanize::humanize(items[0].number()?),
        "humanize1024" => humanize::humanize_1024(items[0].number()?),
        "humanizeDuration" => humanize::duration(items[0].number()?),
        "humanizePercentage" => humanize::percentage(items[0].number()?),
        "humanizeTimestamp" | "toTime" => humanize::timestamp(items[0].number()?),
        "toLower" => word(0).to_lowercase(),
        "toUpper" => word(0).to_uppercase(),
        "title" => text::title(&word(0)),
        "reReplaceAll" => regex(&word(0))?.replace_all(&word(2), word(1)).into_owned(),
        "stripPort" => text::strip_port(&word(0)),
        "stripDomain" => text::strip_domain(&word(0)),
        "safeHtml" => word(0),
        "html" => text::escape_html(&all().concat()),
        "js" => all().concat().replace('\\', r"\\").replace('\'', r"\'").replace('"', "\\\""),
        "urlquery" => text::escape_url(&all().concat()),
        "print" => text::print(items),
        "println" => all().join(" ") + "\n",
        "printf" => printf::printf(&word(0), &items[1..]),
        // hostward has no page of graphs, so links lead nowhere.
        "graphLink" | "tableLink" | "externalURL" | "pathPrefix" => String::new(),
        other => return Err(format!("`{other}` is called with values that it does not take")),
    })
}

fn regex(pattern: &str) -> Result<Regex, String> {
    Regex::new(pattern).map_err(|error| crate::promql::regex_reason(pattern, &error))
}
