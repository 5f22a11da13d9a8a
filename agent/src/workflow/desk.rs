//! The task that drives runs: one order after the other, written down before anything is done.

use super::verb::{self, Means};
use crate::catalogue;
use crate::clock;
use hostward_harden::workflow::{Answer, Run, Task, Told};
use hostward_model::time;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// Runs that are under way at once; another one is refused.
const RUNS_MAX: usize = 32;
/// Orders that wait.
const ORDERS_MAX: usize = 64;
/// What could not be written down is tried again after this.
const AGAIN: Duration = Duration::from_secs(2);

/// Something that is asked of the desk.
pub enum Order {
    /// A run is wanted.
    Start {
        /// Name of the workflow.
        name: String,
        /// What it is told.
        inputs: BTreeMap<String, String>,
        /// Who wants it.
        by: String,
        /// Answered when it is written down.
        reply: oneshot::Sender<Result<Run, String>>,
    },
    /// A run is to end.
    Cancel {
        /// Its id.
        id: String,
        /// Who says so, and why.
        why: String,
        /// Answered when it is written down.
        reply: oneshot::Sender<Result<Run, String>>,
    },
    /// A task is over.
    Answer {
        /// The run.
        id: String,
        /// What was done.
        task: Task,
        /// How it went.
        answer: Answer,
    },
}

/// The way to the desk.
#[derive(Clone)]
pub struct Runner(mpsc::Sender<Order>);

impl Order {
    /// Whoever asked has gone.
    pub fn is_abandoned(&self) -> bool {
        match self {
            Order::Start { reply, .. } | Order::Cancel { reply, .. } => reply.is_closed(),
            Order::Answer { .. } => false,
        }
    }
}

impl Runner {
    /// Starts the task, which goes on with what is under way.
    pub fn start(means: Means) -> Runner {
        let (orders, inbox) = mpsc::channel(ORDERS_MAX);
        let desk = Desk { means, orders: orders.clone(), runs: BTreeMap::new(), live: HashMap::new() };
        tokio::spawn(desk.work(inbox));
        Runner(orders)
    }

    /// Hands an order over, unless too many wait: then nobody answers.
    pub fn order(&self, order: Order) {
        let _ = self.0.try_send(order);
    }
}

struct Desk {
    means: Means,
    orders: mpsc::Sender<Order>,
    runs: BTreeMap<String, Open>,
    live: HashMap<(String, usize, u32, bool), AbortHandle>,
}

/// A run that is under way, and what is not written down of it yet.
struct Open {
    run: Run,
    unwritten: Option<Vec<Told>>,
    replies: Vec<oneshot::Sender<Result<Run, String>>>,
}

impl Desk {
    async fn work(mut self, mut inbox: mpsc::Receiver<Order>) {
        self.resume().await;
        loop {
            self.settle().await;
            let due = self.due();
            let late = async {
                match due {
                    Some(due) => tokio::time::sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                order = inbox.recv() => match order {
                    Some(order) => self.take(order),
                    None => return,
                },
                () = late => self.advance(),
            }
        }
    }

    /// What was under way when the last process ended is under way.
    async fn resume(&mut self) {
        let runs = loop {
            match self.means.recorder.ask(|store| store.runs()).await {
                Some(Ok(runs)) => break runs,
                Some(Err(error)) => {
                    tracing::error!("runs of workflows cannot be read: {error}");
                    break Vec::new();
                }
                None => tokio::time::sleep(AGAIN).await,
            }
        };
        for run in runs.into_iter().rev() {
            self.means.vitals.workflows.note(&run);
            if run.ended_ms.is_none() {
                tracing::info!("workflow {} goes on", run.id);
                self.runs.insert(run.id.clone(), Open { run, unwritten: None, replies: Vec::new() });
            }
        }
    }

    fn take(&mut self, order: Order) {
        let now_ms = clock::now().wall_ms;
        match order {
            Order::Start { name, inputs, by, reply } => match self.begin(&name, inputs, &by, now_ms) {
                Ok((run, told)) => {
                    let open = Open { run, unwritten: Some(told), replies: vec![reply] };
                    self.runs.insert(open.run.id.clone(), open);
                }
                Err(why) => drop(reply.send(Err(why))),
            },
            Order::Cancel { id, why, reply } => match self.runs.get_mut(&id) {
                Some(open) => {
                    let told = open.run.cancel(&why, now_ms);
                    open.note(told);
                    open.replies.push(reply);
                    open.unwritten.get_or_insert_default();
                }
                None => {
                    drop(reply.send(Err(format!("no run {id} is under way; see hostward workflow list"))))
                }
            },
            Order::Answer { id, task, answer } => {
                self.live.remove(&key(&id, &task));
                if let Some(open) = self.runs.get_mut(&id) {
                    let told = open.run.answer(&task, answer, now_ms);
                    open.note(told);
                }
            }
        }
    }

    fn begin(
        &self,
        name: &str,
        inputs: BTreeMap<String, String>,
        by: &str,
        now_ms: i64,
    ) -> Result<(Run, Vec<Told>), String> {
        if self.runs.len() >= RUNS_MAX {
            return Err(format!("{RUNS_MAX} runs are under way; wait, or cancel one"));
        }
        let all = catalogue::workflows(Path::new(catalogue::DIRECTORY))?;
        let known: Vec<_> = all.iter().map(|own| own.name.clone()).collect();
        let workflow = all.into_iter().find(|own| own.name == name);
        let workflow = workflow
            .ok_or_else(|| format!("no workflow is called {name}; there are {}", known.join(", ")))?;
        let id = |n: u32| format!("{}-{name}-{n}", time::stamp(now_ms));
        let id = (1..).map(id).find(|id| !self.runs.contains_key(id)).unwrap_or_default();
        Run::start(workflow, inputs, &id, by, now_ms)
    }

    fn advance(&mut self) {
        let now_ms = clock::now().wall_ms;
        for open in self.runs.values_mut() {
            let told = open.run.advance(now_ms);
            open.note(told);
        }
    }

    /// Writes down what changed, and only then begins what follows from it.
    async fn settle(&mut self) {
        let ids: Vec<String> = self.runs.keys().cloned().collect();
        for id in ids {
            let Some(open) = self.runs.get_mut(&id) else { continue };
            if open.unwritten.is_some() && !open.write(&self.means).await {
                continue;
            }
            let run = open.run.clone();
            self.means.vitals.workflows.note(&run);
            self.begin_tasks(&run);
            if run.ended_ms.is_some() {
                tracing::info!("workflow {} is {}", run.id, run.phase.as_str());
                self.runs.remove(&id);
            }
        }
    }

    /// What the run says is to be done is being done, and nothing else.
    fn begin_tasks(&mut self, run: &Run) {
        let tasks = run.tasks();
        let wanted: Vec<_> = tasks.iter().map(|task| key(&run.id, task)).collect();
        self.live.retain(|own, task| {
            let keep = own.0 != run.id || wanted.contains(own);
            if !keep {
                task.abort();
            }
            keep
        });
        for (key, task) in wanted.into_iter().zip(tasks) {
            let (means, orders, run) = (self.means.clone(), self.orders.clone(), run.clone());
            self.live.entry(key).or_insert_with(|| {
                let work = async move {
                    let answer = verb::act(&means, &run, &task).await;
                    let _ = orders.send(Order::Answer { id: run.id, task, answer }).await;
                };
                tokio::spawn(work).abort_handle()
            });
        }
    }

    /// When time alone changes something, or something is to be written again.
    fn due(&self) -> Option<Instant> {
        let now_ms = clock::now().wall_ms;
        let wait = |open: &Open| match open.unwritten {
            Some(_) => Some(AGAIN),
            None => {
                open.run.due_ms().map(|due| Duration::from_millis(u64::try_from(due - now_ms).unwrap_or(0)))
            }
        };
        self.runs.values().filter_map(wait).min().map(|wait| Instant::now() + wait)
    }
}

impl Open {
    fn note(&mut self, told: Vec<Told>) {
        if !told.is_empty() {
            self.unwritten.get_or_insert_default().extend(told);
        }
    }

    /// Whoever waits for it is told when it is on disk.
    async fn write(&mut self, means: &Means) -> bool {
        let (run, told) = (self.run.clone(), self.unwritten.clone().unwrap_or_default());
        let written =
            means.recorder.ask(move |store| store.keep_run(&run, &told, clock::now().wall_ms)).await;
        match written {
            Some(Ok(())) => {
                self.unwritten = None;
                self.replies.drain(..).for_each(|reply| drop(reply.send(Ok(self.run.clone()))));
                true
            }
            Some(Err(error)) => {
                tracing::error!("workflow {} cannot be written down, and waits: {error}", self.run.id);
                false
            }
            None => false,
        }
    }
}

fn key(id: &str, task: &Task) -> (String, usize, u32, bool) {
    (id.to_owned(), task.step, task.attempt, task.undoes)
}
