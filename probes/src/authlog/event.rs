//! What a line of the auth log says about a login.
//!
//! User names in these messages are chosen by whoever knocks and may hold anything that sshd writes itself. So
//! a message is recognised by its first words only, and the address is taken from its end.
//!
//! One attempt is often told several times: by sshd and by PAM, by PAM and by `su`. One of the tellers is
//! counted: sshd for itself, pam_unix for everyone else.

mod pam;
mod sshd;
mod sudo;

use super::line::Line;

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    Accepted,
    Failed,
    /// The client went away before it was let in; with keys only, this is all that a refused client leaves.
    Abandoned,
    /// Cut off after too many attempts.
    Exceeded,
    /// A name was asked for that is no account; the attempt itself has its own line.
    UnknownUser,
}

impl Outcome {
    /// The value of the label `result`.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Accepted => "accepted",
            Outcome::Failed => "failed",
            Outcome::Abandoned => "abandoned",
            Outcome::Exceeded => "exceeded",
            Outcome::UnknownUser => "unknown_user",
        }
    }
}

/// One recognised message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event<'a> {
    /// One of [`SERVICES`], or `other`.
    pub service: &'static str,
    /// One of [`METHODS`], or `other`.
    pub method: &'static str,
    pub outcome: Outcome,
    /// How many attempts the message stands for.
    pub times: u32,
    /// As the client gave it; empty when the message does not say.
    pub user: &'a str,
    /// The remote address; empty for a local login.
    pub address: &'a str,
}

/// Values of the label `service`.
pub const SERVICES: [&str; 16] = [
    "sshd",
    "sudo",
    "su",
    "login",
    "gdm",
    "lightdm",
    "sddm",
    "polkit-1",
    "cockpit",
    "vsftpd",
    "proftpd",
    "dovecot",
    "xrdp-sesman",
    "samba",
    "passwd",
    "chfn",
];

/// Values of the label `method`.
pub const METHODS: [&str; 7] =
    ["password", "publickey", "keyboard-interactive", "hostbased", "gssapi-with-mic", "none", "policy"];

/// The event that a line tells, if any.
pub fn parse<'a>(line: &Line<'a>) -> Option<Event<'a>> {
    let (times, message) = unfold(line.message);
    let event = if is_sshd(line.program) {
        sshd::parse(message)
    } else {
        sudo::parse(line.program, message).or_else(|| pam::parse(line.program, message))
    };
    event.map(|event| Event { times: event.times.saturating_mul(times), ..event })
}

/// The daemon split in 9.8 and again in 10.0.
fn is_sshd(program: &str) -> bool {
    matches!(program, "sshd" | "sshd-session" | "sshd-auth")
}

/// `message repeated 3 times: [ Failed … ]`: what rsyslog makes of equal lines.
fn unfold(message: &str) -> (u32, &str) {
    let folded = || {
        let (times, rest) = message.strip_prefix("message repeated ")?.split_once(" times: [ ")?;
        Some((times.parse().ok()?, rest.strip_suffix(']')?))
    };
    folded().unwrap_or((1, message))
}

fn one_of(words: &[&'static str], word: &str) -> &'static str {
    words.iter().copied().find(|known| *known == word).unwrap_or("other")
}

#[cfg(test)]
mod tests;
