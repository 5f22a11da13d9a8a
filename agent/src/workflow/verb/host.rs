//! Verbs that look at the host, or at what scanners wrote of it.

use super::{Gave, Given, Means, argument, failed, given, hopeless, until};
use crate::aside::{DEEP_STACK_BYTES, aside_with};
use crate::known::Known;
use crate::look::{Judged, Look};
use hostward_harden::check::{Level, Verdict};
use hostward_harden::finding::state::State;
use hostward_harden::finding::track::{Changes, lay_over};
use hostward_harden::scanner::{self, FILE_BYTES_MAX};
use hostward_harden::workflow::{Answer, Task};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An audit reads some hundred files.
const AUDIT_EVERY: Duration = Duration::from_secs(5);
const FILE_EVERY: Duration = Duration::from_secs(1);

/// Judges the host; with `beyond`, until more checks pass than that.
pub async fn audit(means: &Means, task: &Task) -> Gave {
    let beyond = task.with.get("beyond").map(|text| text.parse::<usize>()).transpose();
    let beyond = beyond.map_err(|_| hopeless("beyond: expected a number of checks"))?;
    until(AUDIT_EVERY, || async {
        let judged = judged(means, task).await?;
        let passed = judged.count(Verdict::Pass);
        let mut told =
            given([("passed", passed.to_string()), ("failed", judged.count(Verdict::Fail).to_string())]);
        if let Some(score) = judged.score {
            told.insert("score".to_owned(), format!("{:.1}", score * 100.0));
        }
        Ok(beyond.is_none_or(|own| passed > own).then_some(told))
    })
    .await
}

/// Judges by what a task says; what is found of the host itself is kept.
pub async fn judged(means: &Means, task: &Task) -> Result<Judged, Answer> {
    let text = |name: &str| task.with.get(name).filter(|own| !own.is_empty()).cloned();
    let look = Look {
        root: text("root").map_or_else(|| means.root.clone(), PathBuf::from),
        level: level(text("level").as_deref())?,
        only: text("check").into_iter().collect(),
        framework: text("framework"),
    };
    if !look.root.is_dir() {
        return Err(hopeless(format!("{}: no such directory", look.root.display())));
    }
    let own = (look.root == means.root).then(|| means.state_dir.clone());
    let work = move || {
        let judged = look.judge().map_err(hopeless)?;
        if let Some(dir) = own {
            judged.keep(&dir).map_err(failed)?;
        }
        Ok(judged)
    };
    aside_with("audit", DEEP_STACK_BYTES, work).await.map_err(failed)?
}

fn level(word: Option<&str>) -> Result<Level, Answer> {
    let Some(word) = word else { return Ok(Level::default()) };
    let all = [Level::Basic, Level::Moderate, Level::Strict];
    all.into_iter()
        .find(|own| own.as_str() == word)
        .ok_or_else(|| hopeless(format!("level: expected basic, moderate or strict, found {word:?}")))
}

/// Takes in what a scanner wrote: all that it sees.
pub async fn import(means: &Means, task: &Task) -> Gave {
    let (dir, file) = (means.state_dir.clone(), PathBuf::from(argument(task, "file")?));
    aside_with("import", DEEP_STACK_BYTES, move || {
        let (changes, mut open) = take_in(&dir, &file)?;
        open.sort();
        let mut told = given([("open", open.len().to_string()), ("closed", changes.closed.to_string())]);
        told.extend(open.into_iter().last().map(|(_, id)| ("finding".to_owned(), id)));
        Ok(told)
    })
    .await
    .map_err(failed)?
}

/// Severity and id of what is open of this file.
type OpenFindings = Vec<(Option<hostward_harden::finding::Severity>, String)>;

fn take_in(dir: &Path, file: &Path) -> Result<(Changes, OpenFindings), Answer> {
    let unreadable = |error: std::io::Error| failed(format!("{}: {error}", file.display()));
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(unreadable)?;
    opened.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    let report = scanner::import(&file.display().to_string(), &bytes, None).map_err(failed)?;
    if report.dropped > 0 {
        return Err(hopeless(format!("{} results are beyond the bounds", report.dropped)));
    }
    let mut known = Known::open(dir).map_err(failed)?;
    let tools: Vec<_> = report.tools.iter().map(String::as_str).collect();
    let changes = lay_over(&mut known.findings, &report.findings, &tools, crate::clock::now().wall_ms);
    known.keep().map_err(failed)?;
    Ok((changes, report.findings.into_iter().map(|own| (own.severity, own.id)).collect()))
}

/// A file that is being written makes no sense yet, and is read again the next time.
pub async fn await_gone(means: &Means, task: &Task) -> Gave {
    let (file, finding) = (PathBuf::from(argument(task, "file")?), argument(task, "finding")?.to_owned());
    until(FILE_EVERY, || async {
        let (dir, file, finding) = (means.state_dir.clone(), file.clone(), finding.clone());
        aside_with("import", DEEP_STACK_BYTES, move || is_gone(&dir, &file, &finding))
            .await
            .map_err(failed)?
    })
    .await
}

fn is_gone(dir: &Path, file: &Path, finding: &str) -> Result<Option<Given>, Answer> {
    let open = match take_in(dir, file) {
        Ok((_, open)) => open,
        Err(Answer::Failed(_)) => return Ok(None),
        Err(answer) => return Err(answer),
    };
    let known = crate::known::read(dir).map_err(failed)?;
    let own = known.get(finding).ok_or_else(|| hopeless(format!("no finding is called {finding}")))?;
    Ok((own.state == State::Closed).then(|| given([("open", open.len().to_string())])))
}
