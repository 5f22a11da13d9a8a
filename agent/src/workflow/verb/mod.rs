//! What verbs do. Each can be done twice without harm, for a process that is killed does its last tasks again.

mod host;
mod outbox;
mod watch;

use crate::history::Desk;
use crate::outlet::Published;
use crate::request::Request;
use crate::state::Recorder;
use crate::vitals::Vitals;
use hostward_harden::workflow::{Answer, Run, Task};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Between two looks whether something has come.
const POLL: Duration = Duration::from_secs(1);

/// What verbs work with.
#[derive(Clone)]
pub struct Means {
    /// The way to the store.
    pub recorder: Recorder,
    /// The way to the loop.
    pub requests: mpsc::Sender<Request>,
    /// The way to the thread for queries.
    pub desk: Desk,
    /// What everybody may read.
    pub published: Arc<Published>,
    /// Numbers that are told of runs.
    pub vitals: Arc<Vitals>,
    /// Where the state is.
    pub state_dir: PathBuf,
    /// Where the host's files lie.
    pub root: PathBuf,
}

/// What a verb gives to later steps.
type Given = BTreeMap<String, String>;
/// How a verb went: what it gives, or the answer that says why not.
type Gave = Result<Given, Answer>;

/// Does a task.
pub async fn act(means: &Means, run: &Run, task: &Task) -> Answer {
    let gave = match task.verb.as_str() {
        "audit" => host::audit(means, task).await,
        "import" => host::import(means, task).await,
        "await-gone" => host::await_gone(means, task).await,
        "propose" => outbox::propose(means, run, task).await,
        "await-approval" => outbox::await_approval(means, task).await,
        "apply" => outbox::apply(means, task).await,
        "confirm" => outbox::confirm(means, task).await,
        "verify" => outbox::verify(means, task).await,
        "withdraw" => outbox::withdraw(means, run, task).await,
        "diagnose" => outbox::diagnose(means, task).await,
        "await-alert" => watch::await_alert(means, task).await,
        "await-anomaly" => watch::await_anomaly(means, task).await,
        "await-metric" => watch::await_metric(means, task).await,
        "notify" => notify(run, task),
        verb => Err(Answer::Hopeless(format!("this hostward knows no verb {verb}"))),
    };
    gave.map_or_else(|answer| answer, Answer::Done)
}

/// Whoever is to be woken hears of it by the rule `WorkflowFailed`, or by the alert that is not over.
fn notify(run: &Run, task: &Task) -> Gave {
    tracing::warn!("workflow {}: {}", run.id, argument(task, "text")?);
    Ok(Given::new())
}

/// Something that the workflow has to give.
fn argument<'t>(task: &'t Task, name: &str) -> Result<&'t str, Answer> {
    let given = task.with.get(name).map(String::as_str);
    given.ok_or_else(|| Answer::Hopeless(format!("{} has no {name}: the step before gave none", task.verb)))
}

fn given<const N: usize>(pairs: [(&str, String); N]) -> Given {
    pairs.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

fn failed(why: impl ToString) -> Answer {
    Answer::Failed(why.to_string())
}

fn hopeless(why: impl ToString) -> Answer {
    Answer::Hopeless(why.to_string())
}

/// Asks again and again; how long that may take is the step's business.
async fn until<F: Future<Output = Result<Option<Given>, Answer>>>(
    every: Duration,
    ask: impl Fn() -> F,
) -> Gave {
    loop {
        if let Some(given) = ask().await? {
            return Ok(given);
        }
        tokio::time::sleep(every).await;
    }
}

/// Asks the store; one that is busy is asked again by the next try.
async fn ask<T: Send + 'static, E: ToString + Send + 'static>(
    means: &Means,
    work: impl FnOnce(&mut crate::state::Store) -> Result<T, E> + Send + 'static,
) -> Result<T, Answer> {
    let answer = means.recorder.ask(work).await.ok_or_else(|| failed("the store is busy"))?;
    answer.map_err(failed)
}

#[cfg(test)]
mod tests {
    /// Each verb that a workflow may name is done above: the name stands in a pattern of this file.
    #[test]
    fn every_verb_is_done() {
        let own = include_str!("mod.rs");
        for verb in hostward_harden::workflow::verb::VERBS {
            assert!(own.contains(&format!("        {:?} => ", verb.name)), "{}", verb.name);
        }
    }
}
