//! A playbook: read once, rendered for each alert that it answers.

use super::body::{self, Body, Line};
use super::error::{Flaw, PlaybookError, RenderError, quoted};
use super::front::{self, Front};
use super::header::Header;
use super::input::Input;
use super::language::{Kind, Language};
use std::borrow::Cow;
use std::collections::BTreeMap;

const PLAYBOOK_BYTES_MAX: usize = 64 << 10;

/// A script for an alert, still without the alert's values.
#[derive(Clone, Debug)]
pub struct Playbook {
    front: Front,
    body: Body,
}

impl Playbook {
    /// Reads a playbook; `file` is its file name or path, whose stem is the name that alerts call it by.
    pub fn parse(file: &str, text: &str) -> Result<Playbook, PlaybookError> {
        parse(file, text).map_err(|flaw| flaw.within(file))
    }

    /// The name by which an alert asks for it.
    pub fn name(&self) -> &str {
        &self.front.name
    }

    /// What it is, for people.
    pub fn title(&self) -> &str {
        &self.front.title
    }

    /// What it does to the host.
    pub fn kind(&self) -> Kind {
        self.front.kind
    }

    /// What it is written in.
    pub fn language(&self) -> &'static Language {
        self.front.language
    }

    /// The values that it takes, by name of the alert label.
    pub fn inputs(&self) -> &[Input] {
        &self.front.inputs
    }

    /// The script for one alert. `labels` fill the inputs of their names; other labels are ignored, and an empty
    /// label is none.
    pub fn render(&self, header: &Header, labels: &BTreeMap<String, String>) -> Result<String, RenderError> {
        let language = self.front.language;
        let values: Vec<_> =
            self.inputs().iter().map(|input| self.value(input, labels)).collect::<Result<_, _>>()?;
        let mut out = format!("{}\n", language.shebang);
        out += &header.lines(language.comment, self.title(), self.name());
        out += language.strict;
        self.body.head.iter().for_each(|line| self.push_head(&mut out, line, &values));
        out += (language.prelude)(self.front.kind);
        out += &self.body.code;
        Ok(out)
    }

    fn value<'a>(
        &self,
        input: &Input,
        labels: &'a BTreeMap<String, String>,
    ) -> Result<Cow<'a, str>, RenderError> {
        match labels.get(&input.name).filter(|value| !value.is_empty()) {
            Some(value) => {
                input.kind.accept(value).ok_or_else(|| RenderError::misfit(self.name(), input, value))
            }
            None if !input.required => Ok(Cow::Borrowed("")),
            None => Err(RenderError::Missing { playbook: self.name().to_owned(), input: input.name.clone() }),
        }
    }

    fn push_head(&self, out: &mut String, line: &Line, values: &[Cow<'_, str>]) {
        match line {
            Line::Fixed(text) => out.push_str(text),
            Line::Binding { variable, input } => {
                let (language, kind) = (self.front.language, self.inputs()[*input].kind);
                let (before, between) = language.binding;
                out.extend([before, variable, between, &(language.literal)(kind, &values[*input])]);
            }
        }
        out.push('\n');
    }
}

fn parse(file: &str, text: &str) -> Result<Playbook, Flaw> {
    refuse_strange_text(text)?;
    let front = front::parse(text)?;
    refuse_other_name(file, &front.name)?;
    let body = body::parse(text, front.lines + 1, front.language, &front.inputs)?;
    Ok(Playbook { front, body })
}

/// Text that does not look like what it is has no place in a script that root will run.
fn refuse_strange_text(text: &str) -> Result<(), Flaw> {
    if text.len() > PLAYBOOK_BYTES_MAX {
        return Err(Flaw::new(1, format!("{} bytes, the most is {PLAYBOOK_BYTES_MAX}", text.len())));
    }
    let allowed = |c: char| matches!(c, ' '..='~' | '\n' | '\t');
    let Some(at) = text.find(|c| !allowed(c)) else { return Ok(()) };
    let line = text[..at].matches('\n').count() + 1;
    let strange: String = text[at..].chars().take(1).collect();
    Err(Flaw::new(
        line,
        format!("found {}; a playbook is printable ASCII, tabs and newlines", quoted(&strange)),
    ))
}

fn refuse_other_name(file: &str, name: &str) -> Result<(), Flaw> {
    let base = file.rsplit('/').next().unwrap_or(file);
    let stem = base.split_once('.').map_or(base, |(stem, _)| stem);
    if name == stem && !name.is_empty() {
        return Ok(());
    }
    Err(Flaw::new(1, format!("the front matter's name is {}, the file's is {}", quoted(name), quoted(stem))))
}
