//! An address in the configuration, taken apart.

use hyper::Uri;

/// Where to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Whether over TLS.
    pub is_tls: bool,
    /// Name or address, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Path and query.
    pub path: String,
}

impl Target {
    /// Reads `https://host:port/path`.
    pub fn parse(url: &str) -> Result<Self, String> {
        // The address can be a secret, so it is not repeated.
        let refused = |why: &str| format!("is not an address such as https://example.org/path: {why}");
        let uri: Uri = url.parse().map_err(|_| refused("it cannot be read"))?;
        let is_tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(refused("it begins with neither https:// nor http://")),
        };
        let authority = uri.authority().ok_or_else(|| refused("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(refused("a login does not belong into it; see username and password_file"));
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() {
            return Err(refused("it names no host"));
        }
        let port = authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Target { is_tls, host, port, path })
    }

    /// Host and port, as a header has them.
    pub fn authority(&self) -> String {
        let default = if self.is_tls { 443 } else { 80 };
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == default { host } else { format!("{host}:{}", self.port) }
    }

    /// For messages: without the path, which can be a secret.
    pub fn place(&self) -> String {
        format!("{}://{}", if self.is_tls { "https" } else { "http" }, self.authority())
    }

    /// The same with a path below its own.
    pub fn below(mut self, path: &str) -> Self {
        self.path = format!("{}{path}", self.path.trim_end_matches('/'));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let shown =
            |url: &str| Target::parse(url).map(|own| format!("{} {} {}", own.place(), own.port, own.path));
        for (url, expected) in [
            ("https://a.example", "https://a.example 443 /"),
            ("http://a:9093/prefix", "http://a:9093 9093 /prefix"),
            ("https://[2001:db8::1]/x?y=z", "https://[2001:db8::1] 443 /x?y=z"),
        ] {
            assert_eq!(shown(url).as_deref(), Ok(expected));
        }
        for url in ["", "a.example", "ftp://a/", "https://", "https://u:p@a/", "/path", "https://a b/"] {
            assert!(shown(url).is_err(), "{url}");
        }
        let own = Target::parse("http://a/prefix/").unwrap().below("/api/v2/alerts");
        assert_eq!(own.path, "/prefix/api/v2/alerts");
    }
}
