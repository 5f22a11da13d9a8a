//! What is served over TCP: metrics and health, read-only.

use super::{Outlets, Response, metrics};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE};
use hyper::{Method, StatusCode};

const INDEX: &str = "<!doctype html>\n<meta charset=\"utf-8\">\n<title>hostward</title>\n<h1>hostward</h1>\n<ul>\n\
    <li><a href=\"/metrics\">/metrics</a>: for Prometheus\n\
    <li><a href=\"/-/healthy\">/-/healthy</a>: the process answers\n\
    <li><a href=\"/-/ready\">/-/ready</a>: the host has been looked at\n\
    </ul>\n<p>Alerts, queries and scripts: <code>hostward status</code> on the host itself.\n";

/// Answers a request.
pub fn answer(outlets: &Outlets, request: &hyper::Request<Incoming>) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n");
        response.headers_mut().insert(ALLOW, hyper::header::HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    match request.uri().path() {
        "/metrics" => metrics::scrape(outlets, request),
        "/-/healthy" => plain(StatusCode::OK, "hostward is healthy\n"),
        "/-/ready" => ready(outlets),
        "/" => typed(StatusCode::OK, "text/html; charset=utf-8", INDEX),
        _ => plain(StatusCode::NOT_FOUND, "no such page; see /\n"),
    }
}

fn ready(outlets: &Outlets) -> Response {
    match outlets.published.report() {
        Some(_) => plain(StatusCode::OK, "hostward is ready\n"),
        None => plain(StatusCode::SERVICE_UNAVAILABLE, "hostward has not looked at the host yet\n"),
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    typed(status, "text/plain; charset=utf-8", text)
}

fn typed(status: StatusCode, content_type: &'static str, text: &'static str) -> Response {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()).into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(content_type));
    response
}
