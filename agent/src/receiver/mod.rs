//! Where notifications go: a file for each kind of receiver, all of them in [`KINDS`].
//!
//! What is to be told waits in the database (see [`crate::state`]). One thread works for all receivers, a task for each:
//! [`worker`] takes what is due, has its kind send it, and notes what became of it. A receiver that does not answer holds
//! up nobody else, and nothing here can hold up a tick.

mod alertmanager;
mod batch;
mod breaker;
mod email;
mod exec;
mod http;
mod message;
mod ntfy;
mod payload;
mod secret;
mod settings;
mod slack;
mod tally;
mod thread;
mod webhook;
mod worker;

pub use settings::Settings;
pub use tally::{METRICS, Tally};
pub use thread::Receivers;

use crate::config::{Receiver, Span};
use message::Message;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// Every kind of receiver.
pub const KINDS: &[Kind] =
    &[alertmanager::KIND, webhook::KIND, email::KIND, slack::KIND, ntfy::KIND, exec::KIND];

/// Bounds of a receiver's name, which stands in keys and labels.
const NAME_BYTES_MAX: usize = 40;
/// The least and the most that a receiver may be given to answer.
const TIMEOUTS: [Span; 2] = [Span::seconds(1), Span::seconds(60)];
/// Who is told more often than this is not told but flooded.
const REPEAT_MIN: Span = Span::seconds(1);
/// Keys of every receiver.
const COMMON: &[&str] = &[
    "type",
    "enabled",
    "match",
    "min_severity",
    "send_resolved",
    "group_wait",
    "group_by",
    "repeat",
    "heartbeat",
    "timeout",
];

/// A kind of receiver.
pub struct Kind {
    /// Its word in the configuration.
    pub name: &'static str,
    /// Keys that it takes besides those of every receiver.
    pub keys: &'static [&'static str],
    /// What is wrong with its keys: which, and why.
    pub check: fn(&Receiver) -> Option<(&'static str, String)>,
    /// How long to wait for more unless the configuration says so.
    pub group_wait: Span,
    /// How often what fires is confirmed, for a receiver that forgets alerts of which it does not hear.
    pub confirm: Option<Span>,
    /// How many notices go into one message.
    pub notices_max: usize,
    /// Sends a message.
    pub send: for<'a> fn(&'a Receiver, &'a Message) -> Sending<'a>,
}

/// A message under way.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

/// What came of sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has it.
    Delivered,
    /// It is worth another try, not before the time that the receiver asked for.
    Later(String, Option<Duration>),
    /// It will never be taken.
    Never(String),
}

/// The kind with that word.
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// What is wrong with a receiver: the key at fault, empty for its name, and why.
pub fn complaint(name: &str, own: &Receiver) -> Option<(String, String)> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.chars().all(is_plain) {
        let why = format!("the name must be made of at most {NAME_BYTES_MAX} of a-z, 0-9, - and _");
        return Some((String::new(), why));
    }
    let Some(kind) = kind(&own.r#type) else {
        let known: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
        return Some((
            "type".to_owned(),
            format!("there is no such type; the types are {}", known.join(", ")),
        ));
    };
    stray(kind, own)
        .map(|key| (key, format!("is not for the type {}", kind.name)))
        .or_else(|| common(own).or_else(|| (kind.check)(own)).map(|(key, why)| (key.to_owned(), why)))
}

/// A key that is set and that the kind does not know.
fn stray(kind: &Kind, own: &Receiver) -> Option<String> {
    let set = toml::Table::try_from(own).unwrap_or_default();
    let unset = toml::Table::try_from(Receiver::default()).unwrap_or_default();
    let known = |key: &str| COMMON.contains(&key) || kind.keys.contains(&key);
    set.into_iter().find(|(key, value)| !known(key) && unset.get(key) != Some(value)).map(|(key, _)| key)
}

fn common(own: &Receiver) -> Option<(&'static str, String)> {
    let [least, most] = TIMEOUTS;
    if own.timeout < least || own.timeout > most {
        return Some(("timeout", format!("{} is not from {least} to {most}", own.timeout)));
    }
    let paces = [("repeat", own.repeat), ("heartbeat", own.heartbeat)];
    let short = paces.into_iter().find(|(_, pace)| pace.is_some_and(|pace| pace < REPEAT_MIN));
    short.map(|(key, _)| (key, format!("is too short; the least is {REPEAT_MIN}")))
}

/// A key that must be set and is not.
fn missing(key: &'static str) -> (&'static str, String) {
    (key, "must be set".to_owned())
}
