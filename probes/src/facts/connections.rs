//! Who is connected to ports that this host listens on, from the kernel's tables; a disk image has none.

use super::{Found, Image, Reader};
use crate::Fault;
use crate::inet::{LISTEN, socket};
use hostward_model::{Fact, Origin};
use std::collections::BTreeSet;

const TABLES: [&str; 2] = ["/proc/net/tcp", "/proc/net/tcp6"];
/// `TCP_ESTABLISHED`
const ESTABLISHED: u8 = 1;

pub static READER: Reader = Reader {
    area: "connections",
    about: "addresses that are connected now to a port that is listened on, as tcp/port; those of loopback stay out",
    reads: &TABLES,
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    if !image.has(TABLES[0]) {
        return Err(Fault::Missing { what: TABLES[0].to_owned() });
    }
    let (mut listening, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let texts = TABLES.map(|path| image.text_if_there(path).map(|text| (path, text.unwrap_or_default())));
    let texts = texts.into_iter().collect::<Result<Vec<_>, _>>()?;
    for (_, text) in &texts {
        let sockets = text.lines().skip(1).filter_map(socket);
        listening.extend(sockets.filter(|own| own.state == LISTEN).map(|own| own.local.port()));
    }
    for (path, text) in &texts {
        for own in text.lines().skip(1).filter_map(socket).filter(|own| own.state == ESTABLISHED) {
            let peer = own.peer.ip().to_canonical();
            let port = own.local.port();
            if listening.contains(&port) && !peer.is_loopback() && seen.insert((port, peer)) {
                found.push(Fact::new(format!("tcp/{port}"), peer.to_string(), Origin::file(path)))?;
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
    fn only_those_who_came_to_us() {
        let tcp = "  sl  local_address rem_address   st\n\
                   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1\n\
                   1: 0A00000A:0016 0B00000A:1234 01 00000000:00000000 00:00000000 00000000     0        0 2 1\n\
                   2: 0A00000A:0016 0B00000A:1235 01 00000000:00000000 00:00000000 00000000     0        0 3 1\n\
                   3: 0A00000A:9999 0C00000A:0050 01 00000000:00000000 00:00000000 00000000     0        0 4 1\n";
        expect![[r#"
            tcp/22 = 10.0.0.11  (/proc/net/tcp)
        "#]]
        .assert_eq(&shown(&READER, &[("/proc/net/tcp", tcp)]));
    }
}
