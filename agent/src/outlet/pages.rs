//! What is served to everybody: metrics and health, read-only.

use super::rebinding::means_this_host;
use super::web::{Settings, Verdict};
use super::{Door, Outlets, Response, metrics, prometheus};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::{Method, StatusCode};

const TEXT: &str = "text/plain; charset=utf-8";

const INDEX: &str = "<!doctype html>\n<meta charset=\"utf-8\">\n<title>hostward</title>\n<h1>hostward</h1>\n<ul>\n\
    <li><a href=\"/metrics\">/metrics</a>: for Prometheus\n\
    <li><a href=\"/-/healthy\">/-/healthy</a>: the process answers\n\
    <li><a href=\"/-/ready\">/-/ready</a>: the host has been looked at\n\
    </ul>\n<p>Alerts, queries and scripts: <code>hostward status</code> on the host itself.\n";

/// Answers of which nobody has fetched the end yet, all together; beyond it, the slowest reader is shown the door.
const UNDER_WAY_BYTES_MAX: usize = 24 << 20;

/// Answers a request, if whoever asks may.
pub async fn answer(outlets: &Outlets, door: Door, request: hyper::Request<Incoming>) -> Response {
    let settings = outlets.web.current().await;
    let mut response = match outlets.web.has_room() {
        true => admitted(outlets, &settings, door, request).await,
        false => plain(StatusCode::TOO_MANY_REQUESTS, "too many requests; try again\n"),
    };
    response.headers_mut().extend(settings.headers.iter().cloned());
    response
}

async fn admitted(
    outlets: &Outlets,
    settings: &Settings,
    door: Door,
    request: hyper::Request<Incoming>,
) -> Response {
    let authorization = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    match outlets.web.admit(settings, authorization).await {
        Verdict::Right if door == (Door::Api { is_open: true }) && !settings.knows_everybody => {
            plain(StatusCode::FORBIDDEN, "listen.web_config must name users or ask for certificates\n")
        }
        Verdict::Right if door == (Door::Api { is_open: false }) && !means_this_host(&request) => plain(
            StatusCode::FORBIDDEN,
            "this port answers those who call it by an address or as localhost\n",
        ),
        Verdict::Right if door != Door::Pages && request.uri().path().starts_with(prometheus::PREFIX) => {
            prometheus::answer(outlets, request).await
        }
        Verdict::Right => page(outlets, &request),
        Verdict::Wrong => {
            let mut response = plain(StatusCode::UNAUTHORIZED, "a user's name and password are needed\n");
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic"));
            response
        }
        Verdict::Unknown => {
            let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, "too many logins at once; try again\n");
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
            response
        }
    }
}

fn page(outlets: &Outlets, request: &hyper::Request<Incoming>) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n");
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    match request.uri().path() {
        "/metrics" => scrape(outlets, request),
        "/-/healthy" => plain(StatusCode::OK, "hostward is healthy\n"),
        "/-/ready" => ready(outlets),
        "/" => typed(StatusCode::OK, "text/html; charset=utf-8", INDEX),
        _ => plain(StatusCode::NOT_FOUND, "no such page; see /\n"),
    }
}

fn scrape(outlets: &Outlets, request: &hyper::Request<Incoming>) -> Response {
    if outlets.pages.bytes_under_way() > UNDER_WAY_BYTES_MAX {
        outlets.places.make_room();
    }
    outlets.published.telemetry.set_connections_dismissed(outlets.places.dismissed());
    metrics::scrape(outlets, request)
        .unwrap_or_else(|complaint| typed(StatusCode::BAD_REQUEST, TEXT, format!("{complaint}\n")))
}

fn ready(outlets: &Outlets) -> Response {
    match outlets.published.report() {
        Some(_) => plain(StatusCode::OK, "hostward is ready\n"),
        None => plain(StatusCode::SERVICE_UNAVAILABLE, "hostward has not looked at the host yet\n"),
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    typed(status, TEXT, text)
}

fn typed(status: StatusCode, content_type: &'static str, text: impl Into<Bytes>) -> Response {
    let mut response = Response::new(text.into().into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
