//! Verbs about scripts. None of them changes the host: what applies is a process of root's.

use super::{Gave, Given, Means, POLL, argument, ask, failed, given, hopeless, host, until, watch};
use crate::apply::{self, Mode};
use crate::aside::aside_with;
use crate::mend::{self, Wanted};
use crate::outbox::{Answered, Artifact, Asked, Kind, Stage, Step, sha256};
use crate::request::Request;
use crate::{clock, known};
use hostward_harden::finding::state::State;
use hostward_harden::workflow::{Answer, Run, Task};
use std::path::Path;
use tokio::sync::oneshot;

const STACK_BYTES: usize = 1 << 20;

/// Has a script written, once in each run.
pub async fn propose(means: &Means, run: &Run, task: &Task) -> Gave {
    let what = argument(task, "what")?;
    let alert = watch::firing(means, what);
    let mut wanted = wanted(&means.state_dir, what, alert.as_ref())?;
    if let (Some(base), Some(path)) = (task.with.get("base"), wanted.values.get_mut("path")) {
        *path = Path::new(base).join(&*path).display().to_string();
    }
    wanted.values.extend(task.set.clone());
    wanted.by = format!("workflow {}", run.id);
    if wanted.answers.alert.is_empty() {
        // A name for this step of this run: done again, it is known again.
        wanted.answers.at_ms = run.started_ms + task.step as i64;
    }
    let artifact = match proposed(means, &wanted).await? {
        Some(artifact) => artifact,
        None => match want(means, wanted.clone()).await {
            Ok(artifact) => artifact,
            // The alert's own answer may have come in between.
            Err(why) => proposed(means, &wanted).await?.ok_or(why)?,
        },
    };
    Ok(given([("artifact", artifact.id), ("fix", artifact.playbook)]))
}

async fn want(means: &Means, wanted: Wanted) -> Result<Artifact, Answer> {
    let (reply, answer) = oneshot::channel();
    means.requests.send(Request::Want { wanted, reply }).await.map_err(failed)?;
    answer.await.map_err(|_| failed("too much waits for the outbox"))?.map_err(failed)
}

async fn proposed(means: &Means, wanted: &Wanted) -> Result<Option<Artifact>, Answer> {
    let all = ask(means, |store| store.artifacts()).await?;
    let answers = &wanted.answers;
    let same = |own: &Artifact| {
        own.playbook == wanted.fix && own.alert == answers.alert && own.fired_ms == answers.at_ms
    };
    Ok(all.into_iter().find(same))
}

/// What answers a finding, a firing alert, a check or the name of a fix.
fn wanted(state_dir: &Path, what: &str, alert: Option<&hostward_engine::Alert>) -> Result<Wanted, Answer> {
    let library = mend::library().map_err(hopeless)?;
    if let Some(alert) = alert {
        let none = || hopeless(format!("no fix is known for {what} that nobody has to say more about"));
        return mend::for_alert(&library, alert).ok_or_else(none);
    }
    let known = known::read(state_dir).map_err(failed)?;
    let (choice, finding, saw) = match known.get(what) {
        Some(own) => (library.for_finding(&own.finding), what, own.finding.title.clone()),
        None => (library.for_check(what), "", String::new()),
    };
    let named = || library.get(what).map(|fix| (fix.name.clone(), Default::default()));
    let (fix, values) = choice
        .map(|own| (own.fix.name.clone(), own.values))
        .or_else(named)
        .ok_or_else(|| hopeless(format!("no fix is known for {what}")))?;
    let [alert, name] = ["", what].map(str::to_owned);
    let answers = Answered { alert, name, at_ms: 0, finding: finding.to_owned(), saw };
    let about = vec![("answers".to_owned(), what.to_owned())];
    Ok(Wanted { fix, values, answers, by: String::new(), about })
}

async fn artifact(means: &Means, id: &str) -> Result<Artifact, Answer> {
    let own = id.to_owned();
    let found = ask(means, move |store| store.artifact(&own)).await?;
    found.ok_or_else(|| hopeless(format!("there is no script {id} in the outbox")))
}

/// Waits until a script is in one of these stages; an end of another kind is one.
async fn reaches(means: &Means, task: &Task, wanted: &[Stage]) -> Gave {
    let id = argument(task, "artifact")?;
    until(POLL, || async {
        let own = artifact(means, id).await?;
        let over = matches!(
            own.state,
            Stage::Rejected | Stage::Expired | Stage::Failed | Stage::Stuck | Stage::RolledBack
        );
        match own.steps.last() {
            Some(step) if over => Err(hopeless(format!("{id} is {}: {}", own.state, step.comment))),
            step if wanted.contains(&own.state) => {
                Ok(Some(given([("by", step.map_or(String::new(), |step| step.by.clone()))])))
            }
            _ => Ok(None),
        }
    })
    .await
}

pub async fn await_approval(means: &Means, task: &Task) -> Gave {
    use Stage::{Applied, Applying, Approved, Confirmed, Verified};
    reaches(means, task, &[Approved, Applying, Applied, Confirmed, Verified]).await
}

pub async fn apply(means: &Means, task: &Task) -> Gave {
    reaches(means, task, &[Stage::Applied, Stage::Confirmed, Stage::Verified]).await?;
    Ok(Given::new())
}

pub async fn confirm(means: &Means, task: &Task) -> Gave {
    reaches(means, task, &[Stage::Confirmed, Stage::Verified]).await?;
    Ok(Given::new())
}

/// Looks afresh until it is mended; then the script is verified.
pub async fn verify(means: &Means, task: &Task) -> Gave {
    let id = argument(task, "artifact")?;
    let own = artifact(means, id).await?;
    let saw =
        until(POLL, || async { Ok(seen(means, task, &own).await?.map(|saw| given([("saw", saw)]))) }).await?;
    let now = artifact(means, id).await?;
    if now.state != Stage::Verified {
        step(means, &now, Stage::Verified, &saw["saw"], "hostward").await?;
    }
    Ok(saw)
}

/// What a look saw, when it is mended.
async fn seen(means: &Means, task: &Task, own: &Artifact) -> Result<Option<String>, Answer> {
    if let Some(expr) = task.with.get("expr") {
        let value = watch::holds(means, expr).await?;
        return Ok(value.map(|value| format!("{expr} is {value}")));
    }
    if task.with.contains_key("check") {
        let (holds, saw) = host::judged(means, task).await?.verdict().map_err(failed)?;
        return Ok(holds.then_some(saw));
    }
    if !own.alert.is_empty() {
        return Ok(watch::firing(means, &own.alert)
            .is_none()
            .then(|| format!("{} fires no more", own.alert_name)));
    }
    let known = known::read(&means.state_dir).map_err(failed)?;
    match known.get(&own.finding) {
        Some(known) => {
            Ok((known.state == State::Closed).then(|| "a scan does not see it any more".to_owned()))
        }
        None => {
            Err(hopeless(format!("{} answers nothing that could be looked at: give expr or check", own.id)))
        }
    }
}

/// One that was applied is root's to undo.
pub async fn withdraw(means: &Means, run: &Run, task: &Task) -> Gave {
    let own = artifact(means, argument(task, "artifact")?).await?;
    match own.state {
        Stage::Proposed | Stage::Approved => {
            step(means, &own, Stage::Rejected, &run.why, "hostward").await?;
            Ok(Given::new())
        }
        state if state.can_be_undone() => {
            Err(hopeless(format!("{} is {state}; as root: hostward rollback {}", own.id, own.id)))
        }
        _ => Ok(Given::new()),
    }
}

async fn step(means: &Means, own: &Artifact, stage: Stage, comment: &str, by: &str) -> Result<(), Answer> {
    let (reply, answer) = oneshot::channel();
    let step = Step {
        stage,
        at_ms: clock::now().wall_ms,
        by: by.to_owned(),
        comment: comment.to_owned(),
        sha256: own.sha256.clone(),
        diff_sha256: None,
    };
    let asked = Asked { id: own.id.clone(), step, four_eyes: false };
    means.requests.send(Request::Step { asked, by_root: true, reply }).await.map_err(failed)?;
    answer.await.map_err(|_| failed("too much waits for the outbox"))?.map_err(failed)?;
    Ok(())
}

/// Runs the script of an alert that only looks, as whoever the daemon is.
pub async fn diagnose(means: &Means, task: &Task) -> Gave {
    let name = argument(task, "alert")?;
    until(POLL, || async {
        let all = ask(means, |store| store.artifacts()).await?;
        let ours =
            |own: &Artifact| own.kind == Kind::Diagnostic && (own.alert_name == name || own.alert == name);
        let Some(own) = all.into_iter().find(ours) else { return Ok(None) };
        let dir = means.state_dir.join("outbox");
        aside_with("diagnose", STACK_BYTES, move || looked(&dir, &own)).await.map_err(failed)?.map(Some)
    })
    .await
}

fn looked(dir: &Path, own: &Artifact) -> Gave {
    let script = dir.join(format!("{}.sh", own.id));
    let text = std::fs::read(&script).map_err(failed)?;
    if sha256(&text) != own.sha256 {
        return Err(hopeless(format!("the script of {} is not the one that was written", own.id)));
    }
    let ran = apply::run(&script, Mode::Look, dir).map_err(failed)?;
    match ran.code {
        Some(code @ (0 | 1)) => {
            let pairs = [("artifact", own.id.clone()), ("code", code.to_string()), ("said", ran.stdout)];
            Ok(given(pairs))
        }
        code => Err(failed(format!("it ended with {code:?}: {}", ran.stderr.trim_end()))),
    }
}
