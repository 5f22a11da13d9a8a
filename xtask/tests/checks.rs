//! Every check of `content/checks` says of each of its cases what the case expects: through the real readers and the
//! real kinds of test, on a tree of files that is made for the case.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use hostward_harden::check::{Case, Check, Judgement, Profile, Verdict};
use hostward_harden::compliance::Framework;
use hostward_model::{Facts, Look};
use hostward_probes::{Host, facts};
use hostward_xtask::content::texts;
use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

fn checks() -> Vec<Check> {
    let parsed = texts("checks").unwrap().into_iter().map(|(path, text)| {
        let check =
            Check::parse(&path.display().to_string(), &text).unwrap_or_else(|error| panic!("{error}"));
        let expected = format!("content/checks/{}.toml", check.id.replace('.', "/"));
        assert!(path.ends_with(&expected), "{} is in {}, not in {expected}", check.id, path.display());
        check
    });
    parsed.collect()
}

/// A tree of files for one case, removed when dropped.
struct Scrap(PathBuf);

impl Scrap {
    fn new(name: &str, case: &Case) -> Scrap {
        let scrap = Scrap(std::env::temp_dir().join(format!("hostward-case-{}-{name}", std::process::id())));
        let _ = fs::remove_dir_all(&scrap.0);
        fs::create_dir_all(&scrap.0).unwrap();
        for (path, text) in &case.files {
            fs::write(scrap.place(path), text).unwrap();
        }
        for (path, target) in &case.links {
            symlink(target, scrap.place(path)).unwrap();
        }
        for (path, mode) in &case.modes {
            let mode = u32::from_str_radix(mode.split(' ').next().unwrap(), 8).expect("an octal mode");
            fs::set_permissions(scrap.place(path), Permissions::from_mode(mode)).unwrap();
        }
        scrap
    }

    fn place(&self, path: &str) -> PathBuf {
        let place = self.0.join(path.trim_start_matches('/'));
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        place
    }
}

impl Drop for Scrap {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Only root can give files away, so owners are put into the facts: root's, if the case does not say otherwise.
fn give_owners(facts: &mut Facts, case: &Case) {
    let seen = facts
        .files
        .values_mut()
        .filter_map(|look| if let Look::Seen(files) = look { Some(files) } else { None });
    for file in seen.flatten() {
        let said = case.modes.get(&file.path).and_then(|mode| mode.split(' ').nth(1)).unwrap_or("root:root");
        let (owner, group) = said.split_once(':').expect("owner:group");
        (file.owner, file.group) = (owner.to_owned(), group.to_owned());
    }
}

fn judge(check: &Check, name: &str, case: &Case) -> Judgement {
    let scrap = Scrap::new(name, case);
    let mut facts = facts::collect(&Host::new(&scrap.0), &check.wants());
    give_owners(&mut facts, case);
    let declared = case.declared.iter().cloned().collect();
    let profile = Profile { level: case.level, declared, ..Profile::default() };
    check.judge(&facts, &profile)
}

#[test]
fn every_case_of_every_check() {
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for check in checks() {
        for (index, case) in check.cases.iter().enumerate() {
            let own = judge(&check, &format!("{}-{index}", check.id), case);
            tried += 1;
            if own.verdict != case.verdict {
                let flaws: Vec<_> = own.observations.iter().map(|own| format!("{own:?}")).collect();
                let expected = case.verdict.as_str();
                wrong.push(format!(
                    "{} case {}: expected {expected}, found {} {} {flaws:#?}",
                    check.id,
                    index + 1,
                    own.verdict.as_str(),
                    own.reason
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried} cases:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried >= 400, "only {tried} cases");
}

#[test]
fn every_check_can_pass_and_fail() {
    let lacks = |check: &Check, verdict| !check.cases.iter().any(|case| case.verdict == verdict);
    let lacking: Vec<String> = checks()
        .iter()
        .filter(|check| lacks(check, Verdict::Pass) || lacks(check, Verdict::Fail))
        .map(|check| check.id.clone())
        .collect();
    assert_eq!(lacking, Vec::<String>::new(), "without a case that passes, or one that fails");
}

#[test]
fn no_sentence_is_said_twice() {
    let checks = checks();
    for said in [|check: &Check| check.title.clone(), |check: &Check| check.rationale.clone()] {
        let mut seen = BTreeSet::new();
        let again: Vec<_> = checks.iter().map(said).filter(|text| !seen.insert(text.clone())).collect();
        assert_eq!(again, Vec::<String>::new());
    }
}

#[test]
fn what_a_check_asks_about_is_read() {
    let known: BTreeSet<&str> = facts::READERS.iter().map(|reader| reader.area).collect();
    for check in checks() {
        let wanted = check.wants();
        let unknown: Vec<_> = wanted.areas.iter().filter(|area| !known.contains(area.as_str())).collect();
        assert!(unknown.is_empty(), "{}: nobody reads {unknown:?}", check.id);
    }
}

#[test]
fn frameworks_name_checks_that_there_are() {
    let known: BTreeSet<String> = checks().into_iter().map(|check| check.id).collect();
    let frameworks = texts("frameworks").unwrap();
    assert!(frameworks.len() >= 14, "{} frameworks", frameworks.len());
    for (path, text) in frameworks {
        let framework =
            Framework::parse(&path.display().to_string(), &text).unwrap_or_else(|error| panic!("{error}"));
        assert!(path.ends_with(format!("content/frameworks/{}.toml", framework.id)), "{}", path.display());
        for (id, requirement) in &framework.requirements {
            let unknown: Vec<_> = requirement.checks().filter(|(check, _)| !known.contains(*check)).collect();
            assert!(unknown.is_empty(), "{} {id}: no checks {unknown:?}", framework.id);
        }
    }
}
