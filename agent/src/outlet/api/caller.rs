//! Who is at the other end of the socket.

use crate::aside::aside;
use nix::unistd::{Uid, User};
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::sync::Semaphore;

/// How long the look-up of a name may take; the directory of users can be on another host, and that can be away.
const NAME_MAX: Duration = Duration::from_secs(1);
/// Look-ups that may be under way, given up or not; a caller beyond it is told by number.
const LOOKUPS_MAX: usize = 4;

static LOOKUPS: Semaphore = Semaphore::const_new(LOOKUPS_MAX);

/// A user of this host, by the kernel's word.
#[derive(Clone, Debug)]
pub struct Caller {
    uid: Option<u32>,
}

impl Caller {
    /// Asks the kernel for the peer's credentials.
    pub fn of(stream: &UnixStream) -> Self {
        Caller { uid: stream.peer_cred().ok().map(|credentials| credentials.uid()) }
    }

    /// Root, or the user that the daemon runs as: whoever can write its files anyway.
    pub fn is_root(&self) -> bool {
        self.uid.is_some_and(|uid| uid == 0 || uid == nix::unistd::geteuid().as_raw())
    }

    /// The user's name, or their number when it has none or the name does not come in time.
    pub async fn name(&self) -> String {
        let Some(uid) = self.uid else { return "somebody".to_owned() };
        named(uid, |uid| User::from_uid(Uid::from_raw(uid)).ok().flatten().map(|user| user.name)).await
    }
}

async fn named(uid: u32, look_up: impl FnOnce(u32) -> Option<String> + Send + 'static) -> String {
    let number = format!("uid {uid}");
    let Ok(permit) = LOOKUPS.try_acquire() else { return number };
    let name = aside("user", move || {
        let name = look_up(uid);
        drop(permit);
        name
    });
    let name = tokio::time::timeout(NAME_MAX, name).await;
    name.ok().and_then(Result::ok).flatten().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_look_up_that_hangs_gives_the_number_and_holds_no_more_than_its_place() {
        assert_eq!(named(7, |_| Some("root".to_owned())).await, "root");
        assert_eq!(named(7, |_| None).await, "uid 7");
        let (release, blocked) = std::sync::mpsc::channel::<()>();
        let hung = named(7, move |_| blocked.recv().ok().map(|()| "late".to_owned())).await;
        assert_eq!((hung.as_str(), LOOKUPS.available_permits()), ("uid 7", LOOKUPS_MAX - 1));
        drop(release);
    }
}
