//! A webhook: the message as JSON, signed when there is a key.

use super::http::{self, Post, Target};
use super::message::Message;
use super::{Kind, Outcome, Sending, missing, payload, secret};
use crate::config::{Receiver, Span};
use hmac::{Hmac, KeyInit, Mac};
use hyper::body::Bytes;
use sha2::Sha256;
use std::fmt::Write;

/// The signature, as others name theirs.
const SIGNATURE: &str = "x-hostward-signature-256";

/// A webhook of any program.
pub const KIND: Kind = Kind {
    name: "webhook",
    keys: &[
        "url",
        "url_file",
        "allow_private",
        "ca_file",
        "token_file",
        "username",
        "password_file",
        "secret_file",
    ],
    check,
    group_wait: Span::seconds(0),
    confirm: None,
    notices_max: 64,
    send,
};

/// The one address of a receiver, from the configuration or a file.
pub fn address(own: &Receiver) -> Result<Target, String> {
    match (&own.url[..], &own.url_file) {
        ([url], None) => Target::parse(url),
        ([], Some(file)) => {
            Target::parse(&secret::read(file)?).map_err(|why| format!("{}: {why}", file.display()))
        }
        _ => Err("either url, with one address, or url_file must be set".to_owned()),
    }
}

/// The same as a check, without a look at files.
pub fn check(own: &Receiver) -> Option<(&'static str, String)> {
    match (&own.url[..], &own.url_file) {
        ([], None) => Some(missing("url")),
        ([_, _, ..], _) => Some(("url", "has more than one address".to_owned())),
        ([_], Some(_)) => Some(("url_file", "cannot be set together with url".to_owned())),
        ([url], None) => Target::parse(url).err().map(|why| ("url", why)),
        ([], Some(_)) => None,
    }
}

fn send<'a>(own: &'a Receiver, message: &'a Message) -> Sending<'a> {
    Box::pin(async move {
        let body = Bytes::from(payload::webhook(message).to_string());
        let post = address(own).and_then(|target| {
            let key = own.secret_file.as_deref().map(secret::read).transpose()?;
            let headers = key.map(|key| (SIGNATURE, signature(&key, &body)));
            let headers = headers.into_iter().collect();
            Ok(Post { target, body, headers, allow_private: own.allow_private })
        });
        match post {
            Ok(post) => http::post(own, post).await,
            // A file that cannot be read may be there again later.
            Err(why) => Outcome::Later(why, None),
        }
    })
}

fn signature(key: &str, body: &[u8]) -> String {
    let mut out = "sha256=".to_owned();
    // A key of any length will do.
    if let Ok(mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) {
        for byte in mac.chain_update(body).finalize().into_bytes() {
            let _ = write!(out, "{byte:02x}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test case 2 of RFC 4231.
    #[test]
    fn the_signature_is_that_of_the_standard() {
        assert_eq!(
            signature("Jefe", b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
