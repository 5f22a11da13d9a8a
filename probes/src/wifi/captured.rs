//! Wireless devices of a captured host: files in JSON below `/wifi`, in which a number that is zero is left out.

use super::{Interface, Network, STATIONS, Station, mode};
use crate::{Fault, Host};
use serde_json::Value;

pub const DIRECTORY: &str = "/wifi";

/// A number of a station, and how many of its unit make one of the metric's.
const NUMBERS: [(&str, f64); STATIONS.len()] = [
    ("connected", 1e9),
    ("inactive", 1e9),
    ("receivebitrate", 1.0),
    ("transmitbitrate", 1.0),
    ("receivedbytes", 1.0),
    ("transmittedbytes", 1.0),
    ("receivedpackets", 1.0),
    ("transmittedpackets", 1.0),
    ("signal", 1.0),
    ("transmitretries", 1.0),
    ("transmitfailed", 1.0),
    ("beaconloss", 1.0),
];

/// Some virtual devices have no name; they are passed over.
pub fn interfaces(host: &mut Host) -> Result<Vec<Interface>, Fault> {
    let all = list(host, &format!("{DIRECTORY}/interfaces.json"))?;
    let named = all.iter().filter_map(|one| Some((one.get("name")?.as_str()?, one)));
    named.filter(|(name, _)| !name.is_empty()).map(|(name, one)| interface(host, name, one)).collect()
}

fn interface(host: &mut Host, name: &str, one: &Value) -> Result<Interface, Fault> {
    let network = optional(json(host, &format!("{DIRECTORY}/{name}/bss.json")))?;
    let stations = optional(list(host, &format!("{DIRECTORY}/{name}/stationinfo.json")))?.unwrap_or_default();
    Ok(Interface {
        name: name.to_owned(),
        hertz: Some(number(one, "frequency") * 1e6),
        network: network.as_ref().and_then(parse_network),
        stations: stations.iter().filter_map(station).collect(),
    })
}

fn optional<T>(read: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(Fault::Missing { .. }) => Ok(None),
        Err(fault) => Err(fault),
    }
}

fn json(host: &mut Host, path: &str) -> Result<Value, Fault> {
    let text = host.read(path)?;
    serde_json::from_str(text).map_err(|error| Fault::malformed(path, error.line(), "", "JSON"))
}

fn list(host: &mut Host, path: &str) -> Result<Vec<Value>, Fault> {
    match json(host, path)? {
        Value::Array(list) => Ok(list),
        _ => Err(Fault::malformed(path, 1, "", "a list")),
    }
}

fn number(one: &Value, key: &str) -> f64 {
    one.get(key).and_then(Value::as_f64).filter(|number| number.is_finite()).unwrap_or(0.0)
}

fn parse_network(one: &Value) -> Option<Network> {
    Some(Network {
        bssid: address(one.get("bssid")?.as_str()?)?,
        ssid: one.get("ssid")?.as_str()?.to_owned(),
        mode: mode(one.get("status")?.as_u64()?),
    })
}

fn station(one: &Value) -> Option<Station> {
    let address = address(one.get("hardwareaddr")?.as_str()?)?;
    Some(Station { address, values: NUMBERS.map(|(key, divisor)| Some(number(one, key) / divisor)) })
}

/// Six bytes in base64, which are eight letters.
fn address(letters: &str) -> Option<[u8; 6]> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |letter: u8| ALPHABET.iter().position(|own| *own == letter).map(|at| at as u64);
    let bits = letters.bytes().try_fold(0u64, |bits, letter| Some(bits << 6 | digit(letter)?))?;
    let [_, _, address @ ..] = bits.to_be_bytes();
    (letters.len() == 8).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(address("qrvM3e7/"), Some([0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff]));
        assert_eq!(address("AQIDBAUG"), Some([1, 2, 3, 4, 5, 6]));
        for nonsense in ["", "AQIDBAU", "AQIDBAUGA", "AQIDBA==", "AQIDBA!G", &"A".repeat(90)] {
            assert_eq!(address(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_station_without_an_address_is_none() {
        let read = |text| station(&serde_json::from_str(text).unwrap());
        assert_eq!(read(r#"{"signal": -52}"#), None);
        let found = read(r#"{"hardwareaddr": "AQIDBAUG", "signal": -52, "connected": 30000000000}"#).unwrap();
        assert_eq!((found.values[0], found.values[8], found.values[4]), (Some(30.0), Some(-52.0), Some(0.0)));
    }
}
