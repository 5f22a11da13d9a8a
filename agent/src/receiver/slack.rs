//! Slack, and what understands its incoming webhooks, as Mattermost and Rocket.Chat.

use super::http::{self, Post};
use super::message::Message;
use super::{Kind, Outcome, Sending, webhook};
use crate::config::{Receiver, Span};
use hostward_engine::telling::Severity;
use hyper::body::Bytes;
use serde_json::{Value, json};

/// What Slack takes in one text is 40,000 characters; people read less.
const TEXT_BYTES_MAX: usize = 8_000;

/// A chat.
pub const KIND: Kind = Kind {
    name: "slack",
    keys: &["url", "url_file", "allow_private", "ca_file"],
    check: webhook::check,
    group_wait: Span::seconds(5),
    confirm: None,
    notices_max: 200,
    send,
};

fn send<'a>(own: &'a Receiver, message: &'a Message) -> Sending<'a> {
    Box::pin(async move {
        let body = Bytes::from(body(message).to_string());
        match webhook::address(own) {
            Ok(target) => {
                http::post(own, Post { target, body, headers: Vec::new(), allow_private: own.allow_private })
                    .await
            }
            Err(why) => Outcome::Later(why, None),
        }
    })
}

fn body(message: &Message) -> Value {
    let text = message.lines(TEXT_BYTES_MAX).iter().map(|line| escaped(line)).collect::<Vec<_>>().join("\n");
    let title = escaped(&message.title());
    json!({ "text": title, "attachments": [{ "color": color(message), "text": text, "fallback": title }] })
}

fn color(message: &Message) -> &'static str {
    match (message.counts(), message.severity()) {
        ((0, _), _) => "good",
        (_, Severity::Critical) => "danger",
        (_, Severity::Warning) => "warning",
        _ => "#439fe0",
    }
}

/// The three characters that mean something to Slack; among others, they would call everybody in a channel.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::super::message::tests::message;
    use super::*;
    use hostward_engine::State;

    #[test]
    fn text_from_outside_calls_nobody() {
        let mut message = message(&[State::Firing]);
        message.notices[0].alert.annotations.set("summary", "<!channel> & co");
        let body = body(&message);
        let text = body["attachments"][0]["text"].as_str().unwrap();
        assert!(text.contains("&lt;!channel&gt; &amp; co"), "{text}");
        assert_eq!(body["text"], "[FIRING 1] DiskFull on web1");
        assert_eq!(body["attachments"][0]["color"], "#439fe0");
    }
}
