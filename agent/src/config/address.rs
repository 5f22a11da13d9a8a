//! Where to listen, as people write it: `"[::]:19100"`, `"unix:/run/hostward/metrics.sock"`, or a list of these.

use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;
use std::net::{Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Longest path of a unix socket: `sun_path` of unix(7) without its end.
pub const SOCKET_BYTES_MAX: usize = 107;
/// Addresses of one instance.
const ADDRESSES_MAX: usize = 16;

/// One place to listen at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Address {
    /// IP address and port.
    Tcp(SocketAddr),
    /// Path of a unix socket.
    Unix(PathBuf),
}

/// All places to listen at; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses(Vec<Address>);

impl Addresses {
    /// All addresses of the host, on one port.
    pub fn everywhere(port: u16) -> Self {
        Addresses::from(Address::Tcp(SocketAddr::from((Ipv6Addr::UNSPECIFIED, port))))
    }

    /// The addresses, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Address> {
        self.0.iter()
    }
}

impl From<Address> for Addresses {
    fn from(address: Address) -> Self {
        Addresses(vec![address])
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("unix:") {
            return unix(Path::new(path));
        }
        text.parse().map(Address::Tcp).map_err(|_| {
            format!(
                "{text:?} is not an address such as \"[::]:19100\", \"127.0.0.1:19100\" or \"unix:/PATH\""
            )
        })
    }
}

fn unix(path: &Path) -> Result<Address, String> {
    if !path.is_absolute() {
        return Err(format!("the path in \"unix:{}\" must start with a slash", path.display()));
    }
    if path.as_os_str().len() > SOCKET_BYTES_MAX {
        return Err(format!("is longer than the {SOCKET_BYTES_MAX} bytes that a unix socket can have"));
    }
    Ok(Address::Unix(path.to_owned()))
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Tcp(address) => address.fmt(f),
            Address::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl TryFrom<String> for Address {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> String {
        address.to_string()
    }
}

/// One address is written without brackets.
impl Serialize for Addresses {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => one.serialize(serializer),
            all => all.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Addresses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMany)
    }
}

struct OneOrMany;

impl<'de> Visitor<'de> for OneOrMany {
    type Value = Addresses;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an address or a list of them")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Addresses, E> {
        text.parse::<Address>().map(Addresses::from).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Addresses, A::Error> {
        let mut all = Vec::new();
        while let Some(address) = items.next_element()? {
            all.push(address);
        }
        match all.len() {
            1..=ADDRESSES_MAX => Ok(Addresses(all)),
            count => {
                Err(serde::de::Error::custom(format!("{count} addresses; 1 to {ADDRESSES_MAX} can be given")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_shown_again() {
        for text in ["[::]:19100", "127.0.0.1:0", "unix:/run/hostward/metrics.sock"] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let long = format!("unix:/{}", "x".repeat(SOCKET_BYTES_MAX));
        for text in ["", "19100", "localhost:19100", "unix:", "unix:relative", "/run/x", long.as_str()] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }

    #[test]
    fn one_and_many_are_read_and_written() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Section {
            at: Addresses,
        }
        for text in ["at = \"[::]:19100\"\n", "at = [\"127.0.0.1:1\", \"unix:/x\"]\n"] {
            let section: Section = toml::from_str(text).unwrap();
            assert_eq!(toml::to_string(&section).unwrap(), text);
        }
        let many = vec!["\"[::]:1\""; ADDRESSES_MAX + 1].join(",");
        for text in ["at = []", &format!("at = [{many}]"), "at = 19100"] {
            assert!(toml::from_str::<Section>(text).is_err(), "{text}");
        }
    }
}
