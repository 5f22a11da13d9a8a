//! Ports that somebody listens on, from the kernel's tables; a disk image has none.

use super::{Found, Image, Reader};
use crate::Fault;
use crate::inet::{CLOSE, LISTEN, socket};
use hostward_model::{Fact, Origin};
use std::collections::BTreeSet;

const TABLES: [(&str, &str, u8); 4] = [
    ("tcp", "/proc/net/tcp", LISTEN),
    ("tcp", "/proc/net/tcp6", LISTEN),
    ("udp", "/proc/net/udp", CLOSE),
    ("udp", "/proc/net/udp6", CLOSE),
];

pub static READER: Reader = Reader {
    area: "listening",
    about: "ports that others can reach, as protocol/port with the local address; those of loopback stay out",
    reads: &["/proc/net/tcp", "/proc/net/tcp6", "/proc/net/udp", "/proc/net/udp6"],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    if !image.has(TABLES[0].1) {
        return Err(Fault::Missing { what: TABLES[0].1.to_owned() });
    }
    let mut seen = BTreeSet::new();
    for (protocol, path, state) in TABLES {
        let text = image.text_if_there(path)?.unwrap_or_default();
        let sockets = text.lines().skip(1).filter_map(socket);
        for own in sockets.filter(|own| own.state == state && !own.local.ip().is_loopback()) {
            if seen.insert((path, own.local)) {
                let key = format!("{protocol}/{}", own.local.port());
                found.push(Fact::new(key, own.local.ip().to_string(), Origin::file(path)))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn loopback_stays_out() {
        let tcp = "  sl  local_address rem_address   st\n\
                   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1\n\
                   1: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1\n\
                   2: 0A00000A:0050 0B00000A:1234 01 00000000:00000000 00:00000000 00000000     0        0 3 1\n";
        expect![[r#"
            tcp/22 = 0.0.0.0  (/proc/net/tcp)
        "#]]
        .assert_eq(&shown(&READER, &[("/proc/net/tcp", tcp)]));
    }
}
