//! Messages of sshd (`auth_log` and its neighbours in OpenSSH).

use super::{Event, METHODS, Outcome, one_of};

pub fn parse(message: &str) -> Option<Event<'_>> {
    decided(message).or_else(|| refused_by_pam(message)).or_else(|| exceeded(message)).or_else(|| {
        let (outcome, who) = left(message).or_else(|| unknown(message))?;
        Some(event("none", outcome, who))
    })
}

/// `Failed password for [invalid user ]bob from 192.0.2.1 port 22 ssh2[: key]`.
///
/// Not counted: `none`, by which every client first asks what is allowed, and `…/pam`, which is told
/// more reliably by the error of PAM before it.
fn decided(message: &str) -> Option<Event<'_>> {
    let (outcome, rest) = match message.split_once(' ')? {
        ("Failed", rest) => (Outcome::Failed, rest),
        ("Accepted", rest) => (Outcome::Accepted, rest),
        _ => return None,
    };
    let (method, rest) = rest.split_once(" for ")?;
    let skipped = outcome == Outcome::Failed && (method == "none" || method.ends_with("/pam"));
    let method = method.split_once('/').map_or(method, |(method, _)| method);
    let fit = !skipped && !method.contains(' ');
    fit.then(|| who(rest))?.map(|who| event(method, outcome, who))
}

/// `error: PAM: Authentication failure for [illegal user ]bob from 192.0.2.1`: below the log level VERBOSE the
/// only trace of a wrong answer in a keyboard-interactive dialogue.
fn refused_by_pam(message: &str) -> Option<Event<'_>> {
    let (_why, rest) = message.strip_prefix("error: PAM: ")?.split_once(" for ")?;
    let (user, address) = rest.rsplit_once(" from ")?;
    let user = user.strip_prefix("illegal user ").unwrap_or(user);
    let fit = !address.is_empty() && !address.contains(' ');
    fit.then(|| event("keyboard-interactive", Outcome::Failed, (user, address)))
}

/// `error: maximum authentication attempts exceeded for bob from 192.0.2.1 port 22 ssh2 [preauth]`.
fn exceeded(message: &str) -> Option<Event<'_>> {
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let rest = message.strip_prefix("maximum authentication attempts exceeded for ")?;
    who(rest).map(|who| event("none", Outcome::Exceeded, who))
}

/// `Connection closed by authenticating user bob 192.0.2.1 port 22 [preauth]`.
fn left(message: &str) -> Option<(Outcome, (&str, &str))> {
    let starts = ["Connection closed by ", "Connection reset by ", "Disconnected from "];
    let rest = starts.iter().find_map(|start| message.strip_prefix(start))?;
    let rest = rest.strip_prefix("authenticating user ").or_else(|| rest.strip_prefix("invalid user "))?;
    let (rest, port) = rest.strip_suffix(" [preauth]")?.rsplit_once(" port ")?;
    let (user, address) = rest.rsplit_once(' ')?;
    port.parse::<u16>().ok()?;
    Some((Outcome::Abandoned, (user, address)))
}

/// `Invalid user bob from 192.0.2.1 port 22`.
fn unknown(message: &str) -> Option<(Outcome, (&str, &str))> {
    let rest = message.strip_prefix("Invalid user ")?;
    Some((Outcome::UnknownUser, last_from(rest)?))
}

/// User and address of `[invalid user ]bob from 192.0.2.1 port 22 ssh2…`.
fn who(rest: &str) -> Option<(&str, &str)> {
    let rest = rest.strip_prefix("invalid user ").unwrap_or(rest);
    last_from(rest)
}

/// The last `USER from ADDRESS port N`: earlier ones are part of the name.
fn last_from(text: &str) -> Option<(&str, &str)> {
    text.rmatch_indices(" from ").find_map(|(at, from)| {
        let (address, rest) = text[at + from.len()..].split_once(" port ")?;
        let port = rest.split(' ').next()?;
        let fit = !address.is_empty() && !address.contains(' ') && port.parse::<u16>().is_ok();
        fit.then(|| (&text[..at], address))
    })
}

fn event<'a>(method: &str, outcome: Outcome, (user, address): (&'a str, &'a str)) -> Event<'a> {
    Event { service: "sshd", method: one_of(&METHODS, method), outcome, times: 1, user, address }
}
