//! The readers of what strangers send to the pages, each as one function of bytes: for the fuzz targets.
//!
//! What is read is thrown away, up to what must hold of it whatever was sent.

use super::accept::{Dialect, Encoding};
use super::filter::Filter;
use super::web;
use hyper::header::HeaderValue;

/// Reads `Accept` and `Accept-Encoding`; what is negotiated can be said in a header.
pub fn accept(accept: &str, encodings: &str) {
    let said = Dialect::negotiated(accept).content_type();
    assert!(HeaderValue::try_from(&said).is_ok(), "{said:?}");
    Encoding::negotiated(encodings);
}

/// Reads the part of a URL after `?`; what is wrong with it is said.
pub fn query(query: &str) {
    let complaint = Filter::parse(query).map(|filter| filter.complaint(&[], None));
    assert!(!matches!(complaint, Err(complaint) | Ok(Some(complaint)) if complaint.is_empty()));
}

/// Reads `Authorization`.
pub fn authorization(authorization: &str) {
    web::credentials(authorization);
}

/// Reads `web.config.yml`; what is wrong with it is said, with its line.
pub fn web_config(text: &str) {
    if let Err(complaint) = web::File::parse(text) {
        let line = complaint.split_once(": ").and_then(|(line, _)| line.parse::<usize>().ok());
        // To YAML a carriage return ends a line, too.
        let lines = text.matches(['\n', '\r']).count() + 1;
        assert!(line.is_some_and(|line| line <= lines), "{complaint:?}");
    }
}

/// Reads the names in a client's certificate.
pub fn certificate(der: &[u8]) {
    web::names(der);
}
