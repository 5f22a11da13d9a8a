//! From the command line to the record of an audit.

use super::Audit;
use crate::cli::Failure;
use crate::hostname::host_name;
use crate::{catalogue, clock, role};
use hostward_harden::audit::{About, Record};
use hostward_harden::check::{Check, Judgement, Level, Profile};
use hostward_harden::compliance::{Framework, Waiver, demands, score, solve, waive};
use hostward_harden::config::Role;
use hostward_model::{Facts, Wanted, time};
use hostward_probes::{Host, facts};
use std::path::Path;
use std::{fs, io};

/// Reads the host and judges it.
pub fn record(own: &Audit) -> Result<Record, Failure> {
    let directory = Path::new(catalogue::DIRECTORY);
    let all = catalogue::checks(directory).map_err(Failure::Usage)?;
    let waivers = waivers(own, directory, &all)?;
    let checks = chosen(all, &own.check)?;
    let frameworks = catalogue::frameworks(directory).map_err(Failure::Usage)?;
    let role = wanted_role(own, directory)?;
    let asked: Vec<String> = role.frameworks.iter().cloned().collect();
    let shown = named(&frameworks, &asked)?;
    let facts = collect(own, &checks);
    let judged = |frameworks: &[&Framework]| judge(&checks, &facts, &profile(&role, frameworks), &waivers);
    let demanding = if asked.is_empty() { &[] } else { shown.as_slice() };
    let judgements: Vec<_> = checks.iter().zip(judged(demanding)).collect();
    // Each is scored by its own values: what another one asks for is no failure of this one.
    let scores: Vec<_> = shown.iter().map(|own| (*own, score(own, &judged(&[*own])))).collect();
    let conflicts: Vec<_> = solve(demanding).into_iter().filter(|own| own.value.is_none()).collect();
    Ok(Record::new(about(own, &role), &judgements, &conflicts, &scores))
}

fn about(own: &Audit, role: &Role) -> About {
    let is_image = own.root != Path::new("/");
    About {
        host: if is_image { own.root.display().to_string() } else { host_name() },
        at: time::rfc3339(clock::now().wall_ms),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        profile: role.name.clone(),
        level: role.level,
    }
}

fn wanted_role(own: &Audit, directory: &Path) -> Result<Role, Failure> {
    let said = role::Said {
        profile: own.profile.as_deref(),
        level: own.level.map(Level::from),
        frameworks: &own.framework,
        declares: &own.declare,
    };
    role::role(directory, &said).map_err(Failure::Usage)
}

fn collect(own: &Audit, checks: &[Check]) -> Facts {
    let mut wanted = Wanted::default();
    checks.iter().for_each(|check| wanted.extend(check.wants()));
    facts::collect_by(&Host::new(&own.root), &wanted, own.walk())
}

fn profile(role: &Role, frameworks: &[&Framework]) -> Profile {
    Profile { level: role.level, declared: role.declares.clone(), values: demands(frameworks) }
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

fn waivers(own: &Audit, directory: &Path, checks: &[Check]) -> Result<Vec<Waiver>, Failure> {
    let path = own.waivers.clone().unwrap_or_else(|| directory.join("waivers.toml"));
    let name = path.display().to_string();
    let waivers = match fs::read_to_string(&path) {
        Ok(text) => Waiver::parse(&name, &text).map_err(|error| Failure::Usage(error.to_string()))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound && own.waivers.is_none() => Vec::new(),
        Err(error) => return Err(Failure::Usage(format!("{name}: {error}"))),
    };
    // Somebody believes that they answer for something.
    match waivers.iter().find(|own| !checks.iter().any(|check| check.id == own.check)) {
        Some(own) => Err(Failure::Usage(format!("{name}: no check is called {:?}", own.check))),
        None => Ok(waivers),
    }
}

/// The day as `2026-11-21`, in UTC.
fn today() -> String {
    time::rfc3339(clock::now().wall_ms).chars().take(10).collect()
}
