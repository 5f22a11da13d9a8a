//! A fix as it is written in `content/fixes/NAME.toml`: read strictly, so that what it says is what a script does.

use super::step::{self, How, Step};
use crate::content::{self, ContentError};
use crate::finding::Kind;
use crate::render::{Input, Type};
use serde::Deserialize;
use std::collections::BTreeMap;

const FILE_BYTES_MAX: usize = 64 << 10;
const STEPS_MAX: usize = 64;

/// What can go wrong with a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// It changes nothing.
    None,
    /// Hardly anything depends on it.
    Low,
    /// Something may depend on it.
    Medium,
    /// It can cost a service or the way in.
    High,
}

/// What a fix is an answer to.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answers {
    /// Kinds of findings.
    pub kinds: Vec<Kind>,
    /// Ids of checks.
    pub checks: Vec<String>,
    /// Names of alerts.
    pub alerts: Vec<String>,
}

/// A fix: what is done in which order, with which values.
#[derive(Clone, Debug)]
pub struct Fix {
    /// Its name, which is its file's.
    pub name: String,
    /// What it does, in one line.
    pub title: String,
    /// What can go wrong.
    pub risk: Risk,
    /// True when `--rollback` leaves no trace.
    pub reversible: bool,
    /// True when somebody may find the door closed afterwards: it is undone unless it is confirmed.
    pub can_lock_out: bool,
    /// What it changes, in words.
    pub changes: String,
    /// What may stop working, where there is something.
    pub may_break: Option<String>,
    /// Programs that must be there.
    pub needs: Vec<String>,
    /// Services that are reloaded or restarted.
    pub services: Vec<String>,
    /// What it is an answer to.
    pub answers: Answers,
    inputs: Vec<Input>,
    pub(super) steps: Vec<Call>,
}

/// A step with its arguments.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub step: &'static Step,
    pub why: String,
    pub arguments: Vec<Argument>,
}

/// What is given to a step.
#[derive(Clone, Debug)]
pub(super) enum Argument {
    /// What the fix itself says.
    Fixed(Type, String),
    /// The input of that index.
    Input(usize),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: String,
    title: String,
    risk: Risk,
    reversible: bool,
    #[serde(default)]
    can_lock_out: bool,
    changes: String,
    may_break: Option<String>,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    services: Vec<String>,
    #[serde(default)]
    answers: Answers,
    #[serde(default)]
    inputs: BTreeMap<String, RawInput>,
    step: Vec<RawStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawInput {
    #[serde(rename = "type")]
    kind: Type,
    #[serde(default)]
    required: bool,
    about: String,
}

#[derive(Deserialize)]
struct RawStep {
    #[serde(rename = "do")]
    name: String,
    why: String,
    #[serde(flatten)]
    arguments: BTreeMap<String, RawArgument>,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum RawArgument {
    Text(String),
    Number(i64),
    // Before the input: a list of one text would be taken for a structure with one field.
    List(Vec<RawArgument>),
    Input(InputName),
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct InputName {
    input: String,
}

impl Fix {
    /// Reads a fix; `file` is its file name or path, whose stem is its name.
    pub fn parse(file: &str, text: &str) -> Result<Fix, ContentError> {
        if text.len() > FILE_BYTES_MAX {
            return Err(ContentError::whole(
                file,
                format!("{} bytes, the most is {FILE_BYTES_MAX}", text.len()),
            ));
        }
        let raw: Raw = content::parse(file, text)?;
        build(file, raw).map_err(|message| ContentError::whole(file, message))
    }

    /// The values that it takes.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// True when it only tells people something.
    pub fn only_tells(&self) -> bool {
        self.steps.iter().all(|own| !own.step.changes)
    }
}

fn build(file: &str, raw: Raw) -> Result<Fix, String> {
    let stem = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".toml");
    if raw.name != stem || Type::Word.accept(&raw.name).is_none() {
        return Err(format!("the name is {:?}, the file's is {stem:?}", raw.name));
    }
    if raw.step.is_empty() || raw.step.len() > STEPS_MAX {
        return Err(format!("expected 1 to {STEPS_MAX} steps, found {}", raw.step.len()));
    }
    let word = |word: &&String| Type::Word.accept(word).is_none();
    if let Some(strange) = raw.needs.iter().chain(&raw.services).find(word) {
        return Err(format!("{strange:?} is no name of a program or service"));
    }
    let inputs = raw.inputs.into_iter().map(declared).collect::<Result<Vec<_>, _>>()?;
    let steps = raw.step.into_iter().map(|own| call(own, &inputs)).collect::<Result<Vec<_>, _>>()?;
    refuse_unused(&inputs, &steps)?;
    Ok(Fix {
        name: raw.name,
        title: raw.title,
        risk: raw.risk,
        reversible: raw.reversible,
        can_lock_out: raw.can_lock_out,
        changes: raw.changes,
        may_break: raw.may_break,
        needs: raw.needs,
        services: raw.services,
        answers: raw.answers,
        inputs,
        steps,
    })
}

fn declared((name, raw): (String, RawInput)) -> Result<Input, String> {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if name.is_empty() || !plain {
        return Err(format!("expected an input name of a-z 0-9 _, found {name:?}"));
    }
    Ok(Input { name, kind: raw.kind, required: raw.required, about: raw.about })
}

fn call(mut raw: RawStep, inputs: &[Input]) -> Result<Call, String> {
    let step = step::find(&raw.name).ok_or_else(|| format!("there is no step {:?}", raw.name))?;
    let mut arguments = Vec::new();
    for takes in step.takes {
        let given = match (raw.arguments.remove(takes.name), takes.how) {
            (None, How::Perhaps) => vec![RawArgument::Text(String::new())],
            (None, _) => return Err(format!("step {} needs {}", step.name, takes.name)),
            (Some(RawArgument::List(list)), How::Many) if !list.is_empty() => list,
            (Some(one), _) => vec![one],
        };
        for own in given {
            let own = argument(own, takes.kind, takes.how, inputs);
            arguments.push(own.map_err(|why| format!("step {}, {}: {why}", step.name, takes.name))?);
        }
    }
    match raw.arguments.keys().next() {
        Some(unknown) => Err(format!("step {} takes no {unknown:?}", step.name)),
        None => Ok(Call { step, why: raw.why, arguments }),
    }
}

fn argument(raw: RawArgument, kind: Type, how: How, inputs: &[Input]) -> Result<Argument, String> {
    let text = match raw {
        RawArgument::Text(text) => text,
        RawArgument::Number(number) => number.to_string(),
        RawArgument::List(_) => return Err("one value and not a list".to_owned()),
        RawArgument::Input(own) => return input(&own.input, kind, how, inputs),
    };
    if text.is_empty() && how == How::Perhaps {
        return Ok(Argument::Fixed(kind, text));
    }
    match kind.accept(&text) {
        Some(text) if is_printable(&text) => Ok(Argument::Fixed(kind, text.into_owned())),
        _ => Err(format!("expected {}, found {text:?}", kind.accepts())),
    }
}

/// An input may be of the argument's type, or of a stricter one where any text will do.
fn input(name: &str, kind: Type, how: How, inputs: &[Input]) -> Result<Argument, String> {
    let index =
        inputs.iter().position(|own| own.name == name).ok_or_else(|| format!("{name:?} is no input"))?;
    let own = &inputs[index];
    if own.kind != kind && kind != Type::Text {
        return Err(format!("input {name:?} is of type {}, expected {}", own.kind.as_str(), kind.as_str()));
    }
    if !own.required && how != How::Perhaps {
        return Err(format!("input {name:?} can be absent, and the step needs it"));
    }
    Ok(Argument::Input(index))
}

fn refuse_unused(inputs: &[Input], steps: &[Call]) -> Result<(), String> {
    let used = |index: usize| {
        steps
            .iter()
            .flat_map(|own| &own.arguments)
            .any(|own| matches!(own, Argument::Input(own) if *own == index))
    };
    match (0..inputs.len()).find(|index| !used(*index)) {
        Some(index) => Err(format!("input {:?} is used by no step", inputs[index].name)),
        None => Ok(()),
    }
}

/// Printable ASCII: the words of a fix are read by whoever decides whether root may run it.
fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}
