//! ntfy: pushes to telephones. The address is that of a topic, as <https://ntfy.sh/mytopic>; the message goes to the server
//! as JSON, because headers could not carry every letter.

use super::http::{self, Post, Target};
use super::message::Message;
use super::{Kind, Outcome, Sending, webhook};
use crate::config::{Receiver, Span};
use hostward_engine::telling::Severity;
use hyper::body::Bytes;
use serde_json::{Value, json};

/// Beyond 4,096 bytes ntfy makes a file of a message.
const TEXT_BYTES_MAX: usize = 3_500;

/// A push service.
pub const KIND: Kind = Kind {
    name: "ntfy",
    keys: &["url", "url_file", "allow_private", "ca_file", "token_file", "username", "password_file"],
    check,
    group_wait: Span::seconds(5),
    confirm: None,
    notices_max: 100,
    send,
};

fn check(own: &Receiver) -> Option<(&'static str, String)> {
    let topic = |url: &String| split(Target::parse(url).ok()?).err();
    webhook::check(own).or_else(|| own.url.first().and_then(topic).map(|why| ("url", why)))
}

fn send<'a>(own: &'a Receiver, message: &'a Message) -> Sending<'a> {
    Box::pin(async move {
        match webhook::address(own).and_then(split) {
            Ok((target, topic)) => {
                let body = Bytes::from(body(message, &topic).to_string());
                http::post(own, Post { target, body, headers: Vec::new(), allow_private: own.allow_private })
                    .await
            }
            Err(why) => Outcome::Later(why, None),
        }
    })
}

/// The server, and the topic that was the last part of its path.
fn split(mut target: Target) -> Result<(Target, String), String> {
    let path = target.path.trim_end_matches('/').to_owned();
    let (server, topic) = path.rsplit_once('/').unwrap_or(("", ""));
    if topic.is_empty() || topic.contains('?') {
        return Err("must end with a topic, as https://ntfy.sh/mytopic".to_owned());
    }
    target.path = format!("{server}/");
    Ok((target, topic.to_owned()))
}

fn body(message: &Message, topic: &str) -> Value {
    let (priority, tag) = match (message.counts(), message.severity()) {
        ((0, _), _) => (3, "white_check_mark"),
        (_, Severity::Critical) => (5, "rotating_light"),
        (_, Severity::Warning) => (4, "warning"),
        _ => (3, "information_source"),
    };
    json!({
        "topic": topic,
        "title": message.title(),
        "message": message.lines(TEXT_BYTES_MAX).join("\n"),
        "priority": priority,
        "tags": [tag],
    })
}

#[cfg(test)]
mod tests {
    use super::super::message::tests::message;
    use super::*;
    use hostward_engine::State;

    #[test]
    fn the_topic_is_the_end_of_the_path() {
        let parted = |url: &str| split(Target::parse(url).unwrap()).map(|(own, topic)| (own.path, topic));
        assert_eq!(parted("https://ntfy.sh/ops"), Ok(("/".to_owned(), "ops".to_owned())));
        assert_eq!(parted("https://a/b/ops/"), Ok(("/b/".to_owned(), "ops".to_owned())));
        assert!(parted("https://ntfy.sh/").is_err());
        let body = body(&message(&[State::Resolved]), "ops");
        assert_eq!((&body["topic"], &body["priority"]), (&json!("ops"), &json!(3)));
    }
}
