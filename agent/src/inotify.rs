//! Changes of files, as the kernel tells them (inotify(7)).

use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, InotifyEvent};
use std::io;
use std::sync::Arc;
use std::thread::Builder;

const STACK_BYTES: usize = 64 << 10;

/// What makes a file of a directory another than before. To open or to read it does not: in a directory such as `/etc` the
/// whole host reads.
pub const CHANGES: AddWatchFlags = AddWatchFlags::IN_CLOSE_WRITE
    .union(AddWatchFlags::IN_ATTRIB)
    .union(AddWatchFlags::IN_CREATE)
    .union(AddWatchFlags::IN_DELETE)
    .union(AddWatchFlags::IN_MOVE);

/// What becomes of the directory itself.
pub const OF_ITSELF: AddWatchFlags = AddWatchFlags::IN_DELETE_SELF.union(AddWatchFlags::IN_MOVE_SELF);

/// Watches nothing yet, and tells of what changes until `tell` says no: on a thread of this name, for there is no asynchronous
/// way without unsafe code.
pub fn follow(
    name: &str,
    mut tell: impl FnMut(&[InotifyEvent]) -> bool + Send + 'static,
) -> io::Result<Arc<Inotify>> {
    let inotify = Arc::new(Inotify::init(InitFlags::IN_CLOEXEC)?);
    let own = inotify.clone();
    let wait = move || {
        while let Ok(events) = own.read_events() {
            if !tell(&events) {
                return;
            }
        }
    };
    Builder::new().name(name.to_owned()).stack_size(STACK_BYTES).spawn(wait)?;
    Ok(inotify)
}
