//! Docker's daemon: daemon.json gets the keys that it lacks. What the host says itself stays, and what would stop a container
//! or keep the daemon from starting is left out: a key that its unit gives as a flag, too, does.

use crate::config::draft::Draft;
use crate::config::json::{is_object, merged};
use hostward_model::{Fact, Origin};

/// Keys, and the values of the template that they are made of.
const KEYS: [(&str, &str); 10] = [
    ("default-ulimits", "nofile"),
    ("icc", "icc"),
    ("iptables", "iptables"),
    ("live-restore", "live_restore"),
    ("log-driver", "log_driver"),
    ("log-level", "log_level"),
    ("log-opts", "log_size"),
    ("no-new-privileges", "no_new_privileges"),
    ("userland-proxy", "userland_proxy"),
    ("userns-remap", "userns"),
];
const CONTAINERS: &str = "/var/lib/docker/containers/*";
/// What a member of a swarm has.
const SWARM: &str = "/var/lib/docker/swarm/docker-state.json";
/// Drivers that know the options of the template.
const BOUNDED: [&str; 2] = ["json-file", "local"];

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    let host = draft.host;
    let (text, mode) =
        host.texts.get(&draft.path).map_or(("", draft.front.mode()), |own| (&own.text, own.mode));
    is_object(text).map_err(|why| format!("{} is not what dockerd reads: {why}", draft.path))?;
    logs(draft);
    flags(draft);
    containers(draft);
    swarm(draft);
    open(draft);
    // A member a line: commas are ours to put.
    let members = draft.part("main")?;
    let ours = format!("{{{}}}", members.lines().collect::<Vec<_>>().join(","));
    let replaced: Vec<&str> = draft.parameter("replace").unwrap_or("").split(',').map(str::trim).collect();
    let merged =
        merged(text, &ours, &replaced).map_err(|why| format!("what was rendered is no JSON: {why}"))?;
    for (key, value) in merged.kept {
        let why = format!("{} says so; the parameter docker.replace names keys that give way", draft.path);
        draft.keep(format!("{key} {value}"), why);
    }
    let path = draft.path.clone();
    draft.file(&path, merged.text, mode);
    Ok(())
}

/// A key from both keeps the daemon from starting.
fn flags(draft: &mut Draft<'_>) {
    let path = draft.path.clone();
    let of_unit = |fact: &&Fact| matches!(&fact.origin, Origin::File(own, _) if *own != path);
    let given: Vec<&Fact> = draft.host.area("docker").iter().filter(of_unit).collect();
    for (key, value) in KEYS {
        let own = given.iter().find(|fact| {
            let first = fact.key.split('.').next() == Some(key);
            first || (key == "log-opts" && !fact.scope.is_empty() && fact.key != "name")
        });
        if let Some(own) = own {
            draft.keep(format!("{key} {}", own.value), format!("{} gives it as a flag", own.origin));
            draft.leave_out(value);
        }
    }
}

/// Options are a driver's own: others than those that it knows keep containers from starting.
fn logs(draft: &mut Draft<'_>) {
    let Some(driver) = draft.host.first("docker", "log-driver") else { return };
    if !BOUNDED.contains(&driver) {
        draft.keep(format!("log-driver {driver}"), "logs of containers go where it takes them today");
        draft.leave_out("log_size");
    }
    draft.put("log_driver", driver);
}

/// Containers and images that are there belong to other numbers, and would be hidden.
fn containers(draft: &mut Draft<'_>) {
    if draft.value("userns").is_none() || draft.host.first("docker", "userns-remap").is_some() {
        return;
    }
    let why = if draft.host.has(CONTAINERS) {
        "there are containers: with it they would be hidden, and their volumes belong to other numbers"
    } else if let Some(elsewhere) = draft.host.first("docker", "data-root") {
        &format!("containers would be below {elsewhere}, where it was not looked")
    } else {
        return;
    };
    draft.refuse("userns-remap", why.to_owned());
    draft.leave_out("userns");
}

/// The daemon of a swarm does not start with live-restore.
fn swarm(draft: &mut Draft<'_>) {
    if draft.value("live_restore") == Some("true") && draft.host.has(SWARM) {
        draft.refuse("live-restore", "the host is a member of a swarm, which excludes it");
        draft.leave_out("live_restore");
    }
}

/// What lets others in stays, because somebody may come that way; it is told.
fn open(draft: &mut Draft<'_>) {
    let all: Vec<&Fact> = draft.host.area("docker").iter().collect();
    let verified = all.iter().any(|fact| fact.key == "tlsverify" && fact.value == "true");
    for fact in all {
        if fact.key == "hosts" && fact.value.starts_with("tcp://") && !verified {
            let why = "whoever reaches it is root on this host; clients have to get certificates first (tlsverify), or come by ssh://";
            draft.refuse(format!("closing {}", fact.value), why);
        } else if fact.key == "insecure-registries" {
            draft.keep(format!("insecure-registries {}", fact.value), "images may come from there");
        }
    }
}
