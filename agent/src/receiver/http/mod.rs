//! One POST over HTTP/1.1, with or without TLS: no redirects, one connection for each, everything bounded.

mod reach;
mod target;
mod trust;

pub use target::Target;
pub use trust::authorities;

use super::{Outcome, secret};
use crate::aside::aside;
use crate::config::Receiver;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// What is read of an answer, to be shown when it is a refusal.
const ANSWER_BYTES_MAX: usize = 4 << 10;
/// What is shown of it.
const SHOWN_CHARS_MAX: usize = 200;
/// The longest pause that a receiver may ask for.
const PAUSE_SECONDS_MAX: u64 = 3600;

/// What is sent.
pub struct Post {
    /// Where to.
    pub target: Target,
    /// The body, which is JSON.
    pub body: Bytes,
    /// More headers.
    pub headers: Vec<(&'static str, String)>,
    /// Whether the target may be in a private network.
    pub allow_private: bool,
}

/// Sends, and says what came of it.
pub async fn post(own: &Receiver, post: Post) -> Outcome {
    let place = post.target.place();
    let sent = tokio::time::timeout(own.timeout.duration(), exchange(own, post)).await;
    match sent {
        Ok(Ok(outcome)) => outcome.at(&place),
        Ok(Err(outcome)) => outcome.at(&place),
        Err(_) => Outcome::Later(format!("{place}: no answer within {}", own.timeout), None),
    }
}

impl Outcome {
    fn at(self, place: &str) -> Self {
        match self {
            Outcome::Later(why, pause) => Outcome::Later(format!("{place}: {why}"), pause),
            Outcome::Never(why) => Outcome::Never(format!("{place}: {why}")),
            Outcome::Delivered => Outcome::Delivered,
        }
    }
}

async fn exchange(own: &Receiver, post: Post) -> Result<Outcome, Outcome> {
    let later = |error: String| Outcome::Later(error, None);
    let request = request(own, &post).map_err(later)?;
    let stream = connect(&post.target, post.allow_private).await?;
    let answer = if post.target.is_tls {
        let stream = trust::wrap(stream, &post.target.host, own.ca_file.as_deref()).await.map_err(later)?;
        speak(stream, request).await
    } else {
        speak(stream, request).await
    };
    Ok(judge(answer.map_err(|error| later(error.to_string()))?).await)
}

fn request(own: &Receiver, post: &Post) -> Result<Request<Full<Bytes>>, String> {
    let version = concat!("hostward/", env!("CARGO_PKG_VERSION"));
    let mut request = Request::post(&post.target.path)
        .header(HOST, post.target.authority())
        .header(USER_AGENT, version)
        .header(CONTENT_TYPE, "application/json");
    if let Some(login) = login(own)? {
        request = request.header(AUTHORIZATION, login);
    }
    for (name, value) in &post.headers {
        request = request.header(*name, value);
    }
    request.body(Full::new(post.body.clone())).map_err(|error| error.to_string())
}

fn login(own: &Receiver) -> Result<Option<String>, String> {
    if let Some(file) = &own.token_file {
        return Ok(Some(format!("Bearer {}", secret::read(file)?)));
    }
    let Some((name, file)) = own.username.as_ref().zip(own.password_file.as_ref()) else { return Ok(None) };
    Ok(Some(format!("Basic {}", STANDARD.encode(format!("{name}:{}", secret::read(file)?)))))
}

/// The address that is connected to is the one that was looked at: a name cannot mean another one in between.
async fn connect(target: &Target, allow_private: bool) -> Result<TcpStream, Outcome> {
    let (host, port) = (target.host.clone(), target.port);
    let found = aside("resolve", move || (host.as_str(), port).to_socket_addrs().map(Vec::from_iter)).await;
    let found = found.flatten().map_err(|error| Outcome::Later(format!("cannot be found: {error}"), None))?;
    let allowed = |address: &&SocketAddr| allow_private || reach::is_public(address.ip());
    let Some(first) = found.first() else { return Err(Outcome::Later("has no address".to_owned(), None)) };
    let mut last = None;
    for address in found.iter().filter(allowed) {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Some(error),
        }
    }
    let Some(error) = last else {
        let why =
            format!("leads to {}, which is in a private network; allow_private = true lets it", first.ip());
        return Err(Outcome::Never(why));
    };
    Err(Outcome::Later(format!("cannot be reached: {error}"), None))
}

async fn speak<S>(stream: S, request: Request<Full<Bytes>>) -> hyper::Result<Response<Incoming>>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    // It ends with the sender and the answer, which both are dropped in time.
    tokio::spawn(connection);
    sender.send_request(request).await
}

async fn judge(answer: Response<Incoming>) -> Outcome {
    let (head, body) = answer.into_parts();
    if head.status.is_success() {
        return Outcome::Delivered;
    }
    let pause = head.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let pause = pause.map(|seconds| Duration::from_secs(seconds.min(PAUSE_SECONDS_MAX)));
    let said = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
    let said = said.map(|body| String::from_utf8_lossy(&body.to_bytes()).into_owned()).unwrap_or_default();
    let said: String = said.trim().chars().filter(|c| !c.is_control()).take(SHOWN_CHARS_MAX).collect();
    outcome(head.status, &said, pause)
}

/// What may pass: too much at once, a time-out, trouble of the server. What will not: anything else.
fn outcome(status: StatusCode, said: &str, pause: Option<Duration>) -> Outcome {
    let why = format!("answers {status}: {said}").trim_end_matches([':', ' ']).to_owned();
    match status.as_u16() {
        300..=399 => Outcome::Never(format!("{why}; redirects are not followed")),
        408 | 425 | 429 | 500..=599 => Outcome::Later(why, pause),
        _ => Outcome::Never(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_tried_again() {
        let told = |status: u16| match outcome(StatusCode::from_u16(status).unwrap(), "no", None) {
            Outcome::Later(..) => "later",
            Outcome::Never(_) => "never",
            Outcome::Delivered => "delivered",
        };
        let said = [301, 400, 401, 404, 408, 413, 429, 500, 503].map(told);
        assert_eq!(said, ["never", "never", "never", "never", "later", "never", "later", "later", "later"]);
    }

    #[tokio::test]
    async fn a_private_address_is_refused_unless_allowed() {
        let own = Receiver::default();
        let post_to = async |url: &str, allow_private| {
            let (target, body) = (Target::parse(url).unwrap(), Bytes::new());
            post(&own, Post { target, body, headers: Vec::new(), allow_private }).await
        };
        // Nobody listens on port 1, so that nothing is sent either way.
        for url in
            ["http://127.0.0.1:1/", "http://[::1]:1/", "http://localhost:1/", "http://[::ffff:10.0.0.1]:1/"]
        {
            let refused = post_to(url, false).await;
            assert!(matches!(&refused, Outcome::Never(why) if why.contains("private")), "{url}: {refused:?}");
        }
        let tried = post_to("http://127.0.0.1:1/", true).await;
        assert!(matches!(&tried, Outcome::Later(why, _) if why.contains("cannot be reached")), "{tried:?}");
    }
}
