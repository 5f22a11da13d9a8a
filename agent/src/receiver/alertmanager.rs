//! Alertmanager, by its API of version 2. Each instance of a cluster gets everything, as Alertmanager wants it; one that
//! takes it is enough, because what fires is confirmed again and again.

use super::http::{self, Post, Target};
use super::message::Message;
use super::{Kind, Outcome, Sending, missing};
use crate::config::{Receiver, Span};
use crate::json::labels;
use hostward_engine::State;
use hostward_model::time;
use hyper::body::Bytes;
use serde_json::{Value, json};

/// Instances of one cluster.
const INSTANCES_MAX: usize = 16;

/// Alertmanager forgets an alert of which it does not hear for a while, so it is told again and again.
pub const KIND: Kind = Kind {
    name: "alertmanager",
    keys: &["url", "ca_file", "token_file", "username", "password_file"],
    check,
    group_wait: Span::seconds(0),
    confirm: Some(Span::seconds(60)),
    notices_max: 64,
    send,
};

fn check(own: &Receiver) -> Option<(&'static str, String)> {
    if own.url.is_empty() {
        return Some(missing("url"));
    }
    if own.url.len() > INSTANCES_MAX {
        return Some(("url", format!("has more than {INSTANCES_MAX} addresses")));
    }
    own.url.iter().find_map(|url| Target::parse(url).err()).map(|why| ("url", why))
}

fn send<'a>(own: &'a Receiver, message: &'a Message) -> Sending<'a> {
    Box::pin(async move {
        let body = Bytes::from(body(message).to_string());
        let (mut is_delivered, mut worst) = (false, None);
        for url in &own.url {
            let outcome = match Target::parse(url) {
                Ok(target) => {
                    let target = target.below("/api/v2/alerts");
                    http::post(
                        own,
                        Post { target, body: body.clone(), headers: Vec::new(), allow_private: true },
                    )
                    .await
                }
                Err(why) => Outcome::Never(why),
            };
            match outcome {
                Outcome::Delivered => is_delivered = true,
                Outcome::Later(..) => worst = Some(outcome),
                Outcome::Never(_) => worst = worst.or(Some(outcome)),
            }
        }
        if is_delivered { Outcome::Delivered } else { worst.unwrap_or(Outcome::Delivered) }
    })
}

fn body(message: &Message) -> Value {
    let one = |notice: &hostward_engine::telling::Notice| {
        let own = &notice.alert;
        let ends_ms = own.resolved_ms.filter(|_| own.state == State::Resolved).unwrap_or(message.valid_ms);
        json!({
            "labels": labels(&own.labels),
            "annotations": labels(&own.annotations),
            "startsAt": time::rfc3339(own.fired_ms.unwrap_or(own.active_ms)),
            "endsAt": time::rfc3339(ends_ms),
            "generatorURL": message.generator_url(own),
        })
    };
    message.notices.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::super::message::tests::message;
    use super::*;

    #[test]
    fn what_fires_ends_unless_it_is_confirmed_and_what_ended_ended_then() {
        let body = body(&message(&[State::Firing, State::Resolved]));
        let ends: Vec<_> =
            body.as_array().unwrap().iter().map(|own| own["endsAt"].as_str().unwrap()).collect();
        assert_eq!(ends, ["2026-11-21T04:22:20Z", "2026-11-21T04:16:40Z"]);
        assert_eq!(body[0]["labels"]["alertname"], "DiskFull");
    }
}
