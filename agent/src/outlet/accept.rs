//! What the other side wants to be given: `Accept` and `Accept-Encoding` (RFC 9110, 12.5).

use hostward_model::text::Format;

/// The format that a scraper likes best of those that we have; the older one when it does not care.
pub fn format(accept: Option<&str>) -> Format {
    let mut best = (Format::Text, 0.0);
    for (range, weight) in ranges(accept.unwrap_or("")) {
        let Some(format) = named(range) else { continue };
        if weight > best.1 {
            best = (format, weight);
        }
    }
    best.0
}

fn named(range: &str) -> Option<Format> {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next().unwrap_or("").to_ascii_lowercase();
    let version = parts.find_map(|part| part.strip_prefix("version="));
    match (name.as_str(), version) {
        ("application/openmetrics-text", None | Some("1.0.0" | "0.0.1")) => Some(Format::OpenMetrics),
        ("text/plain", None | Some("0.0.4")) | ("text/*" | "*/*", _) => Some(Format::Text),
        _ => None,
    }
}

/// Whether the answer may be compressed by gzip.
pub fn gzip(accept_encoding: Option<&str>) -> bool {
    let weights = |wanted: &str| {
        let mut all = ranges(accept_encoding.unwrap_or(""));
        all.find(|(range, _)| range.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case(wanted))
    };
    weights("gzip").or_else(|| weights("*")).is_some_and(|(_, weight)| weight > 0.0)
}

/// Each alternative with its weight; one that makes no sense weighs nothing.
fn ranges(header: &str) -> impl Iterator<Item = (&str, f64)> {
    header.split(',').map(|range| {
        let weight = range.split(';').skip(1).find_map(|part| part.trim().strip_prefix("q="));
        (range.trim(), weight.map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_negotiated() {
        let prometheus = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
                          application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,\
                          text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        let cases = [
            (None, Format::Text),
            (Some("*/*"), Format::Text),
            (Some("text/html"), Format::Text),
            (Some(prometheus), Format::OpenMetrics),
            (Some("application/openmetrics-text"), Format::OpenMetrics),
            (Some("application/openmetrics-text; version=2.0.0"), Format::Text),
            (Some("application/openmetrics-text;q=0.1, text/plain;q=0.9"), Format::Text),
            (Some("application/openmetrics-text;q=0"), Format::Text),
            (Some("application/openmetrics-text;q=many"), Format::Text),
        ];
        for (accept, wanted) in cases {
            assert_eq!(format(accept), wanted, "{accept:?}");
        }
    }

    #[test]
    fn compression_is_only_for_those_who_ask() {
        let cases = [
            (None, false),
            (Some("gzip"), true),
            (Some("deflate, GZIP;q=0.5"), true),
            (Some("gzip;q=0"), false),
            (Some("*"), true),
            (Some("gzip;q=0, *"), false),
            (Some("zstd"), false),
        ];
        for (accept, wanted) in cases {
            assert_eq!(gzip(accept), wanted, "{accept:?}");
        }
    }
}
