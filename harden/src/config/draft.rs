//! A configuration while it is worked out: what it will be filled with, and what is remarked on the way.

use super::artifact::{Artifact, Entry, Remark, Rendering};
use super::choice::{Choice, choose};
use super::front::Front;
use super::host::Host;
use super::library::Library;
use super::wish::Wish;
use std::collections::BTreeMap;

/// What a name in a template stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// Something that is or is not.
    Flag,
    /// One value of the name's type.
    One(String),
    /// Several.
    Many(Vec<String>),
}

/// A configuration while it is worked out.
pub struct Draft<'a> {
    pub host: &'a Host<'a>,
    pub wish: &'a Wish,
    pub front: &'a Front,
    /// Where the main part goes.
    pub path: String,
    library: &'a Library,
    inputs: BTreeMap<String, Given>,
    choices: Vec<Choice>,
    kept: Vec<Remark>,
    refused: Vec<Remark>,
    entries: Vec<(String, Entry)>,
    /// Path, mode now, and mode then.
    modes: Vec<(String, u32, u32)>,
}

impl<'a> Draft<'a> {
    pub fn new(library: &'a Library, front: &'a Front, host: &'a Host<'a>, wish: &'a Wish) -> Draft<'a> {
        let chosen = front.values.iter().filter_map(|(name, own)| choose(&front.name, name, own, wish));
        let choices: Vec<Choice> = chosen.collect();
        let inputs = choices.iter().map(|own| (own.name.clone(), Given::One(own.value.clone()))).collect();
        let path = front.path.clone();
        let (kept, refused, entries, modes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Draft { host, wish, front, path, library, inputs, choices, kept, refused, entries, modes }
    }

    /// The value that a name has now.
    pub fn value(&self, name: &str) -> Option<&str> {
        match self.inputs.get(name) {
            Some(Given::One(value)) => Some(value),
            _ => None,
        }
    }

    /// What an administrator says of an input.
    pub fn parameter(&self, name: &str) -> Option<&'a str> {
        self.wish.parameters.get(&format!("{}.{name}", self.front.name)).map(String::as_str)
    }

    /// The same between its commas.
    pub fn listed(&self, name: &str) -> Option<Vec<String>> {
        Some(self.parameter(name)?.split(',').map(|own| own.trim().to_owned()).collect())
    }

    pub fn give(&mut self, name: &str, given: Given) {
        self.inputs.insert(name.to_owned(), given);
    }

    /// The setting will not be made.
    pub fn leave_out(&mut self, name: &str) {
        self.inputs.remove(name);
        self.choices.retain(|own| own.name != name);
    }

    /// Another value than the one that was chosen.
    pub fn put(&mut self, name: &str, value: &str) {
        self.give(name, Given::One(value.to_owned()));
        for own in self.choices.iter_mut().filter(|own| own.name == name) {
            value.clone_into(&mut own.value);
        }
    }

    pub fn keep(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.kept.push(Remark { what: what.into(), why: why.into() });
    }

    pub fn refuse(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.refused.push(Remark { what: what.into(), why: why.into() });
    }

    /// A file of root's.
    pub fn file(&mut self, path: &str, text: String, mode: u32) {
        self.lay(path, Entry::File(text, mode));
    }

    /// Another mode for what is at a path.
    pub fn chmod(&mut self, path: &str, now: u32, mode: u32) {
        self.modes.push((path.to_owned(), now, mode));
    }

    /// What is to lie at a path.
    pub fn lay(&mut self, path: &str, entry: Entry) {
        self.entries.push((path.to_owned(), entry));
    }

    /// A part of the template, filled.
    pub fn part(&self, part: &str) -> Result<String, String> {
        self.library.fill(self.front, part, self.wish, &self.inputs)
    }

    pub fn finish(self, main: String) -> Rendering {
        let host = self.host;
        let artifact = |(path, entry): (String, Entry)| {
            let before = before(host, &path, &entry);
            Artifact::new(path, entry, before)
        };
        let mode = |(path, now, mode)| Artifact::new(path, Entry::Mode(mode), Entry::Mode(now));
        let modes: Vec<Artifact> = self.modes.into_iter().filter_map(mode).collect();
        Rendering {
            target: self.front.name.clone(),
            absent: None,
            artifacts: self.entries.into_iter().filter_map(artifact).chain(modes).collect(),
            choices: self.choices,
            kept: self.kept,
            refused: self.refused,
            main,
        }
    }
}

/// What lies at a path now, as a link where a link is to come or to go. A file may have been found by a link to it.
fn before(host: &Host<'_>, path: &str, entry: &Entry) -> Entry {
    let linked = !matches!(entry, Entry::File(..));
    let real = || host.texts.values().find(|own| own.path == path);
    match host.texts.get(path).or_else(real) {
        None => Entry::Absent,
        Some(own) => match &own.link {
            Some(target) if linked => Entry::Link(target.clone()),
            _ => Entry::File(own.text.clone(), own.mode),
        },
    }
}
