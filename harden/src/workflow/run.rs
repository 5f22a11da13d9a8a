//! One run of a workflow: how far each step is, what is to be done now, and what is taken back when one fails.
//!
//! ```text
//! waiting ─▶ running ─▶ done ──────────────▶ undoing ─▶ undone
//!    │        │   ▲                             ▲  └───▶ stuck
//!    │        │   └── resting ◀─ failed, tried again
//!    │        └──▶ failed ──── given up ────────┘
//!    └──▶ skipped
//! ```
//!
//! Times are wall clock: a run outlives boots.

use super::standing::{Phase, Progress, Standing};
use super::task::{Answer, Task, Told, What};
use super::{Argument, Step, Workflow};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Steps that are done at once; the others wait.
const RUNNING_MAX: usize = 8;
/// What is kept of what a step said or gave, in characters each.
const SAID_CHARS_MAX: usize = 2_000;
/// The longest rest before a step is tried again.
const REST_MS_MAX: i64 = 3_600_000;

/// One run of a workflow. It holds the workflow as it was at the start: another text changes nothing that has begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its name.
    pub id: String,
    /// What is done.
    pub workflow: Workflow,
    /// What it was told.
    pub inputs: BTreeMap<String, String>,
    /// Who wants it.
    pub by: String,
    /// When it began.
    pub started_ms: i64,
    /// When it ended.
    pub ended_ms: Option<i64>,
    /// How it stands.
    pub phase: Phase,
    /// Why it does not go on; empty while it does.
    pub why: String,
    /// How each step stands, in the order of the workflow.
    pub steps: Vec<Progress>,
    /// Places of the steps that have something to take back, in the order in which they were done.
    trail: Vec<usize>,
}

impl Run {
    /// Begins; every input has to be given, and nothing else.
    pub fn start(
        workflow: Workflow,
        inputs: BTreeMap<String, String>,
        id: &str,
        by: &str,
        now_ms: i64,
    ) -> Result<(Run, Vec<Told>), String> {
        if let Some((name, about)) = workflow.inputs.iter().find(|(name, _)| !inputs.contains_key(*name)) {
            return Err(format!("{name} is missing: {about}"));
        }
        if let Some(name) = inputs.keys().find(|name| !workflow.inputs.contains_key(*name)) {
            return Err(format!("{} takes no {name:?}", workflow.name));
        }
        let mut all = vec![told(What::Started, "", &workflow.name)];
        let mut run = Run {
            id: id.to_owned(),
            steps: vec![Progress::default(); workflow.steps.len()],
            workflow,
            inputs,
            by: by.to_owned(),
            started_ms: now_ms,
            ended_ms: None,
            phase: Phase::Running,
            why: String::new(),
            trail: Vec::new(),
        };
        all.extend(run.advance(now_ms));
        Ok((run, all))
    }

    /// What is to be done now. It is the same until it is answered, also for another process.
    pub fn tasks(&self) -> Vec<Task> {
        let at_work =
            |own: &usize| matches!(self.steps[*own].standing, Standing::Running | Standing::Undoing);
        (0..self.steps.len()).filter(at_work).filter_map(|place| self.task(place)).collect()
    }

    /// When time alone changes something.
    pub fn due_ms(&self) -> Option<i64> {
        let timed = |own: &&Progress| {
            matches!(own.standing, Standing::Running | Standing::Resting | Standing::Undoing)
        };
        self.steps.iter().filter(timed).map(|own| own.due_ms).min()
    }

    /// Takes note of the time, and begins what can be begun.
    pub fn advance(&mut self, now_ms: i64) -> Vec<Told> {
        let mut all = Vec::new();
        for place in 0..self.steps.len() {
            if self.steps[place].due_ms > now_ms {
                continue;
            }
            match self.steps[place].standing {
                Standing::Running | Standing::Undoing => {
                    let timeout_s = self.workflow.steps[place].timeout_s;
                    let why = Answer::Failed(format!("not done within {timeout_s} s"));
                    all.extend(self.settle(place, why, now_ms));
                }
                Standing::Resting => all.extend(self.begin(place, now_ms)),
                _ => {}
            }
        }
        all.extend(self.go_on(now_ms));
        all
    }

    /// Takes the answer to a task; one that nobody waits for any more changes nothing.
    pub fn answer(&mut self, task: &Task, answer: Answer, now_ms: i64) -> Vec<Told> {
        let own = &self.steps[task.step];
        let wanted = if task.undoes { Standing::Undoing } else { Standing::Running };
        if own.standing != wanted || own.attempt != task.attempt {
            return Vec::new();
        }
        let mut all = self.settle(task.step, answer, now_ms);
        all.extend(self.go_on(now_ms));
        all
    }

    /// Somebody ends it: what was done is taken back.
    pub fn cancel(&mut self, why: &str, now_ms: i64) -> Vec<Told> {
        if self.phase != Phase::Running {
            return Vec::new();
        }
        self.turn_back(Phase::Cancelling, why);
        self.go_on(now_ms)
    }

    fn task(&self, place: usize) -> Option<Task> {
        let (step, own) = (&self.workflow.steps[place], &self.steps[place]);
        let undoes = own.standing == Standing::Undoing;
        let call = if undoes { step.undo.as_ref()? } else { &step.call };
        let (with, set) = (self.values(&call.with), self.values(&call.set));
        Some(Task { step: place, attempt: own.attempt, undoes, verb: call.verb.clone(), with, set })
    }

    fn values(&self, arguments: &BTreeMap<String, Argument>) -> BTreeMap<String, String> {
        arguments.iter().filter_map(|(name, own)| Some((name.clone(), self.value(own)?))).collect()
    }

    fn value(&self, own: &Argument) -> Option<String> {
        match own {
            Argument::Text(text) => Some(text.clone()),
            Argument::Input { input } => self.inputs.get(input).cloned(),
            Argument::Given { step, gives } => {
                let place = self.workflow.steps.iter().position(|own| own.id == *step)?;
                self.steps[place].gave.get(gives).cloned()
            }
        }
    }

    /// Begins a try: the first, or after a rest.
    fn begin(&mut self, place: usize, now_ms: i64) -> Vec<Told> {
        let (step, own) = (&self.workflow.steps[place], &mut self.steps[place]);
        let undoes = self.phase != Phase::Running;
        own.standing = if undoes { Standing::Undoing } else { Standing::Running };
        own.attempt += 1;
        own.due_ms = now_ms.saturating_add(ms(step.timeout_s));
        let verb = verb_of(step, undoes);
        let running = told(What::ToolRunning, &step.id, &format!("{verb}, try {}", own.attempt));
        let first = (own.attempt == 1).then(|| {
            let how = if undoes { "taken back: " } else { "" };
            told(What::Step, &step.id, &format!("{how}{verb}"))
        });
        first.into_iter().chain([running]).collect()
    }

    /// What a task's end makes of its step, and of the run.
    fn settle(&mut self, place: usize, answer: Answer, now_ms: i64) -> Vec<Told> {
        let (step, own) = (&self.workflow.steps[place], &mut self.steps[place]);
        let undoes = own.standing == Standing::Undoing;
        let can_again = own.attempt <= step.retries && !matches!(answer, Answer::Hopeless(_));
        let (id, verb) = (step.id.clone(), verb_of(step, undoes).to_owned());
        match answer {
            Answer::Done(gave) => {
                own.standing = if undoes { Standing::Undone } else { Standing::Done };
                own.said = String::new();
                if !undoes {
                    own.gave = gave.into_iter().map(|(name, text)| (name, cut(&text))).collect();
                    self.trail.push(place);
                }
                vec![told(What::ToolDone, &id, &format!("{verb}: done"))]
            }
            Answer::Failed(why) | Answer::Hopeless(why) => {
                own.said = cut(&why);
                if can_again {
                    own.standing = Standing::Resting;
                    own.due_ms = now_ms.saturating_add(rest_ms(step, own.attempt));
                } else if undoes {
                    own.standing = Standing::Stuck;
                } else {
                    own.standing = Standing::Failed;
                    // It may have done a part before it failed.
                    self.trail.push(place);
                    self.turn_back(Phase::Failing, &format!("{id}: {why}"));
                }
                vec![told(What::ToolDone, &id, &format!("{verb}: {why}"))]
            }
        }
    }

    /// Nothing new is begun, and what is under way is given up; all of it is taken back.
    fn turn_back(&mut self, phase: Phase, why: &str) {
        if self.phase != Phase::Running {
            return;
        }
        (self.phase, self.why) = (phase, cut(why));
        for (place, own) in self.steps.iter_mut().enumerate() {
            match own.standing {
                Standing::Waiting => own.standing = Standing::Skipped,
                Standing::Running | Standing::Resting => {
                    own.standing = Standing::Failed;
                    own.said = "given up".to_owned();
                    self.trail.push(place);
                }
                _ => {}
            }
        }
    }

    fn go_on(&mut self, now_ms: i64) -> Vec<Told> {
        match self.phase {
            Phase::Running => self.go_forward(now_ms),
            Phase::Failing | Phase::Cancelling => self.go_back(now_ms),
            Phase::Done | Phase::Failed | Phase::Cancelled => Vec::new(),
        }
    }

    fn go_forward(&mut self, now_ms: i64) -> Vec<Told> {
        let is = |place: usize, standing| self.steps[place].standing == standing;
        let places = 0..self.steps.len();
        if places.clone().all(|place| is(place, Standing::Done)) {
            return self.end(Phase::Done, now_ms);
        }
        let ready = |place: &usize| {
            is(*place, Standing::Waiting)
                && self.workflow.steps[*place].after.iter().all(|own| is(*own, Standing::Done))
        };
        let is_at_work = |place: &usize| is(*place, Standing::Running) || is(*place, Standing::Resting);
        let at_work = places.clone().filter(is_at_work).count();
        let ready: Vec<_> = places.filter(ready).take(RUNNING_MAX.saturating_sub(at_work)).collect();
        ready.into_iter().flat_map(|place| self.begin(place, now_ms)).collect()
    }

    /// One after the other, the last first.
    fn go_back(&mut self, now_ms: i64) -> Vec<Told> {
        if self.steps.iter().any(|own| matches!(own.standing, Standing::Undoing | Standing::Resting)) {
            return Vec::new();
        }
        while let Some(place) = self.trail.pop() {
            if let Some(undo) = &self.workflow.steps[place].undo
                && self.values(&undo.with).len() == undo.with.len()
            {
                self.steps[place].attempt = 0;
                return self.begin(place, now_ms);
            }
        }
        let phase = if self.phase == Phase::Failing { Phase::Failed } else { Phase::Cancelled };
        self.end(phase, now_ms)
    }

    fn end(&mut self, phase: Phase, now_ms: i64) -> Vec<Told> {
        (self.phase, self.ended_ms) = (phase, Some(now_ms));
        let why = if self.why.is_empty() { String::new() } else { format!(": {}", self.why) };
        vec![told(What::Completed, "", &format!("{}{why}", phase.as_str()))]
    }
}

fn told(what: What, step: &str, said: &str) -> Told {
    Told { what, step: step.to_owned(), said: cut(said) }
}

fn verb_of(step: &Step, undoes: bool) -> &str {
    let call = if undoes { step.undo.as_ref() } else { Some(&step.call) };
    call.map_or("", |own| own.verb.as_str())
}

fn ms(seconds: u64) -> i64 {
    i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX)
}

fn rest_ms(step: &Step, attempt: u32) -> i64 {
    let doubled = 1_i64.checked_shl(attempt.saturating_sub(1)).unwrap_or(i64::MAX);
    ms(step.backoff_s).saturating_mul(doubled).min(REST_MS_MAX)
}

fn cut(text: &str) -> String {
    crate::finding::text::lines(text, SAID_CHARS_MAX)
}
