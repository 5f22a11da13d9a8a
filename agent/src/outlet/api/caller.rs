//! Who is at the other end of the socket.

use nix::unistd::{Uid, User};
use tokio::net::UnixStream;

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

    /// The user's name, or their number when it has none.
    pub fn name(&self) -> String {
        let Some(uid) = self.uid else { return "somebody".to_owned() };
        let user = User::from_uid(Uid::from_raw(uid)).ok().flatten();
        user.map_or_else(|| format!("uid {uid}"), |user| user.name)
    }
}
