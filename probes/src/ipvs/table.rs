//! `/proc/net/ip_vs`: services and, below each, its backends.

use crate::Fault;
use crate::words::{Line, lines};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What tells backends apart.
pub static LABELS: [&str; 6] =
    ["local_address", "local_port", "remote_address", "remote_port", "proto", "local_mark"];

/// Where connections come in.
#[derive(Clone, Copy)]
struct Service<'a> {
    proto: &'a str,
    /// Absent for a service that takes packets by their mark.
    local: Option<(IpAddr, u16)>,
    mark: &'a str,
}

/// Where they go.
pub struct Backend<'a> {
    service: Service<'a>,
    remote: (IpAddr, u16),
    pub weight: f64,
    pub active: f64,
    pub inactive: f64,
}

impl Backend<'_> {
    /// In the order of [`LABELS`]. A service by mark has no address, and 0 is its port.
    pub fn labels(&self) -> [String; LABELS.len()] {
        let local = self.service.local;
        let address = local.map_or(String::new(), |(address, _)| address.to_string());
        let port = local.map_or(0, |(_, port)| port).to_string();
        let (remote, remote_port) = self.remote;
        let [proto, mark] = [self.service.proto, self.service.mark].map(str::to_owned);
        [address, port, remote.to_string(), remote_port.to_string(), proto, mark]
    }
}

/// Calls `take` with each backend, up to the first line that makes no sense.
pub fn backends<'a>(file: &'a str, text: &'a str, mut take: impl FnMut(Backend<'a>)) -> Result<(), Fault> {
    let mut service = None;
    // Three lines of headings, of which the third looks like a backend.
    for mut line in lines(file, text).skip(3) {
        match (line.word(), service) {
            (Some("->"), Some(service)) => take(parse_backend(service, &mut line)?),
            (Some(word @ ("TCP" | "UDP" | "SCTP" | "FWM")), _) => {
                service = Some(parse_service(word, &mut line)?);
            }
            (Some(word), _) => return Err(line.fault(word, "a service or a backend")),
            (None, _) => {}
        }
    }
    Ok(())
}

/// `TCP  C0A80016:0CEA wlc` or `FWM  10001000 wlc`
fn parse_service<'a>(proto: &'a str, line: &mut Line<'a>) -> Result<Service<'a>, Fault> {
    let word = line.word().unwrap_or("");
    if proto == "FWM" {
        return Ok(Service { proto, local: None, mark: word });
    }
    Ok(Service { proto, local: Some(parse_address(word, line)?), mark: "" })
}

/// `C0A85216:0CEA      Tunnel  100    248        2`
fn parse_backend<'a>(service: Service<'a>, line: &mut Line<'a>) -> Result<Backend<'a>, Fault> {
    let word = line.word().unwrap_or("");
    let remote = parse_address(word, line)?;
    let _forward = line.word();
    Ok(Backend { service, remote, weight: line.count()?, active: line.count()?, inactive: line.count()? })
}

/// `C0A80016:0CEA` or `[fd00:…:0001]:0CEA`
fn parse_address(word: &str, line: &Line<'_>) -> Result<(IpAddr, u16), Fault> {
    let parse = || {
        let (address, port) = word.rsplit_once(':')?;
        let address = match address.strip_prefix('[') {
            Some(rest) => IpAddr::V6(rest.strip_suffix(']')?.parse::<Ipv6Addr>().ok()?),
            None if address.len() == 8 => IpAddr::V4(Ipv4Addr::from(u32::from_str_radix(address, 16).ok()?)),
            None => return None,
        };
        Some((address, u16::from_str_radix(port, 16).ok()?))
    };
    parse().ok_or_else(|| line.fault(word, "an address and a port"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(lines: &str) -> String {
        let text = format!("a\nb\nc\n{lines}");
        backends("f", &text, |_| {}).unwrap_err().to_string()
    }

    #[test]
    fn nonsense_is_named() {
        assert_eq!(faults("TCP C0A80016 wlc"), "f:4: expected an address and a port, found \"C0A80016\"");
        assert_eq!(faults("UDP C0A8:1 wlc"), "f:4: expected an address and a port, found \"C0A8:1\"");
        assert_eq!(faults("TCP [::z]:1 wlc"), "f:4: expected an address and a port, found \"[::z]:1\"");
        assert_eq!(
            faults("-> C0A85216:0CEA Tunnel 1 2 3"),
            "f:4: expected a service or a backend, found \"->\""
        );
        assert_eq!(
            faults("FWM 1 wlc\n-> C0A85216:0CEA Tunnel 1 2"),
            "f:5: expected a whole number, found \"\""
        );
    }
}
