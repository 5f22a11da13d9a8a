//! What sudo itself refuses: the password was right, the rules were not.
//!
//! Wrong passwords and commands that are run are told by PAM.

use super::{Event, Outcome};

const REASONS: [&str; 3] = ["user NOT in sudoers", "user NOT authorized on host", "command not allowed"];

/// `bob : user NOT in sudoers ; TTY=pts/0 ; PWD=/home/bob ; USER=root ; COMMAND=/bin/ls`.
pub fn parse<'a>(program: &str, message: &'a str) -> Option<Event<'a>> {
    let (user, rest) = message.split_once(" : ").filter(|_| program == "sudo")?;
    let (reason, _) = rest.split_once(" ; ")?;
    let is_refusal = REASONS.contains(&reason);
    is_refusal.then_some(Event {
        service: "sudo",
        method: "policy",
        outcome: Outcome::Failed,
        times: 1,
        user,
        address: "",
    })
}
