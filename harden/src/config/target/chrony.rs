//! chrony: servers are named where nobody has named any but the pool that Debian comes with.

use crate::config::draft::Draft;
use crate::config::host::is_written;
use hostward_model::Fact;

const POOL: &str = "debian.pool.ntp.org";

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    let theirs = |fact: &&Fact| {
        is_written(&fact.origin)
            && fact.scope == "chrony"
            && fact.key == "server"
            && !fact.value.contains(POOL)
    };
    let named: Vec<&Fact> = draft.host.area("time").iter().filter(theirs).collect();
    if named.is_empty() {
        let (path, text) = (draft.path.clone(), draft.part("main")?);
        draft.file(&path, text, draft.front.mode());
    }
    for own in named {
        draft.keep(format!("server {}", own.value), format!("{} names it", own.origin));
    }
    Ok(())
}
