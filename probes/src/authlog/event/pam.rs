//! Messages of pam_unix for everyone but sshd.

use super::{Event, Outcome, SERVICES, is_sshd, one_of};

pub fn parse<'a>(program: &str, message: &'a str) -> Option<Event<'a>> {
    refused(message).or_else(|| refused_more(program, message)).or_else(|| opened(message))
}

/// `pam_unix(sudo:auth): authentication failure; logname= uid=1000 … rhost=  user=bob`.
fn refused(message: &str) -> Option<Event<'_>> {
    let (service, rest) = said_by(message, ":auth")?;
    let fields = rest.strip_prefix("authentication failure; ")?;
    event(service, "password", Outcome::Failed, 1, fields)
}

/// `PAM 2 more authentication failures; logname= … rhost=  user=bob`: the repetitions, told at the end.
fn refused_more<'a>(program: &str, message: &'a str) -> Option<Event<'a>> {
    let (times, rest) = message.strip_prefix("PAM ")?.split_once(" more authentication failure")?;
    let (_plural, fields) = rest.split_once("; ")?;
    event(program, "password", Outcome::Failed, times.parse().ok()?, fields)
}

/// `pam_unix(su:session): session opened for user root(uid=0) by bob(uid=1000)`.
fn opened(message: &str) -> Option<Event<'_>> {
    let (service, rest) = said_by(message, ":session")?;
    let rest = rest.strip_prefix("session opened for user ")?;
    let user = rest.split(['(', ' ']).next()?;
    let event = event(service, "other", Outcome::Accepted, 1, "")?;
    // Timers and the per-user systemd open sessions as well; nobody logs in there.
    (event.service != "other").then_some(Event { user, ..event })
}

fn said_by<'a>(message: &'a str, part: &str) -> Option<(&'a str, &'a str)> {
    let (who, rest) = message.strip_prefix("pam_unix(")?.split_once("): ")?;
    Some((who.strip_suffix(part)?, rest))
}

fn event<'a>(
    service: &str,
    method: &'static str,
    outcome: Outcome,
    times: u32,
    fields: &'a str,
) -> Option<Event<'a>> {
    // sshd tells its attempts itself.
    if is_sshd(service) {
        return None;
    }
    let (user, address) = who(fields);
    Some(Event { service: known(service), method, outcome, times, user, address })
}

/// The variants of one program (`su-l`, `sudo-i`, `gdm-password`) are one service.
fn known(service: &str) -> &'static str {
    let family = service.split_once('-').map_or(service, |(family, _)| family);
    match one_of(&SERVICES, service) {
        "other" => one_of(&SERVICES, family),
        exact => exact,
    }
}

/// The user name comes last and may hold anything, so the first `user=` ends the rest.
fn who(fields: &str) -> (&str, &str) {
    let Some((_, rest)) = fields.split_once(" rhost=") else { return ("", "") };
    let (address, user) = rest.split_once(" user=").unwrap_or((rest, ""));
    (user, address.trim())
}
