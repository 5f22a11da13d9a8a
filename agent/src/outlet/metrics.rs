//! /metrics: the published view and hostward's telemetry, as text.

use super::gzip::Gzip;
use super::{Outlets, Response, accept};
use hostward_model::text::Format;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, VARY};
use std::sync::PoisonError;
use std::time::Instant;

/// Memory that is used again for each scrape.
#[derive(Default)]
pub struct Scratch {
    text: String,
    gzip: Gzip,
}

/// Answers a scrape.
pub fn scrape(outlets: &Outlets, request: &hyper::Request<Incoming>) -> Response {
    let begun = Instant::now();
    let header = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let (format, gzip) = (accept::format(header(ACCEPT)), accept::gzip(header(ACCEPT_ENCODING)));
    let response = answer(outlets, format, gzip);
    outlets.published.telemetry.scraped(begun.elapsed());
    response
}

fn answer(outlets: &Outlets, format: Format, gzip: bool) -> Response {
    let mut scratch = outlets.scratch.lock().unwrap_or_else(PoisonError::into_inner);
    let Scratch { text, gzip: compressor } = &mut *scratch;
    text.clear();
    write(outlets, text, format);
    let body = match gzip {
        true => Bytes::from(compressor.compress(text.as_bytes())),
        false => Bytes::copy_from_slice(text.as_bytes()),
    };
    let mut response = Response::new(body.into());
    let mut set = |name, value: &'static str| response.headers_mut().insert(name, value.parse().ok()?);
    set(CONTENT_TYPE, format.content_type());
    set(VARY, "Accept, Accept-Encoding");
    if gzip {
        set(CONTENT_ENCODING, "gzip");
    }
    response
}

fn write(outlets: &Outlets, out: &mut String, format: Format) {
    let view = outlets.published.view();
    if let Some(view) = &view {
        view.write(out, format);
    }
    outlets.published.telemetry.write(out, format, view.as_deref());
    if format == Format::OpenMetrics {
        out.push_str("# EOF\n");
    }
}
