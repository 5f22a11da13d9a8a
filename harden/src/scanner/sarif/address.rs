//! SARIF's addresses of files: relative to named places, which can be relative to others; inside archives; in an index.

use super::run::{Address, Run};

/// How many places an address may go through; a chain that is longer is cut, and one that bites its tail ends.
const STEPS_MAX: usize = 8;

/// The path or URL that an address means.
pub(super) fn resolve(run: &Run, address: &Address) -> String {
    resolved(run, address, STEPS_MAX)
}

fn resolved(run: &Run, address: &Address, steps: usize) -> String {
    let listed = address.index.filter(|own| *own >= 0 && steps > 0).and_then(|index| run.file(index));
    if address.uri.is_empty() {
        return listed.map_or(String::new(), |file| resolved(run, &file.location, steps - 1));
    }
    let parent = listed.and_then(|file| file.parent_index).filter(|own| *own >= 0);
    if let Some(parent) = parent.and_then(|index| run.file(index)) {
        return joined(&resolved(run, &parent.location, steps - 1), address.uri.trim_start_matches('/'));
    }
    joined(&base(run, &address.uri_base_id, steps), &path(&address.uri))
}

fn base(run: &Run, id: &str, steps: usize) -> String {
    if id.is_empty() || steps == 0 {
        return String::new();
    }
    run.bases
        .0
        .get(id)
        .map_or(String::new(), |own| joined(&base(run, &own.uri_base_id, steps - 1), &path(&own.uri)))
}

fn joined(base: &str, path: &str) -> String {
    if base.is_empty() || path.starts_with('/') || path.contains("://") {
        return path.to_owned();
    }
    if path.is_empty() {
        return base.to_owned();
    }
    format!("{}/{path}", base.trim_end_matches('/'))
}

/// A `file:` address as a path; others stay what they are.
pub(super) fn path(uri: &str) -> String {
    let rest = match uri.strip_prefix("file:") {
        Some(rest) => {
            let rest =
                rest.strip_prefix("//").map_or(rest, |rest| &rest[rest.find('/').unwrap_or(rest.len())..]);
            return unescaped(rest);
        }
        None => uri,
    };
    if rest.contains("://") { rest.to_owned() } else { unescaped(rest.strip_prefix("./").unwrap_or(rest)) }
}

/// `%2B` as `+`; what is no escape or no UTF-8 stays as it is.
fn unescaped(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).and_then(|own| std::str::from_utf8(own).ok());
        match digits.filter(|own| bytes[at] == b'%' && own.bytes().all(|own| own.is_ascii_hexdigit())) {
            Some(digits) => {
                out.push(u8::from_str_radix(digits, 16).unwrap_or(b'?'));
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_paths() {
        let cases = [
            ("work/a%2Bb.py", "work/a+b.py"),
            ("./src/a.js", "src/a.js"),
            ("file:///srv/app/x%20y.js", "/srv/app/x y.js"),
            ("file://host/srv/a", "/srv/a"),
            ("file:/srv/a", "/srv/a"),
            ("https://example.org/%41", "https://example.org/%41"),
            ("100%", "100%"),
            ("%ff", "%ff"),
            ("%+1", "%+1"),
        ];
        for (uri, expected) in cases {
            assert_eq!(path(uri), expected, "{uri}");
        }
    }
}
