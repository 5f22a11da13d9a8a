//! Rules of the audit system: the files of Docker are watched where it is.

use crate::config::draft::{Draft, Given};

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    if ["/usr/bin/dockerd", "/usr/sbin/dockerd"].iter().any(|path| draft.host.has(path)) {
        draft.give("docker", Given::Flag);
    }
    Ok(())
}
