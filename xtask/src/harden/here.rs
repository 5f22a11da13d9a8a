//! `cargo xtask harden-e2e --here`: the part of the drill that takes this host's own tree, boots nothing and is over in less than a
//! minute, so that it can be among the tests. It takes root's rights and changes nothing: all mounts are its own. File systems are not
//! walked, and of parsers those are asked that are installed.

use super::plan::{self, REFUSED};
use crate::boot::apart;
use crate::boot::laid::Laid;
use crate::boot::program::good;
use crate::{Outcome, content};
use hostward_harden::config::Front;
use hostward_probes::parser::{self, Parsed};
use nix::mount::{MsFlags, mount};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Rights without which a file cannot be given to whom it belongs, by their numbers in capabilities(7).
const RIGHTS: [(u32, &str); 6] = [
    (0, "CAP_CHOWN"),
    (1, "CAP_DAC_OVERRIDE"),
    (3, "CAP_FOWNER"),
    (4, "CAP_FSETID"),
    (18, "CAP_SYS_CHROOT"),
    (21, "CAP_SYS_ADMIN"),
];
/// Every user of the host, as its own namespace of users has them.
const EVERYBODY: [&str; 3] = ["0", "0", "4294967295"];
/// What a parser says of the kernel or of its rights, not of what it reads.
const LACKS: [&str; 4] =
    ["Operation not permitted", "Operation not supported", "Protocol not supported", "Permission denied"];

/// Whether this machine lets it be tried; the error is what is missing.
pub fn possible() -> Outcome<()> {
    rights()?;
    apart(|| {
        let laid = Laid::own()?;
        // A plan lays over what is laid over, and the kernel stacks two.
        Laid::new(&laid.root().join("etc"))
            .map(drop)
            .map_err(|why| format!("{why}; what a container's root is made of leaves no room for it"))
    })
}

fn rights() -> Outcome<()> {
    let text = |path: &str| fs::read_to_string(path).map_err(|error| format!("{path}: {error}"));
    let status = text("/proc/thread-self/status")?;
    let word = status.lines().find_map(|line| line.strip_prefix("CapEff:")).unwrap_or_default();
    let held = u64::from_str_radix(word.trim(), 16).map_err(|error| format!("CapEff {word:?}: {error}"))?;
    let missing: Vec<&str> =
        RIGHTS.iter().filter(|(bit, _)| held >> bit & 1 == 0).map(|(_, name)| *name).collect();
    if !missing.is_empty() {
        return Err(format!("it takes root's rights, and these are missing: {}", missing.join(" ")));
    }
    if text("/proc/self/uid_map")?.split_whitespace().ne(EVERYBODY) {
        return Err("in a namespace of users files cannot be given to whom they belong".to_owned());
    }
    Ok(())
}

/// Tries each level; says which parsers could not be asked, with the reason. An error is what does not hold.
pub fn tried(binary: &Path, levels: &[&'static str]) -> Outcome<BTreeSet<String>> {
    apart(|| {
        let (library, mut tries, mut unasked) = (content::templates()?, Vec::new(), BTreeSet::new());
        for level in levels {
            let said = |why: String| format!("{level}: {why}");
            let tried = plan::tried(&host()?, binary, level).map_err(said)?;
            for (target, answer) in tried.unaccepted() {
                let front =
                    library.front(target).ok_or_else(|| said(format!("there is no template {target}")))?;
                if answer.contains(REFUSED) && !excused(front, answer)? {
                    return Err(said(format!("{target}: {answer}")));
                }
                unasked.extend((!front.parser.is_empty()).then(|| format!("{target}: {answer}")));
            }
            tries.push(tried);
        }
        println!("{}\n{}", plan::scores(&tries), plan::parsers(&tries));
        Ok(unasked)
    })
}

/// This host's own tree, with a key of sshd's: its parser refuses to look at anything without one.
fn host() -> Outcome<Laid> {
    let laid = Laid::own()?;
    let key = laid.root().join("etc/ssh/ssh_host_ed25519_key");
    if !key.exists() && key.parent().is_some_and(Path::is_dir) {
        good(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(key))?;
    }
    Ok(laid)
}

/// True when nothing that was rendered is to blame: the machine lacks what the parser needs, or the parser says the same of the host
/// as it is.
fn excused(front: &Front, answer: &str) -> Outcome<bool> {
    if LACKS.iter().any(|own| answer.contains(own)) {
        return Ok(true);
    }
    let laid = host()?;
    let said = |error: std::io::Error| format!("{}: {error}", laid.root().display());
    front.directories.iter().try_for_each(|own| fs::create_dir_all(below(&laid, own))).map_err(said)?;
    for own in ["/dev", "/proc"] {
        mount(Some(own), &below(&laid, own), None::<&str>, MsFlags::MS_BIND, None::<&str>)
            .map_err(|error| format!("{own}: {error}"))?;
    }
    let Ok(Parsed { accepted, said }) = parser::parse(laid.root(), &front.parser) else { return Ok(false) };
    let said = said.lines().map(str::trim).collect::<Vec<_>>().join(" | ");
    Ok(!accepted && without_numbers(answer).ends_with(&without_numbers(&said)))
}

/// Times, processes and lines are others each time.
fn without_numbers(text: &str) -> String {
    text.chars().filter(|own| !own.is_ascii_digit()).collect()
}

fn below(laid: &Laid, path: &str) -> PathBuf {
    laid.root().join(path.trim_start_matches('/'))
}
