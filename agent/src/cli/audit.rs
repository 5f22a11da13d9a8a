//! `hostward audit`: how hardened this host is, or an image of one.

mod report;

use super::{Common, Failure, Found, Outcome, output};
use crate::{catalogue, clock};
use clap::{Args, ValueEnum};
use hostward_harden::check::{Check, Judgement, Level, Profile, Verdict};
use hostward_harden::compliance::{Framework, Score, Solution, Waiver, demands, score, solve, waive};
use hostward_model::{Facts, Wanted, time};
use hostward_probes::{Host, facts};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// What `audit` takes.
#[derive(Args)]
pub struct Audit {
    /// Look at the host whose files lie there.
    #[arg(long, value_name = "DIR", default_value = "/", value_parser = super::directory)]
    root: PathBuf,
    /// How strictly.
    #[arg(long, value_enum, default_value_t = Strictness::Moderate)]
    level: Strictness,
    /// Ask for what this framework asks for beyond the level, and show its score only; can be given again [default: all
    /// scores, by the level].
    #[arg(long, value_name = "NAME")]
    framework: Vec<String>,
    /// What the host is for, as web-server or router: checks that forbid it do not apply; can be given again.
    #[arg(long, value_name = "PURPOSE")]
    declare: Vec<String>,
    /// Judge by checks of this area or id only; can be given again [default: all].
    #[arg(long, value_name = "ID")]
    check: Vec<String>,
    /// Failures that somebody answers for [default: /etc/hostward/waivers.toml, if it is there].
    #[arg(long, value_name = "FILE")]
    waivers: Option<PathBuf>,
    /// Show what passes, does not apply or was not selected, too.
    #[arg(long)]
    all: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Strictness {
    /// What hardly ever breaks anything.
    Basic,
    /// What a server should have.
    Moderate,
    /// What costs comfort.
    Strict,
}

impl From<Strictness> for Level {
    fn from(own: Strictness) -> Level {
        match own {
            Strictness::Basic => Level::Basic,
            Strictness::Moderate => Level::Moderate,
            Strictness::Strict => Level::Strict,
        }
    }
}

/// What an audit found.
struct Audited<'c> {
    judged: Vec<(&'c Check, Judgement)>,
    scores: Vec<(&'c Framework, Score)>,
    /// Settings of which the chosen frameworks exclude each other's values.
    conflicts: Vec<Solution>,
}

/// Judges the host; exits with 1 when a check fails.
pub fn act(common: &Common, own: &Audit) -> Outcome {
    let directory = Path::new(catalogue::DIRECTORY);
    let checks = chosen(catalogue::checks(directory).map_err(Failure::Usage)?, &own.check)?;
    let frameworks = catalogue::frameworks(directory).map_err(Failure::Usage)?;
    let shown = named(&frameworks, &own.framework)?;
    let asked = if own.framework.is_empty() { &[] } else { shown.as_slice() };
    let facts = collect(&checks, &own.root);
    let waivers = waivers(own, directory)?;
    let judged = |frameworks: &[&Framework]| judge(&checks, &facts, &profile(own, frameworks), &waivers);
    let judgements = judged(asked);
    // Each is scored by its own values: what another one asks for is no failure of this one.
    let scores = shown.iter().map(|own| (*own, score(own, &judged(&[*own])))).collect();
    let conflicts = solve(asked).into_iter().filter(|own| own.value.is_none()).collect();
    let result = Audited { judged: checks.iter().zip(judgements).collect(), scores, conflicts };
    let failed = result.judged.iter().any(|(_, own)| own.verdict == Verdict::Fail);
    output::either(common.format, &report::json(&result, Level::from(own.level)), |_| {
        report::text(&result, own.all)
    });
    Ok(if failed { Found::Wrong } else { Found::Well })
}

fn collect(checks: &[Check], root: &Path) -> Facts {
    let mut wanted = Wanted::default();
    checks.iter().for_each(|check| wanted.extend(check.wants()));
    facts::collect(&Host::new(root), &wanted)
}

fn profile(own: &Audit, frameworks: &[&Framework]) -> Profile {
    let declared = own.declare.iter().cloned().collect();
    Profile { level: own.level.into(), declared, values: demands(frameworks) }
}

fn judge(checks: &[Check], facts: &Facts, profile: &Profile, waivers: &[Waiver]) -> Vec<Judgement> {
    let mut judgements: Vec<_> = checks.iter().map(|check| check.judge(facts, profile)).collect();
    waive(&mut judgements, waivers, &today());
    judgements
}

fn chosen(checks: Vec<Check>, ids: &[String]) -> Result<Vec<Check>, Failure> {
    let fits = |check: &Check, id: &String| check.id == *id || check.area() == id;
    if let Some(unknown) = ids.iter().find(|id| !checks.iter().any(|check| fits(check, id))) {
        return Err(Failure::Usage(format!("no check or area is called {unknown}")));
    }
    let wanted = |check: &Check| ids.is_empty() || ids.iter().any(|id| fits(check, id));
    Ok(checks.into_iter().filter(wanted).collect())
}

/// The frameworks of these ids, or all if there are none.
pub fn named<'f>(all: &'f [Framework], ids: &[String]) -> Result<Vec<&'f Framework>, Failure> {
    if let Some(unknown) = ids.iter().find(|id| !all.iter().any(|own| own.id == **id)) {
        let known: Vec<_> = all.iter().map(|own| own.id.as_str()).collect();
        return Err(Failure::Usage(format!(
            "no framework is called {unknown}; there are {}",
            known.join(", ")
        )));
    }
    Ok(all.iter().filter(|own| ids.is_empty() || ids.contains(&own.id)).collect())
}

fn waivers(own: &Audit, directory: &Path) -> Result<Vec<Waiver>, Failure> {
    let path = own.waivers.clone().unwrap_or_else(|| directory.join("waivers.toml"));
    match fs::read_to_string(&path) {
        Ok(text) => Waiver::parse(&path.display().to_string(), &text)
            .map_err(|error| Failure::Usage(error.to_string())),
        Err(error) if error.kind() == io::ErrorKind::NotFound && own.waivers.is_none() => Ok(Vec::new()),
        Err(error) => Err(Failure::Usage(format!("{}: {error}", path.display()))),
    }
}

/// The day as `2026-11-21`, in UTC.
fn today() -> String {
    time::rfc3339(clock::now().wall_ms).chars().take(10).collect()
}
