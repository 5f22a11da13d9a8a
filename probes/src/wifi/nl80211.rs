//! Wireless devices of the live host: nl80211 over generic netlink, `include/uapi/linux/nl80211.h`.

use super::{Interface, Network, STATIONS, Station, mode};
use crate::Fault;
use crate::netlink::{
    Attributes, DUMP, Message, ONE, Protocol, Request, ask, attribute, bytes_at, text, u16_at, u32_at, u64_at,
};

/// The family that tells the number of the others, its question and its answers.
const CONTROL: u16 = 0x10;
const GET_FAMILY: u8 = 3;
const FAMILY_ID: u16 = 1;
const FAMILY_NAME: u16 = 2;
/// `struct genlmsghdr`: command, version.
const BODY_BYTES: usize = 4;

const GET_INTERFACE: u8 = 5;
const GET_STATION: u8 = 17;
const GET_SCAN: u8 = 32;

const IFINDEX: u16 = 3;
const IFNAME: u16 = 4;
const MAC: u16 = 6;
const STATION_INFO: u16 = 21;
const FREQUENCY: u16 = 38;
const BSS: u16 = 47;

/// Within `BSS`.
const BSSID: u16 = 1;
const ELEMENTS: u16 = 6;
const STATUS: u16 = 9;
/// The element that holds the name of the network.
const ELEMENT_SSID: u8 = 0;

/// The number of the family, which the kernel gives out at boot.
fn family() -> Result<u16, Fault> {
    let request = Request::new(CONTROL, ONE, 1, &[GET_FAMILY, 1, 0, 0]).with(FAMILY_NAME, b"nl80211\0");
    let mut id = None;
    ask(Protocol::Generic, request, |message| {
        id = attribute(message.attributes(BODY_BYTES), FAMILY_ID).and_then(|bytes| u16_at(bytes, 0)).or(id);
        Ok(())
    })?;
    id.ok_or_else(|| Fault::Missing { what: "nl80211".to_owned() })
}

/// Every device with a name, its network and its stations.
pub fn interfaces() -> Result<Vec<Interface>, Fault> {
    let (family, mut found) = (family()?, Vec::new());
    ask(Protocol::Generic, Request::new(family, DUMP, 1, &[GET_INTERFACE, 0, 0, 0]), |message| {
        found.extend(parse_interface(&message));
        Ok(())
    })?;
    for (index, interface) in &mut found {
        let of_device =
            |command| Request::new(family, DUMP, 1, &[command, 0, 0, 0]).with(IFINDEX, &index.to_ne_bytes());
        let network = ask(Protocol::Generic, of_device(GET_SCAN), |message| {
            interface.network = parse_network(&message).or(interface.network.take());
            Ok(())
        });
        let stations = ask(Protocol::Generic, of_device(GET_STATION), |message| {
            interface.stations.extend(parse_station(&message));
            Ok(())
        });
        present(network)?;
        present(stations)?;
    }
    Ok(found.into_iter().map(|(_, interface)| interface).collect())
}

/// A device that is down, or of a kind without networks or stations, has none, and that is no fault.
fn present(asked: Result<(), Fault>) -> Result<(), Fault> {
    match asked {
        Err(Fault::Missing { .. } | Fault::Unreadable { .. }) => Ok(()),
        asked => asked,
    }
}

fn parse_interface(message: &Message<'_>) -> Option<(u32, Interface)> {
    let attributes = message.attributes(BODY_BYTES);
    let megahertz = attribute(attributes, FREQUENCY).and_then(|bytes| u32_at(bytes, 0));
    let interface = Interface {
        name: text(attribute(attributes, IFNAME)?),
        hertz: megahertz.map(|megahertz| f64::from(megahertz) * 1e6),
        ..Interface::default()
    };
    Some((u32_at(attribute(attributes, IFINDEX)?, 0)?, interface))
}

/// Of the networks that were heard, the one with a status is the device's own.
fn parse_network(message: &Message<'_>) -> Option<Network> {
    let bss = Attributes(attribute(message.attributes(BODY_BYTES), BSS)?);
    let status = u32_at(attribute(bss, STATUS)?, 0)?;
    Some(Network {
        bssid: bytes_at(attribute(bss, BSSID)?, 0)?,
        ssid: attribute(bss, ELEMENTS).and_then(ssid).unwrap_or_default(),
        mode: mode(u64::from(status)),
    })
}

/// Elements are a kind, a length and as many bytes.
fn ssid(mut elements: &[u8]) -> Option<String> {
    while let [kind, length, rest @ ..] = elements {
        let (value, behind) = rest.split_at_checked(usize::from(*length))?;
        if *kind == ELEMENT_SSID {
            return Some(String::from_utf8_lossy(value).into_owned());
        }
        elements = behind;
    }
    None
}

fn parse_station(message: &Message<'_>) -> Option<Station> {
    let attributes = message.attributes(BODY_BYTES);
    let info = Attributes(attribute(attributes, STATION_INFO)?);
    let small = |kind| attribute(info, kind).and_then(|bytes| u32_at(bytes, 0)).map(f64::from);
    let large = |kind| attribute(info, kind).and_then(|bytes| u64_at(bytes, 0)).map(|value| value as f64);
    let signal = attribute(info, 7).and_then(|bytes| bytes.first()).map(|byte| f64::from(*byte as i8));
    let values: [Option<f64>; STATIONS.len()] = [
        small(16),
        small(1).map(|milliseconds| milliseconds / 1000.0),
        rate(attribute(info, 14)),
        rate(attribute(info, 8)),
        large(23).or(small(2)),
        large(24).or(small(3)),
        small(9),
        small(10),
        signal,
        small(11),
        small(12),
        small(18),
    ];
    Some(Station { address: bytes_at(attribute(attributes, MAC)?, 0)?, values })
}

/// In units of 100 kbit/s: 32 bits wide, or 16 on an old kernel.
fn rate(bytes: Option<&[u8]>) -> Option<f64> {
    let rate = Attributes(bytes?);
    let wide = attribute(rate, 5).and_then(|bytes| u32_at(bytes, 0));
    let narrow = || attribute(rate, 1).and_then(|bytes| u16_at(bytes, 0)).map(u32::from);
    wide.or_else(narrow).map(|units| f64::from(units) * 1e5)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Attributes within an attribute, without the head of a message.
    fn nested(attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let empty = Request::new(0, 0, 0, &[]);
        let all = attributes.iter().fold(empty, |request, (kind, value)| request.with(*kind, value));
        all.into_bytes()[16..].to_vec()
    }

    fn message(attributes: &[(u16, &[u8])]) -> Vec<u8> {
        [&[0; BODY_BYTES][..], &nested(attributes)].concat()
    }

    fn read<T>(body: &[u8], parse: impl Fn(&Message<'_>) -> T) -> T {
        parse(&Message { kind: 30, sequence: 1, body })
    }

    #[test]
    fn a_device_and_its_network() {
        let body =
            message(&[(IFINDEX, &[3, 0, 0, 0]), (IFNAME, b"wlan0\0"), (FREQUENCY, &2412u32.to_ne_bytes())]);
        let (index, interface) = read(&body, parse_interface).unwrap();
        assert_eq!((index, interface.name.as_str(), interface.hertz), (3, "wlan0", Some(2.412e9)));
        let elements = [&[1, 2, 9, 9, ELEMENT_SSID, 3][..], b"net"].concat();
        let bss = nested(&[(BSSID, &[1, 2, 3, 4, 5, 6]), (ELEMENTS, &elements), (STATUS, &[1, 0, 0, 0])]);
        let expected = Network { bssid: [1, 2, 3, 4, 5, 6], ssid: "net".to_owned(), mode: "client" };
        assert_eq!(read(&message(&[(BSS, &bss)]), parse_network), Some(expected));
        let heard = nested(&[(BSSID, &[1, 2, 3, 4, 5, 6])]);
        assert_eq!(read(&message(&[(BSS, &heard)]), parse_network), None, "somebody else's network");
    }

    #[test]
    fn a_station() {
        let slow = nested(&[(1, &650u16.to_ne_bytes())]);
        let fast = nested(&[(1, &[0, 0]), (5, &1280u32.to_ne_bytes())]);
        let info = nested(&[
            (1, &400u32.to_ne_bytes()),
            (2, &5u32.to_ne_bytes()),
            (7, &[0xcc]),
            (8, &slow),
            (14, &fast),
            (16, &30u32.to_ne_bytes()),
            (24, &(1u64 << 40).to_ne_bytes()),
        ]);
        let body = message(&[(MAC, &[1, 2, 3, 4, 5, 6]), (STATION_INFO, &info)]);
        let station = read(&body, parse_station).unwrap();
        let expected =
            [Some(30.0), Some(0.4), Some(1.28e8), Some(6.5e7), Some(5.0), Some((1u64 << 40) as f64)];
        assert_eq!(station.values[..6], expected);
        assert_eq!((station.values[8], station.values[9]), (Some(-52.0), None));
        for length in 0..body.len() {
            let cut = read(&body[..length], parse_station);
            assert!(cut.is_none_or(|cut| cut.values.iter().flatten().count() <= 7), "{length}");
        }
    }

    #[test]
    fn elements_that_lie() {
        assert_eq!(ssid(&[1, 200, 0]), None);
        assert_eq!(ssid(&[0, 4, b'a']), None);
        assert_eq!(ssid(&[0]), None);
    }

    /// Most hosts have no such family; the others answer.
    #[test]
    fn the_kernel_answers() {
        assert!(matches!(interfaces(), Ok(_) | Err(Fault::Missing { .. })));
    }
}
