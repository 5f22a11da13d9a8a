//! A thread whose mounts and network are nobody else's, as are those of the programs that it starts; all of it ends with them.

use crate::Outcome;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use std::thread;

/// Runs `work` there; it takes root's rights, and the error says what was refused.
pub fn apart<T: Send>(work: impl FnOnce() -> Outcome<T> + Send) -> Outcome<T> {
    let own = || {
        unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWNET)
            .map_err(|error| format!("mounts and a network of one's own: {error}"))?;
        let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
        mount(None::<&str>, "/", None::<&str>, private, None::<&str>)
            .map_err(|error| format!("mounts that nobody else sees: {error}"))?;
        work()
    };
    thread::scope(|scope| scope.spawn(own).join()).unwrap_or_else(|_| Err("a thread stopped".to_owned()))
}
