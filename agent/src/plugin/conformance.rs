//! Whether a shared object keeps the rules of the interface: tried in a child, confined as the daemon would confine it.

use super::capture::{Captured, capture};
use super::ground::Ground;
use super::spawn::start_to_conform;
use super::spec::Plugin;
use hostward_formats::Exit;
use std::time::Duration;

/// How long all rules together may take: a thousand answers are among them.
const TIMEOUT: Duration = Duration::from_secs(120);

/// One rule, and what was seen or what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// What came of it.
    pub verdict: Result<String, String>,
}

/// Tries all rules.
pub fn rules(plugin: &Plugin, ground: &Ground) -> Result<Vec<Rule>, String> {
    let plugin = Plugin { timeout: TIMEOUT, ..plugin.clone() };
    let started = start_to_conform(&plugin, ground).map_err(|trouble| trouble.why)?;
    let (told, _stop) = std::io::pipe().map_err(|error| error.to_string())?;
    let captured = capture(started, &plugin.limits, TIMEOUT, &told);
    let rules = read(&captured);
    match rules.is_empty() {
        true => Err(String::from_utf8_lossy(&captured.stderr).trim().to_owned()),
        false => Ok(rules),
    }
}

/// What the child has said; the rule that it did not come back from is broken.
fn read(captured: &Captured) -> Vec<Rule> {
    let text = String::from_utf8_lossy(&captured.stdout);
    let (mut rules, mut tried) = (Vec::new(), None);
    for line in text.lines() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (name, said) = rest.split_once(": ").unwrap_or((rest, ""));
        let verdict = match word {
            "ok" => Ok(said.to_owned()),
            "bad" => Err(said.to_owned()),
            _ => {
                tried = (word == "try").then(|| rest.to_owned());
                continue;
            }
        };
        tried = None;
        rules.push(Rule { name: name.to_owned(), verdict });
    }
    rules.extend(tried.map(|name| Rule { name, verdict: Err(end(captured)) }));
    rules
}

fn end(captured: &Captured) -> String {
    match (captured.exit, &captured.trouble) {
        (_, Some(trouble)) => trouble.why.clone(),
        (Exit::Signal(signal), None) => format!("it crashed (signal {signal})"),
        _ => "it ended the process".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::reading::Raw;

    #[test]
    fn the_rule_that_it_does_not_come_back_from_is_broken() {
        let mut captured =
            Raw::text(b"try a b\nok a b: fine: 2\ntry c\nbad c: not so\ntry d\n".to_vec()).captured;
        captured.exit = Exit::Signal(11);
        let rule = |name: &str, verdict| Rule { name: name.to_owned(), verdict };
        assert_eq!(
            read(&captured),
            [
                rule("a b", Ok("fine: 2".to_owned())),
                rule("c", Err("not so".to_owned())),
                rule("d", Err("it crashed (signal 11)".to_owned()))
            ]
        );
    }
}
