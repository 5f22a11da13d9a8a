//! /metrics: the published view and hostward's telemetry, as text.

use super::accept::{Dialect, Encoding};
use super::body::Body;
use super::filter::Filter;
use super::{Outlets, Response};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue, VARY};
use std::time::Instant;

/// Answers a scrape; the error is what is wrong with the request.
pub fn scrape(outlets: &Outlets, request: &hyper::Request<Incoming>) -> Result<Response, String> {
    let begun = Instant::now();
    let filter = Filter::parse(request.uri().query().unwrap_or(""))?;
    if filter != Filter::All {
        let (view, report) = (outlets.published.view(), outlets.published.report());
        let seen = view.as_ref().map_or(&[][..], |view| &view.catalog.probes);
        filter.complaint(seen, report.as_deref()).map_or(Ok(()), Err)?;
    }
    let dialect = Dialect::negotiated(&header(request, ACCEPT));
    let encoding = Encoding::negotiated(&header(request, ACCEPT_ENCODING));
    let body = outlets.pages.write(&outlets.published, &filter, dialect, encoding);
    outlets.published.telemetry.scraped(begun.elapsed());
    Ok(typed(body, dialect, encoding))
}

/// A header that is sent in several lines is one list.
fn header(request: &hyper::Request<Incoming>, name: HeaderName) -> String {
    let lines = request.headers().get_all(name);
    lines.iter().filter_map(|line| line.to_str().ok()).collect::<Vec<_>>().join(",")
}

fn typed(body: Body, dialect: Dialect, encoding: Encoding) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.extend(HeaderValue::try_from(dialect.content_type()).map(|value| (CONTENT_TYPE, value)));
    headers.insert(VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
    if let Some(word) = encoding.as_str() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(word));
    }
    response
}
