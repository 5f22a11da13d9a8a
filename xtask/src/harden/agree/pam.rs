//! libpam has no dump, so it is watched: the modules of a sample are `pam_exec`, whose program writes down for which step and with
//! which words it was called. What `su` calls, in its order, is what our reader says of the stack.

use super::{Compared, said};
use hostward_model::Fact;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The program of the samples, and where it writes.
const PROGRAM: &str = "/probe";
const SAID: &str = "probe.said";
const SCRIPT: &str = "#!/bin/sh\necho \"$PAM_TYPE $*\" >> /probe.said\n";

pub fn compare(root: &Path, facts: &[Fact]) -> Compared {
    let program = root.join(PROGRAM.trim_start_matches('/'));
    fs::write(&program, SCRIPT).map_err(|error| error.to_string())?;
    fs::set_permissions(&program, Permissions::from_mode(0o755)).map_err(|error| error.to_string())?;
    said(root, &["/bin/su", "--command", "true", "root"])?;
    let text = fs::read_to_string(root.join(SAID)).map_err(|error| format!("{SAID}: {error}"))?;
    let theirs: Vec<String> = text.lines().filter_map(called).collect();
    let ours = facts.iter().filter(|fact| fact.scope == "su").filter_map(|fact| {
        let (_, words) = fact.value.split_once(&format!("{PROGRAM} "))?;
        Some(format!("{} {words}", fact.key))
    });
    // Each step has an order of its own; which one begins is for the program to say.
    let (mut agreed, ours) = (0, ours.collect::<Vec<_>>());
    for step in ["auth ", "account ", "session "] {
        let of = |all: &[String]| all.iter().filter(|own| own.starts_with(step)).cloned().collect::<Vec<_>>();
        if of(&ours) != of(&theirs) {
            return Err(format!("{step}: we say {:?}, libpam calls {:?}", of(&ours), of(&theirs)));
        }
        agreed += of(&ours).len();
    }
    Ok(agreed)
}

/// A session is opened as its stack says, and closed by the same.
fn called(line: &str) -> Option<String> {
    let (step, words) = line.split_once(' ')?;
    match step {
        "close_session" => None,
        "open_session" => Some(format!("session {words}")),
        step => Some(format!("{step} {words}")),
    }
}
