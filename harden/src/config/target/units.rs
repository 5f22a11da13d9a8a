//! Units of services: a drop-in for each takes away what it has no use for. What somebody set in a drop-in or a unit of
//! their own stays as they set it, and what sessions and jobs inherit is theirs until the strictest level.

use crate::config::artifact::Entry;
use crate::config::draft::{Draft, Given};
use crate::config::host::is_own;
use std::collections::BTreeSet;

const DIRECTORY: &str = "/etc/systemd/system";
const VENDOR: &str = "/lib/systemd/system";
/// Those that the template has a part for.
const SERVICES: [&str; 7] = ["apache2", "cron", "mariadb", "nginx", "postgresql@", "rsyslog", "ssh"];
/// Modules of Apache that run programs of whoever writes the pages, with rights and paths that nobody can tell.
const PROGRAMS: [&str; 9] = ["cgi", "cgid", "fcgid", "passenger", "perl", "php", "python", "suexec", "wsgi"];

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    for name in SERVICES {
        if draft.host.has(&format!("{VENDOR}/{name}.service")) {
            let part = part(draft, name);
            unit(draft, &format!("{name}.service"), part)?;
        }
    }
    let own = draft.parameter("services").unwrap_or("");
    for name in own.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._@-".contains(c);
        if !name.ends_with(".service") || !name.chars().all(plain) {
            return Err(format!("the parameter units.services names {name:?}, which is no service"));
        }
        unit(draft, name, "main")?;
    }
    Ok(())
}

/// The part of the template that a service gets.
fn part(draft: &mut Draft<'_>, name: &'static str) -> &'static str {
    let module = |key: &str| {
        key.strip_prefix("module ").is_some_and(|own| PROGRAMS.iter().any(|name| own.starts_with(name)))
    };
    let program = draft.host.area("apache").iter().find(|fact| module(&fact.key));
    match program.filter(|_| name == "apache2") {
        Some(fact) => {
            draft.keep(
                "apache2.service",
                format!("{}, which runs programs of whoever writes the pages", fact.key),
            );
            "main"
        }
        None => name,
    }
}

fn unit(draft: &mut Draft<'_>, unit: &str, part: &str) -> Result<(), String> {
    let path = format!("{DIRECTORY}/{unit}.d/hostward.conf");
    if shares_tmp(draft, part) {
        draft.keep(format!("{unit}: PrivateTmp"), "its configuration names a path below /tmp");
        draft.give("shared_tmp", Given::Flag);
    } else {
        draft.leave_out("shared_tmp");
    }
    let (set, body) = (written(draft, unit), draft.part(part)?);
    let key = |line: &str| line.split_once('=').map(|(key, _)| key.to_owned());
    let (kept, ours): (Vec<&str>, Vec<&str>) =
        body.lines().partition(|line| key(line).is_some_and(|key| set.contains(&key)));
    for key in kept.into_iter().filter_map(key) {
        draft.keep(format!("{unit}: {key}"), "somebody set it in a unit or a drop-in of their own");
    }
    if ours.iter().any(|line| line.contains('=')) {
        draft.file(&path, ours.join("\n") + "\n", draft.front.mode());
    } else if draft.host.texts.contains_key(&path) {
        draft.lay(&path, Entry::Absent);
    }
    Ok(())
}

/// A socket that others open there would be out of their sight.
fn shares_tmp(draft: &Draft<'_>, part: &str) -> bool {
    let directory = match part {
        "nginx" => "/etc/nginx/",
        "apache2" => "/etc/apache2/",
        _ => return false,
    };
    let of = draft.host.texts.iter().filter(|(path, _)| path.starts_with(directory));
    of.into_iter().any(|(_, own)| own.text.contains("/tmp/"))
}

/// Settings of a unit that somebody made.
fn written(draft: &Draft<'_>, unit: &str) -> BTreeSet<String> {
    let (whole, drop_ins) = (format!("{DIRECTORY}/{unit}"), format!("{DIRECTORY}/{unit}.d/"));
    let theirs = |path: &String| !is_own(path) && (*path == whole || path.starts_with(&drop_ins));
    let texts = draft.host.texts.iter().filter(|(path, _)| theirs(path));
    let lines = texts.flat_map(|(_, own)| own.text.lines()).map(str::trim);
    let settings = lines.filter(|line| !line.starts_with(['#', ';'])).filter_map(|line| line.split_once('='));
    settings.map(|(key, _)| key.trim().to_owned()).collect()
}
