//! A workflow as it is written in `content/workflows/NAME.toml`, read strictly: what cannot work is refused when it is read.

use super::verb;
use crate::content::{self, ContentError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const FILE_BYTES_MAX: usize = 64 << 10;
const STEPS_MAX: usize = 64;
const RETRIES_MAX: u32 = 20;
const SECONDS_MAX: u64 = 30 * 86_400;

/// A workflow: what is done, after what, and how it is taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workflow {
    /// Its name, which is its file's.
    pub name: String,
    /// What it does, in one line.
    pub title: String,
    /// What it is told, and a sentence for each.
    pub inputs: BTreeMap<String, String>,
    /// What is done.
    pub steps: Vec<Step>,
}

/// One thing that is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its name.
    pub id: String,
    /// What is done.
    pub call: Call,
    /// Places of the steps that it waits for.
    pub after: Vec<usize>,
    /// How often it is tried again.
    pub retries: u32,
    /// The wait before the first of these; it doubles with each.
    pub backoff_s: u64,
    /// How long one try may take.
    pub timeout_s: u64,
    /// What takes it back when a later step fails.
    pub undo: Option<Call>,
}

/// A verb and what it is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Name of the verb.
    pub verb: String,
    /// What it is given.
    pub with: BTreeMap<String, Argument>,
    /// Values for the fix that it proposes.
    pub set: BTreeMap<String, Argument>,
}

/// What is given to a verb.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Argument {
    /// What the workflow itself says.
    Text(String),
    /// What its starter says.
    Input {
        /// Name of the input.
        input: String,
    },
    /// What an earlier step gave.
    Given {
        /// Id of that step.
        step: String,
        /// What of it.
        gives: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: String,
    title: String,
    #[serde(default)]
    inputs: BTreeMap<String, String>,
    step: Vec<RawStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStep {
    id: String,
    #[serde(rename = "do")]
    verb: String,
    #[serde(default)]
    with: BTreeMap<String, Argument>,
    #[serde(default)]
    set: BTreeMap<String, Argument>,
    after: Option<Vec<String>>,
    #[serde(default)]
    retries: u32,
    #[serde(default = "backoff_s")]
    backoff_s: u64,
    #[serde(default = "timeout_s")]
    timeout_s: u64,
    undo: Option<RawCall>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCall {
    #[serde(rename = "do")]
    verb: String,
    #[serde(default)]
    with: BTreeMap<String, Argument>,
}

fn backoff_s() -> u64 {
    5
}

fn timeout_s() -> u64 {
    300
}

impl Workflow {
    /// Reads a workflow; `file` is its file name or path, whose stem is its name.
    pub fn parse(file: &str, text: &str) -> Result<Workflow, ContentError> {
        let whole = |message| ContentError::whole(file, message);
        if text.len() > FILE_BYTES_MAX {
            return Err(whole(format!("{} bytes, the most is {FILE_BYTES_MAX}", text.len())));
        }
        let raw: Raw = content::parse(file, text)?;
        let stem = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".toml");
        if raw.name != stem || !is_name(stem) {
            return Err(whole(format!("the name is {:?}, the file's is {stem:?}", raw.name)));
        }
        build(raw).map_err(whole)
    }
}

fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    !text.is_empty() && text.len() <= 64 && text.bytes().all(plain)
}

fn build(raw: Raw) -> Result<Workflow, String> {
    if raw.step.is_empty() || raw.step.len() > STEPS_MAX {
        return Err(format!("expected 1 to {STEPS_MAX} steps, found {}", raw.step.len()));
    }
    let mut workflow = Workflow { name: raw.name, title: raw.title, inputs: raw.inputs, steps: Vec::new() };
    for own in raw.step {
        let id = own.id.clone();
        let step = step(&workflow, own).map_err(|why| format!("step {id:?}: {why}"))?;
        workflow.steps.push(step);
    }
    Ok(workflow)
}

/// A step waits for earlier ones only, so nothing can wait for itself.
fn step(before: &Workflow, raw: RawStep) -> Result<Step, String> {
    if !is_name(&raw.id) || before.steps.iter().any(|own| own.id == raw.id) {
        return Err("expected a name of a-z 0-9 - _ that no other step has".to_owned());
    }
    let place = |id: &String| {
        let found = before.steps.iter().position(|own| own.id == *id);
        found.ok_or_else(|| format!("{id:?} in after is no earlier step"))
    };
    let after = match &raw.after {
        Some(ids) => ids.iter().map(place).collect::<Result<Vec<_>, _>>()?,
        None => before.steps.len().checked_sub(1).into_iter().collect(),
    };
    if raw.retries > RETRIES_MAX || raw.backoff_s > SECONDS_MAX || !(1..=SECONDS_MAX).contains(&raw.timeout_s)
    {
        return Err(format!("at most {RETRIES_MAX} retries, and 1 to {SECONDS_MAX} seconds"));
    }
    let known = reachable(before, &after);
    let call = Call { verb: raw.verb, with: raw.with, set: raw.set };
    check(before, &call, &known)?;
    let undo = raw.undo.map(|own| Call { verb: own.verb, with: own.with, set: BTreeMap::new() });
    let mut step = Step {
        id: raw.id,
        call,
        after,
        retries: raw.retries,
        backoff_s: raw.backoff_s,
        timeout_s: raw.timeout_s,
        undo: None,
    };
    if let Some(undo) = undo {
        // What takes a step back may use what the step gave.
        let known = known.into_iter().chain([&step]).collect::<Vec<_>>();
        check(before, &undo, &known)?;
        step.undo = Some(undo);
    }
    Ok(step)
}

/// The steps that are done when these are.
fn reachable<'w>(before: &'w Workflow, after: &[usize]) -> Vec<&'w Step> {
    let mut reached = vec![false; before.steps.len()];
    let mut open = after.to_vec();
    while let Some(own) = open.pop() {
        if !std::mem::replace(&mut reached[own], true) {
            open.extend(&before.steps[own].after);
        }
    }
    before.steps.iter().zip(reached).filter(|(_, reached)| *reached).map(|(step, _)| step).collect()
}

fn check(before: &Workflow, call: &Call, known: &[&Step]) -> Result<(), String> {
    let verb = verb::find(&call.verb).ok_or_else(|| format!("there is no verb {:?}", call.verb))?;
    for takes in verb.takes.iter().filter(|own| !own.optional) {
        if !call.with.contains_key(takes.name) {
            return Err(format!("{} needs {}", verb.name, takes.name));
        }
    }
    if let Some(unknown) = call.with.keys().find(|name| !verb.takes.iter().any(|own| own.name == **name)) {
        return Err(format!("{} takes no {unknown:?}", verb.name));
    }
    if verb.name != "propose" && !call.set.is_empty() {
        return Err(format!("{} takes no set: only propose does", verb.name));
    }
    call.with.values().chain(call.set.values()).try_for_each(|own| can_be_had(before, own, known))
}

fn can_be_had(before: &Workflow, own: &Argument, known: &[&Step]) -> Result<(), String> {
    match own {
        Argument::Text(_) => Ok(()),
        Argument::Input { input } if before.inputs.contains_key(input) => Ok(()),
        Argument::Input { input } => Err(format!("{input:?} is no input")),
        Argument::Given { step, gives } => {
            let found = known.iter().find(|own| own.id == *step);
            let found = found.ok_or_else(|| format!("{step:?} is no step that it waits for"))?;
            let verb = verb::find(&found.call.verb);
            match verb.filter(|own| own.gives.contains(&gives.as_str())) {
                Some(_) => Ok(()),
                None => Err(format!("{step:?} gives no {gives:?}")),
            }
        }
    }
}
