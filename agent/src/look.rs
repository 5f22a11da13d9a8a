//! A fresh look at the host: the checks run again, on the host as it is now. Nothing else closes a finding of ours.

use crate::known::Known;
use crate::{catalogue, clock};
use hostward_harden::check::{Check, Judgement, Level, Profile, Verdict};
use hostward_harden::compliance::{demands, score};
use hostward_harden::finding::lay_audit;
use hostward_harden::finding::track::Changes;
use hostward_model::Wanted;
use hostward_probes::{Host, facts};
use std::io;
use std::path::{Path, PathBuf};

/// What is looked at, and how strictly.
pub struct Look {
    /// Where the host's files lie.
    pub root: PathBuf,
    /// How strictly.
    pub level: Level,
    /// Checks or areas; all when there is none.
    pub only: Vec<String>,
    /// A framework whose values count, and whose score is told.
    pub framework: Option<String>,
}

/// What was seen.
pub struct Judged {
    checks: Vec<Check>,
    judgements: Vec<Judgement>,
    /// Of the framework, from 0 to 1; none when nothing of it could be judged.
    pub score: Option<f64>,
}

impl Default for Look {
    fn default() -> Self {
        Look { root: PathBuf::from("/"), level: Level::Moderate, only: Vec::new(), framework: None }
    }
}

impl Look {
    /// Reads the host and judges it.
    pub fn judge(&self) -> Result<Judged, String> {
        let directory = Path::new(catalogue::DIRECTORY);
        let mut checks = catalogue::checks(directory)?;
        let meant = |check: &Check| self.only.iter().any(|id| check.id == *id || check.area() == id);
        checks.retain(|check| self.only.is_empty() || meant(check));
        if checks.is_empty() {
            return Err(format!("no check or area is called {}", self.only.join(" or ")));
        }
        let mut frameworks = catalogue::frameworks(directory)?;
        frameworks.retain(|own| self.framework.as_ref().is_some_and(|name| own.id == *name));
        if let (Some(name), true) = (&self.framework, frameworks.is_empty()) {
            return Err(format!("no framework is called {name}"));
        }
        let mut wanted = Wanted::default();
        checks.iter().for_each(|check| wanted.extend(check.wants()));
        let facts = facts::collect(&Host::new(&self.root), &wanted);
        let values = demands(&frameworks.iter().collect::<Vec<_>>());
        let profile = Profile { level: self.level, values, ..Profile::default() };
        let judgements: Vec<_> = checks.iter().map(|check| check.judge(&facts, &profile)).collect();
        let score = frameworks.first().and_then(|own| score(own, &judgements).ratio());
        Ok(Judged { checks, judgements, score })
    }
}

impl Judged {
    /// How many checks came out so.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.judgements.iter().filter(|own| own.verdict == verdict).count()
    }

    /// Whether all that could be judged hold, and what was seen, in one line.
    pub fn verdict(&self) -> Result<(bool, String), String> {
        if let Some(own) = self.judgements.iter().find(|own| own.verdict == Verdict::Error) {
            return Err(format!("{} cannot be told: {}", own.check, own.reason));
        }
        let failed = self.judgements.iter().find(|own| own.verdict == Verdict::Fail);
        let Some(failed) = failed else {
            let ids: Vec<_> = self.judgements.iter().map(|own| own.check.as_str()).collect();
            return Ok((true, format!("{} holds", ids.join(", "))));
        };
        let flaw = failed.flaws().next();
        let seen = flaw.map_or(String::new(), |own| format!(": {} is {}", own.what, own.observed));
        Ok((false, format!("{} fails{seen}", failed.check)))
    }

    /// Lays what was seen over the findings that are known.
    pub fn keep(&self, state_dir: &Path) -> io::Result<Changes> {
        let mut known = Known::open(state_dir)?;
        let pairs: Vec<_> = self.checks.iter().zip(&self.judgements).collect();
        let changes = lay_audit(&mut known.findings, &pairs, clock::now().wall_ms);
        known.keep()?;
        Ok(changes)
    }
}
