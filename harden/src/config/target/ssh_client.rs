//! OpenSSH's client: the first value of a keyword counts, so a file that is read first has the word over all others of the
//! host. It leaves out what somebody set there; what people set for themselves comes before it anyway.

use crate::config::draft::Draft;
use crate::config::host::is_written;
use hostward_model::Fact;

/// Of these only what is said for some hosts counts: it is there because they know nothing better.
const ALGORITHMS: [&str; 3] = ["ciphers", "kexalgorithms", "macs"];

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    let (main, mut text) = (draft.part("main")?, String::new());
    for line in main.lines() {
        let (keyword, value) = line.split_once(' ').unwrap_or((line, ""));
        match theirs(draft, &keyword.to_ascii_lowercase(), value) {
            Some(own) => draft.keep(format!("{keyword} {}", own.value), format!("{} says so", own.origin)),
            None => text += &format!("{line}\n"),
        }
    }
    let path = draft.path.clone();
    draft.file(&path, text, draft.front.mode());
    Ok(())
}

fn theirs<'h>(draft: &Draft<'h>, keyword: &str, value: &str) -> Option<&'h Fact> {
    let counts = |fact: &&Fact| !fact.scope.is_empty() || !ALGORITHMS.contains(&keyword);
    let all = draft.host.area("ssh-client").iter().filter(|fact| fact.key == keyword && fact.value != value);
    all.filter(counts).find(|fact| is_written(&fact.origin))
}
