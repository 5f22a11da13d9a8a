//! The functions of templates.

use super::{Item, humanize, printf};
use regex::Regex;

/// A function and how many arguments it takes; the last one may come through the pipe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Function {
    pub name: &'static str,
    arguments_min: usize,
    arguments_max: usize,
}

const FUNCTIONS: &[Function] = &[
    one("humanize"),
    one("humanize1024"),
    one("humanizeDuration"),
    one("humanizePercentage"),
    one("humanizeTimestamp"),
    one("toLower"),
    one("toUpper"),
    one("title"),
    Function { name: "reReplaceAll", arguments_min: 3, arguments_max: 3 },
    Function { name: "printf", arguments_min: 1, arguments_max: 16 },
];

const fn one(name: &'static str) -> Function {
    Function { name, arguments_min: 1, arguments_max: 1 }
}

impl Function {
    /// The function with a name.
    pub fn find(name: &str) -> Result<Function, String> {
        FUNCTIONS.iter().find(|function| function.name == name).copied().ok_or_else(|| {
            let names: Vec<_> = FUNCTIONS.iter().map(|function| function.name).collect();
            format!("templates have no function `{name}`: there are {}", names.join(", "))
        })
    }

    /// Whether it can be called with so many arguments.
    pub fn check(self, arguments: usize) -> Result<(), String> {
        if (self.arguments_min..=self.arguments_max).contains(&arguments) {
            return Ok(());
        }
        Err(format!("`{}` takes {} argument(s), not {arguments}", self.name, self.arguments_min))
    }

    /// Its value.
    pub fn call(self, items: &[Item]) -> Result<Item, String> {
        let text = |index: usize| items[index].to_text();
        Ok(Item::Text(match self.name {
            "humanize" => humanize::humanize(items[0].number()?),
            "humanize1024" => humanize::humanize_1024(items[0].number()?),
            "humanizeDuration" => humanize::duration(items[0].number()?),
            "humanizePercentage" => humanize::percentage(items[0].number()?),
            "humanizeTimestamp" => humanize::timestamp(items[0].number()?),
            "toLower" => text(0).to_lowercase(),
            "toUpper" => text(0).to_uppercase(),
            "title" => title(&text(0)),
            "reReplaceAll" => {
                let pattern = Regex::new(&text(0)).map_err(|error| error.to_string())?;
                pattern.replace_all(&text(2), text(1)).into_owned()
            }
            _ => printf::printf(&text(0), &items[1..])?,
        }))
    }
}

fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut begins = true;
    for c in text.chars() {
        if begins {
            out.extend(c.to_uppercase())
        } else {
            out.push(c)
        }
        begins = !c.is_alphanumeric();
    }
    out
}
