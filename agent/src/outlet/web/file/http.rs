//! What `web.config.yml` says of HTTP.

use hyper::header::HeaderValue;
use serde::Deserialize;

/// Of a header's value.
const VALUE_BYTES_MAX: usize = 4096;

/// The part about HTTP.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Whether HTTP/2 is offered over TLS.
    pub http2: bool,
    /// Headers that every answer gets.
    pub headers: Option<Headers>,
}

impl Default for Http {
    fn default() -> Self {
        Http { http2: true, headers: None }
    }
}

/// The headers that can be set; an empty one is not sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "the standard's own words")]
pub struct Headers {
    #[serde(rename = "Content-Security-Policy")]
    pub content_security_policy: Option<HeaderText>,
    #[serde(rename = "X-Frame-Options")]
    pub x_frame_options: Option<FrameOptions>,
    #[serde(rename = "X-Content-Type-Options")]
    pub x_content_type_options: Option<ContentTypeOptions>,
    #[serde(rename = "X-XSS-Protection")]
    pub x_xss_protection: Option<HeaderText>,
    #[serde(rename = "Strict-Transport-Security")]
    pub strict_transport_security: Option<HeaderText>,
}

/// What a header's value can be.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct HeaderText(pub HeaderValue);

/// The two ways of framing that can be allowed.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the standard's own words")]
pub enum FrameOptions {
    Deny,
    SameOrigin,
}

/// The one value that there is.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the standard's own words")]
pub enum ContentTypeOptions {
    NoSniff,
}

impl TryFrom<String> for HeaderText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let value = (text.len() <= VALUE_BYTES_MAX).then(|| text.parse().ok()).flatten();
        value.map(HeaderText).ok_or_else(|| format!("{text:?} cannot be the value of a header"))
    }
}
