//! A daemon, and a run of a workflow in it.

use super::support::{PATIENCE, Scratch, ask, eventually, printed};
use serde_json::Value;
use std::time::{Duration, Instant};

/// What a verb says, as JSON; it may end with 1.
pub fn said(scratch: &Scratch, arguments: &[&str]) -> Value {
    let output = ask(scratch, &[arguments, &["--format", "json"]].concat());
    let (text, complaint) = printed(&output);
    assert!(output.status.code().is_some_and(|code| code < 2), "{arguments:?}: {complaint}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{text}\n{complaint}"))
}

/// Starts a workflow and gives the run's id.
pub fn start(scratch: &Scratch, name: &str, inputs: &[(&str, &str)]) -> String {
    let sets: Vec<String> = inputs.iter().map(|(name, text)| format!("{name}={text}")).collect();
    let sets: Vec<&str> = sets.iter().flat_map(|own| ["--set", own.as_str()]).collect();
    let run = said(scratch, &[&["workflow", "start", name], sets.as_slice()].concat());
    run["id"].as_str().unwrap().to_owned()
}

/// How a run stands.
pub fn shown(scratch: &Scratch, id: &str) -> Value {
    said(scratch, &["workflow", "show", id])
}

/// How a step of it stands.
pub fn standing(scratch: &Scratch, id: &str, step: &str) -> String {
    let run = shown(scratch, id);
    let own = run["steps"].as_array().unwrap().iter().find(|own| own["id"] == step).unwrap().clone();
    own["standing"].as_str().unwrap().to_owned()
}

/// Waits until a step is done.
pub fn await_step(scratch: &Scratch, id: &str, step: &str) {
    eventually(&format!("{step} of {id}"), || standing(scratch, id, step) == "done");
}

/// Waits until a run has ended in this way.
pub fn await_end(scratch: &Scratch, id: &str, phase: &str) {
    let begun = Instant::now();
    loop {
        let run = shown(scratch, id);
        if run["phase"] == phase {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{phase} of {id} did not come: {run:#}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Something that a step gave.
pub fn gave(scratch: &Scratch, id: &str, step: &str, name: &str) -> String {
    let run = shown(scratch, id);
    let own = run["steps"].as_array().unwrap().iter().find(|own| own["id"] == step).unwrap();
    own["gave"][name].as_str().unwrap_or_default().to_owned()
}

/// What happened in a run, without times.
pub fn events(scratch: &Scratch, id: &str) -> Vec<String> {
    let output = ask(scratch, &["events", "--after", "0", "--format", "json"]);
    let (text, _) = printed(&output);
    let all = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let ours = all.filter(|own| own["object"].as_str().unwrap().starts_with(id));
    ours.map(|own| {
        let object = own["object"].as_str().unwrap().replacen(id, "", 1);
        format!(
            "{}{object} {}",
            own["what"].as_str().unwrap().replacen("workflow ", "", 1),
            own["said"].as_str().unwrap()
        )
    })
    .collect()
}
