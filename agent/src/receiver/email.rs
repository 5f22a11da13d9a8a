//! E-mail over SMTP, with STARTTLS unless the configuration says otherwise, through the crate `lettre`.

use super::http::authorities;
use super::message::Message;
use super::{Kind, Outcome, Sending, missing, secret};
use crate::aside::aside;
use crate::config::{Receiver, Span};
use lettre::address::AddressError;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MessageBuilder};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error, SmtpTransportBuilder};
use lettre::{SmtpTransport, Transport};
use std::time::Duration;

/// People who get it.
const TO_MAX: usize = 32;
/// What is written at once.
const TEXT_BYTES_MAX: usize = 100_000;

/// A letter.
pub const KIND: Kind = Kind {
    name: "email",
    keys: &["server", "tls", "from", "to", "username", "password_file", "ca_file"],
    check,
    group_wait: Span::seconds(5),
    confirm: None,
    notices_max: 500,
    send,
};

fn check(own: &Receiver) -> Option<(&'static str, String)> {
    let Some(name) = &own.server else { return Some(missing("server")) };
    let Some((host, _)) = server(name) else {
        return Some(("server", format!("{name:?} is not a server and its port, as mail.example.org:587")));
    };
    let is_own_host = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
    match own.tls.as_str() {
        "starttls" | "tls" => {}
        "none" if is_own_host => {}
        "none" => return Some(("tls", "none is for a server on this host only".to_owned())),
        other => return Some(("tls", format!("{other:?} is neither starttls nor tls nor none"))),
    }
    let Some(from) = &own.from else { return Some(missing("from")) };
    if own.to.is_empty() || own.to.len() > TO_MAX {
        return Some(("to", format!("must have from 1 to {TO_MAX} addresses")));
    }
    let bad = |text: &String| text.parse::<Mailbox>().err().map(|error| refused(text, &error));
    bad(from).map(|why| ("from", why)).or_else(|| own.to.iter().find_map(bad).map(|why| ("to", why)))
}

fn refused(text: &str, error: &AddressError) -> String {
    format!("{text:?} is not an address: {error}")
}

fn server(text: &str) -> Option<(&str, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    Some((host, port.parse().ok()?)).filter(|_| !host.is_empty())
}

fn send<'a>(own: &'a Receiver, message: &'a Message) -> Sending<'a> {
    Box::pin(async move {
        let letter = match letter(own, message) {
            Ok(letter) => letter,
            Err(why) => return Outcome::Never(why),
        };
        let (receiver, instance, patience) = (own.clone(), message.instance.clone(), own.timeout.duration());
        let sent = aside("mail", move || {
            let transport = transport(&receiver, &instance).map_err(|why| Outcome::Later(why, None))?;
            transport.send(&letter).map(drop).map_err(|error| outcome(&error))
        });
        // Each step of the conversation has the time-out; all of them together have some of them.
        match tokio::time::timeout(4 * patience, sent).await {
            Ok(Ok(Ok(()))) => Outcome::Delivered,
            Ok(Ok(Err(outcome))) => outcome,
            Ok(Err(error)) => Outcome::Later(error.to_string(), None),
            Err(_) => Outcome::Later(format!("no answer within {} s", (4 * patience).as_secs()), None),
        }
    })
}

/// The server knows best: 5xx is for good, everything else may pass.
fn outcome(error: &Error) -> Outcome {
    let mut why = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        why += &format!(": {inner}");
        cause = inner.source();
    }
    if error.is_permanent() { Outcome::Never(why) } else { Outcome::Later(why, None) }
}

fn letter(own: &Receiver, message: &Message) -> Result<lettre::Message, String> {
    let mailbox = |text: &str| text.parse::<Mailbox>().map_err(|error| refused(text, &error));
    let from = mailbox(own.from.as_deref().unwrap_or_default())?;
    let mut builder: MessageBuilder = lettre::Message::builder().from(from).subject(message.title());
    for to in &own.to {
        builder = builder.to(mailbox(to)?);
    }
    let text = message.lines(TEXT_BYTES_MAX).join("\r\n\r\n") + "\r\n";
    builder.header(ContentType::TEXT_PLAIN).body(text).map_err(|error| error.to_string())
}

fn transport(own: &Receiver, instance: &str) -> Result<SmtpTransport, String> {
    let (host, port) = own.server.as_deref().and_then(server).ok_or("server is not set")?;
    let timeout: Duration = own.timeout.duration();
    let name: String = instance.chars().filter(|c| c.is_ascii_alphanumeric() || "-.".contains(*c)).collect();
    let mut builder: SmtpTransportBuilder = SmtpTransport::builder_dangerous(host)
        .port(port)
        .timeout(Some(timeout))
        .hello_name(ClientId::Domain(if name.is_empty() { "localhost".to_owned() } else { name }));
    builder = match own.tls.as_str() {
        "none" => builder,
        "tls" => builder.tls(Tls::Wrapper(parameters(own, host)?)),
        _ => builder.tls(Tls::Required(parameters(own, host)?)),
    };
    if let Some((name, file)) = own.username.as_ref().zip(own.password_file.as_ref()) {
        builder = builder.credentials(Credentials::new(name.clone(), secret::read(file)?));
    }
    Ok(builder.build())
}

fn parameters(own: &Receiver, host: &str) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(host.to_owned()).certificate_store(CertificateStore::None);
    for authority in authorities(own.ca_file.as_deref())? {
        let authority = Certificate::from_der(authority.to_vec()).map_err(|error| error.to_string())?;
        builder = builder.add_root_certificate(authority);
    }
    builder.build().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::message::tests::message;
    use super::*;
    use hostward_engine::State;

    fn own() -> Receiver {
        Receiver {
            server: Some("mail.example.org:587".to_owned()),
            from: Some("hostward <hostward@example.org>".to_owned()),
            to: vec!["ann@example.org".to_owned(), "bob@example.org".to_owned()],
            ..Receiver::default()
        }
    }

    #[test]
    fn a_letter_cannot_be_given_headers_from_outside() {
        let mut message = message(&[State::Firing]);
        message.notices[0].alert.name = "x\r\nBcc: eve@example.org".to_owned();
        message.notices[0].alert.annotations.set("summary", ".\r\n.\r\nMAIL FROM:<eve>");
        let letter = String::from_utf8(letter(&own(), &message).unwrap().formatted()).unwrap();
        let (head, _) = letter.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        assert!(head.contains("To: ann@example.org, bob@example.org"), "{head}");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert_eq!(check(&own()), None);
        let refused = |change: fn(&mut Receiver)| {
            let mut own = own();
            change(&mut own);
            check(&own).map(|(key, _)| key)
        };
        assert_eq!(refused(|own| own.server = None), Some("server"));
        assert_eq!(refused(|own| own.server = Some("mail".to_owned())), Some("server"));
        assert_eq!(refused(|own| own.tls = "ssl".to_owned()), Some("tls"));
        assert_eq!(refused(|own| own.tls = "none".to_owned()), Some("tls"));
        assert_eq!(refused(|own| own.from = Some("nobody".to_owned())), Some("from"));
        assert_eq!(refused(|own| own.to.clear()), Some("to"));
        assert_eq!(refused(|own| own.to[1] = "a b".to_owned()), Some("to"));
    }
}
