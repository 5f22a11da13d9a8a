//! What the other side wants to be given: `Accept` and `Accept-Encoding` (RFC 9110, 12.5), read as Prometheus'
//! own library reads them.

use hostward_model::escaping::Escaping;
use hostward_model::text::Format;

/// A text format in one of its versions, with the way in which it writes unusual names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// What the page looks like.
    pub format: Format,
    /// How unusual names are written.
    pub escaping: Escaping,
    version: &'static str,
}

/// How an answer is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Not at all.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

impl Dialect {
    const OLDEST: Dialect =
        Dialect { format: Format::Text, escaping: Escaping::Underscores, version: "0.0.4" };

    /// The dialect that a scraper likes best of those that we have; the oldest when it does not care.
    ///
    /// A scheme of escaping that is named by an alternative which we do not have holds for those after it.
    pub fn negotiated(accept: &str) -> Self {
        let mut all: Vec<(&str, f64)> = ranges(accept).filter(|(_, weight)| *weight > 0.0).collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        let mut escaping = Escaping::default();
        for (range, _) in all {
            escaping = parameter(range, "escaping").and_then(Escaping::named).unwrap_or(escaping);
            if let Some((format, version)) = named(range) {
                return Dialect { format, escaping, version };
            }
        }
        Dialect { escaping, ..Dialect::OLDEST }
    }

    /// The exact `Content-Type`.
    pub fn content_type(self) -> String {
        let kind = match self.format {
            Format::Text => "text/plain",
            Format::OpenMetrics => "application/openmetrics-text",
        };
        format!("{kind}; version={}; charset=utf-8; escaping={}", self.version, self.escaping.as_str())
    }
}

/// Without a version, the oldest of the format.
fn named(range: &str) -> Option<(Format, &'static str)> {
    let name = range.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    match (name.as_str(), parameter(range, "version")) {
        ("application/openmetrics-text", Some("1.0.0")) => Some((Format::OpenMetrics, "1.0.0")),
        ("application/openmetrics-text", None | Some("0.0.1")) => Some((Format::OpenMetrics, "0.0.1")),
        ("text/plain", Some("1.0.0")) => Some((Format::Text, "1.0.0")),
        ("text/plain", None | Some("0.0.4")) | ("text/*" | "*/*", None) => Some((Format::Text, "0.0.4")),
        _ => None,
    }
}

fn parameter<'a>(range: &'a str, name: &str) -> Option<&'a str> {
    let pairs = range.split(';').skip(1).filter_map(|part| part.split_once('='));
    let mut values = pairs.filter(|(own, _)| own.trim().eq_ignore_ascii_case(name));
    values.next().map(|(_, value)| value.trim().trim_matches('"'))
}

impl Encoding {
    /// The encoding that is liked best. Of two that are liked alike, zstd wins: it is smaller and takes less time.
    pub fn negotiated(accept_encoding: &str) -> Self {
        let weight = |names: &[&str]| {
            let mut all = ranges(accept_encoding);
            let is = |range: &str| {
                let name = range.split(';').next().unwrap_or("").trim();
                names.iter().any(|own| name.eq_ignore_ascii_case(own))
            };
            all.find(|(range, _)| is(range)).map(|(_, weight)| weight)
        };
        let any = weight(&["*"]).unwrap_or(0.0);
        let identity = weight(&["identity"]).unwrap_or(0.0);
        let gzip = weight(&["gzip", "x-gzip"]).unwrap_or(any);
        // A reader that takes anything is more likely to know gzip.
        let zstd = weight(&["zstd"]).unwrap_or(0.0);
        match zstd.max(gzip) {
            best if best <= 0.0 || best < identity => Encoding::Identity,
            best if zstd >= best => Encoding::Zstd,
            _ => Encoding::Gzip,
        }
    }

    /// The word in `Content-Encoding`.
    pub fn as_str(self) -> Option<&'static str> {
        match self {
            Encoding::Identity => None,
            Encoding::Gzip => Some("gzip"),
            Encoding::Zstd => Some("zstd"),
        }
    }
}

/// Each alternative with its weight; one that makes no sense weighs nothing.
fn ranges(header: &str) -> impl Iterator<Item = (&str, f64)> {
    header.split(',').map(|range| {
        let weight = parameter(range, "q").map_or(Some(1.0), |weight| weight.parse::<f64>().ok());
        (range.trim(), weight.filter(|weight| (0.0..=1.0).contains(weight)).unwrap_or(0.0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PROMETHEUS_2: &str = "application/openmetrics-text;version=1.0.0,\
                                application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    const PROMETHEUS_3: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
                                application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;\
                                q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

    #[test]
    fn the_dialect_is_negotiated() {
        let cases = [
            ("", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"),
            ("*/*", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"),
            ("text/html", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"),
            (
                PROMETHEUS_2,
                "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
            ),
            (
                PROMETHEUS_3,
                "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
            ),
            (
                "application/openmetrics-text",
                "application/openmetrics-text; version=0.0.1; charset=utf-8; escaping=underscores",
            ),
            (
                "application/openmetrics-text; version=2.0.0",
                "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
            ),
            (
                "application/openmetrics-text;q=0.1, text/plain;q=0.9",
                "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
            ),
            (
                "application/openmetrics-text;q=0",
                "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
            ),
            (
                "application/openmetrics-text;q=many",
                "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
            ),
            (
                "text/plain; Version=1.0.0; escaping=values",
                "text/plain; version=1.0.0; charset=utf-8; escaping=values",
            ),
            (
                "text/plain;version=0.0.4;escaping=dots",
                "text/plain; version=0.0.4; charset=utf-8; escaping=dots",
            ),
            ("text/plain;escaping=none", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"),
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;escaping=dots,text/plain;q=0.5",
                "text/plain; version=0.0.4; charset=utf-8; escaping=dots",
            ),
        ];
        for (accept, wanted) in cases {
            assert_eq!(Dialect::negotiated(accept).content_type(), wanted, "{accept}");
        }
    }

    #[test]
    fn compression_is_only_for_those_who_ask() {
        use Encoding::{Gzip, Identity, Zstd};
        let cases = [
            ("", Identity),
            ("gzip", Gzip),
            ("deflate, GZIP;q=0.5", Gzip),
            ("gzip;q=0", Identity),
            ("*", Gzip),
            ("gzip;q=0, *", Identity),
            ("zstd", Zstd),
            ("gzip, zstd", Zstd),
            ("gzip, deflate, br, zstd", Zstd),
            ("gzip;q=1.0, zstd;q=0.5", Gzip),
            ("gzip;q=0.5, identity", Identity),
            ("zstd;q=2", Identity),
            ("zstd;q=NaN, gzip;q=0.001", Gzip),
        ];
        for (accept, wanted) in cases {
            assert_eq!(Encoding::negotiated(accept), wanted, "{accept}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..200), words in "([a-z*/]{0,5}[;,=q.0-9 ]{0,3}){0,20}") {
            for text in [&*String::from_utf8_lossy(&bytes), &words] {
                prop_assert!(Dialect::negotiated(text).content_type().contains("escaping="));
                Encoding::negotiated(text);
            }
        }
    }
}
