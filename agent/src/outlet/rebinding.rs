//! Whether somebody meant this host: a page in a browser here can have its own name point to 127.0.0.1 and then read
//! what only this host may ("DNS rebinding"). It cannot make the browser send another name than its own.

use hyper::header::HOST;
use hyper::http::uri::Authority;
use hyper::{Request, Uri};
use std::net::IpAddr;

/// True when the request names an address, `localhost` or nothing at all.
pub fn means_this_host<B>(request: &Request<B>) -> bool {
    let header = request.headers().get(HOST).map(|value| value.to_str().unwrap_or("?").parse::<Authority>());
    match (header, Uri::authority(request.uri())) {
        (Some(header), _) => header.is_ok_and(|authority| is_this_host(authority.host())),
        (None, Some(authority)) => is_this_host(authority.host()),
        (None, None) => true,
    }
}

fn is_this_host(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&name);
    address.parse::<IpAddr>().is_ok() || name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_host(host: &str) -> Request<()> {
        Request::get("/api/v1/query").header(HOST, host).body(()).unwrap()
    }

    #[test]
    fn addresses_and_localhost_are_this_host() {
        for host in
            ["127.0.0.1:19101", "[::1]:19101", "::1", "localhost", "LocalHost.:80", "grafana.localhost"]
        {
            let expected = host != "::1";
            assert_eq!(means_this_host(&with_host(host)), expected, "{host}");
        }
        assert!(means_this_host(&Request::get("/").body(()).unwrap()));
        assert!(means_this_host(&Request::get("http://127.0.0.1:19101/").body(()).unwrap()));
    }

    #[test]
    fn names_of_others_are_not() {
        for host in ["evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example", "", "a b"] {
            assert!(!means_this_host(&with_host(host)), "{host}");
        }
        assert!(!means_this_host(&Request::get("http://evil.example/").body(()).unwrap()));
    }
}
