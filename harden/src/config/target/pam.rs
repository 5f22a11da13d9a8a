//! PAM stacks, by the profiles that pam-auth-update(8) makes them of: nothing that it would not write itself. An account that
//! opens with its password today does so afterwards.

use super::pam_profile::{Changes, Profile, Profiles, found, in_order, saved, stack};
use crate::check::Level;
use crate::config::draft::{Draft, Given};
use std::collections::BTreeSet;

const CONFIGS: &str = "/usr/share/pam-configs/";
const STACKS: &str = "/etc/pam.d/common-";
const KEPT: &str = "/var/lib/pam/";
/// Stacks in which our profiles stand; sessions stay as they are.
const KINDS: [&str; 3] = ["account", "auth", "password"];
const SESSIONS: [&str; 2] = ["session", "session-noninteractive"];
const FAILLOCK: [&str; 2] = ["hostward-faillock", "hostward-faillock-notify"];
const HISTORY: &str = "hostward-history";
const SU: &str = "/etc/pam.d/su";
/// Who administers may use su, if nobody says otherwise.
const ADMINISTRATORS: &str = "sudo";

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    let mut profiles = profiles(draft);
    let (mut enabled, mut changes) = (BTreeSet::new(), Vec::new());
    for kind in KINDS.iter().chain(&SESSIONS) {
        let (names, own) = of(draft, kind)?;
        enabled.extend(names);
        changes.push(own);
    }
    for name in wanted(draft, &enabled) {
        let body = draft.part(name)?;
        profiles.insert(name.to_owned(), Profile::parse(&body));
        draft.file(&format!("{CONFIGS}{name}"), body, 0o644);
        enabled.insert(name.to_owned());
    }
    let enabled = in_order(&enabled, &profiles);
    empty_passwords(draft, &mut changes);
    for (kind, changes) in KINDS.iter().zip(&changes) {
        let there = &draft.host.texts[&format!("{STACKS}{kind}")];
        let text = stack(&there.text, kind, &enabled, &profiles, changes);
        let text = text.ok_or_else(|| format!("{STACKS}{kind} lacks the marks of pam-auth-update"))?;
        let mode = there.mode;
        draft.file(&format!("{STACKS}{kind}"), text, mode);
        draft.file(&format!("{KEPT}{kind}"), saved(kind, &enabled, &profiles), 0o644);
    }
    seen(draft, &profiles);
    su(draft)
}

fn text<'h>(draft: &Draft<'h>, path: &str) -> Result<&'h str, String> {
    draft.host.texts.get(path).map(|own| own.text.as_str()).ok_or_else(|| format!("there is no {path}"))
}

fn profiles(draft: &Draft<'_>) -> Profiles {
    let named = draft.host.texts.iter().filter_map(|(path, own)| Some((path.strip_prefix(CONFIGS)?, own)));
    let wanted = named.filter(|(name, own)| {
        !name.ends_with('~') && !name.starts_with('#') && !own.text.contains("pam_tally")
    });
    wanted.map(|(name, own)| (name.to_owned(), Profile::parse(&own.text))).collect()
}

fn of(draft: &Draft<'_>, kind: &str) -> Result<(BTreeSet<String>, Changes), String> {
    let kept = text(draft, &format!("{KEPT}{kind}"))?;
    let stack = text(draft, &format!("{STACKS}{kind}"))?;
    // Of sessions that nobody sits at the lines begin with `session`, too.
    let own = found(stack, kind.trim_end_matches("-noninteractive"), kept);
    own.ok_or_else(|| {
        format!(
            "{STACKS}{kind} has lines that pam-auth-update did not write; it leaves them alone, and so do we"
        )
    })
}

/// Our profiles for the level, but not those that somebody has switched off.
fn wanted(draft: &mut Draft<'_>, enabled: &BTreeSet<String>) -> Vec<&'static str> {
    let off: BTreeSet<String> =
        text(draft, &format!("{KEPT}seen")).unwrap_or("").lines().map(str::to_owned).collect();
    let mut wanted = Vec::new();
    let mut want = |draft: &mut Draft<'_>, module: &str, names: &[&'static str]| {
        if !draft.host.has(&format!("/lib/*/security/{module}")) {
            return draft.refuse(module, "it is not installed: libpam-modules has it");
        }
        if let Some(name) = names.iter().find(|name| off.contains(**name) && !enabled.contains(**name)) {
            return draft.keep(*name, "somebody has switched it off with pam-auth-update");
        }
        wanted.extend(names);
    };
    want(draft, "pam_pwhistory.so", &[HISTORY]);
    if draft.wish.level >= Level::Moderate {
        want(draft, "pam_faillock.so", &FAILLOCK);
    }
    wanted
}

/// Whoever has no password at all gets in by `nullok` alone.
fn empty_passwords(draft: &mut Draft<'_>, changes: &mut [Changes]) {
    let mut empty =
        draft.host.area("shadow").iter().filter(|fact| fact.key == "password" && fact.value == "empty");
    let why = match empty.next() {
        Some(fact) => format!("{} has no password and signs in without", fact.scope),
        None if !draft.host.sees("shadow") => {
            "it cannot be told who has no password: run it as root".to_owned()
        }
        None => {
            let lines = changes.iter_mut().flatten().filter(|(module, _)| module.ends_with("pam_unix.so"));
            return lines.for_each(|(_, (added, removed))| {
                added.remove("nullok");
                removed.insert("nullok".to_owned());
            });
        }
    };
    draft.keep("pam_unix.so nullok", why);
}

/// A profile that was not seen yet is asked about.
fn seen(draft: &mut Draft<'_>, profiles: &Profiles) {
    let names = in_order(&profiles.keys().cloned().collect(), profiles);
    draft.file(&format!("{KEPT}seen"), names.iter().map(|name| format!("{name}\n")).collect(), 0o644);
}

/// su asks for more than a password: a group.
fn su(draft: &mut Draft<'_>) -> Result<(), String> {
    let Some(there) = draft.host.texts.get(SU) else { return Ok(()) };
    let stands = |line: &str| !line.trim_start().starts_with('#') && line.contains("pam_wheel.so");
    if draft.wish.level < Level::Moderate || there.text.lines().any(stands) {
        return Ok(());
    }
    let members = |group: &str| {
        draft
            .host
            .area("groups")
            .iter()
            .any(|fact| fact.scope == group && fact.key == "members" && !fact.value.is_empty())
    };
    let group = draft.parameter("su_group").unwrap_or(ADMINISTRATORS).to_owned();
    let root_alone = draft.host.accounts().is_none_or(|all| !all.iter().any(|own| own.admin && !own.root));
    if !members(&group) || root_alone {
        let why =
            format!("nobody who administers is in the group {group}: su may be the only way to become root");
        draft.refuse("pam_wheel.so for su", why);
        return Ok(());
    }
    draft.give("su_group", Given::One(group));
    let (line, there) = (draft.part("su")?, there.clone());
    let mut lines: Vec<&str> = there.text.lines().collect();
    // Behind the module that lets root pass.
    let Some(root) = lines.iter().position(|line| line.starts_with("auth") && line.contains("pam_rootok.so"))
    else {
        draft.refuse("pam_wheel.so for su", format!("{SU} does not let root pass first"));
        return Ok(());
    };
    lines.insert(root + 1, line.trim_end());
    draft.file(&there.path, lines.join("\n") + "\n", there.mode);
    Ok(())
}
