//! Disciplines of the live host: `RTM_GETQDISC`, rtnetlink(7).

use super::Discipline;
use crate::Fault;
use crate::netlink::{
    Attributes, DUMP, Message, Protocol, Request, ask, attribute, links, text, u32_at, u64_at,
};

const GET_DISCIPLINE: u16 = 38;
/// `struct tcmsg`: family, device, handle, parent.
const BODY_BYTES: usize = 20;
/// `TC_H_ROOT`
const ROOT: u32 = u32::MAX;
const TCA_KIND: u16 = 1;
const TCA_STATS2: u16 = 7;
/// Within `TCA_STATS2`: bytes and packets; queue; packets in 64 bits, since Linux 5.5.
const BASIC: u16 = 1;
const QUEUE: u16 = 3;
const PACKETS64: u16 = 8;

pub fn disciplines() -> Result<Vec<Discipline>, Fault> {
    let (links, mut all) = (links()?, Vec::new());
    ask(Protocol::Route, Request::new(GET_DISCIPLINE, DUMP, 1, &[0; BODY_BYTES]), |message| {
        // A device that came between the two questions has no name yet.
        let named = parse(&message).and_then(|(link, one)| Some((links.get(&link)?, one)));
        all.extend(named.map(|(name, one)| Discipline { device: name.clone(), ..one }));
        Ok(())
    })?;
    Ok(all)
}

/// The number of the device, and the discipline if it is the one at its root.
fn parse(message: &Message<'_>) -> Option<(u32, Discipline)> {
    let link = u32_at(message.body, 4)?;
    u32_at(message.body, 12).filter(|parent| *parent == ROOT)?;
    let attributes = message.attributes(BODY_BYTES);
    let statistics = Attributes(attribute(attributes, TCA_STATS2)?);
    let (basic, queue) = (attribute(statistics, BASIC)?, attribute(statistics, QUEUE)?);
    let in_queue = |at: usize| u32_at(queue, at * 4).map(u64::from);
    let packets = attribute(statistics, PACKETS64).and_then(|bytes| u64_at(bytes, 0));
    let discipline = Discipline {
        device: String::new(),
        kind: text(attribute(attributes, TCA_KIND)?),
        bytes: u64_at(basic, 0)?,
        packets: packets.or_else(|| u32_at(basic, 8).map(u64::from))?,
        packets_queued: in_queue(0)?,
        bytes_queued: in_queue(1)?,
        drops: in_queue(2)?,
        requeues: in_queue(3)?,
        overlimits: in_queue(4)?,
    };
    Some((link, discipline))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(parent: u32) -> Vec<u8> {
        let mut body = [0; BODY_BYTES];
        body[4] = 2;
        body[12..16].copy_from_slice(&parent.to_ne_bytes());
        let basic = [&7u64.to_ne_bytes()[..], &8u32.to_ne_bytes()].concat();
        let queue: Vec<u8> = (1..=5u32).flat_map(u32::to_ne_bytes).collect();
        // Attributes within an attribute, without the head of a message.
        let inner = Request::new(0, 0, 0, &[]).with(BASIC, &basic).with(QUEUE, &queue).into_bytes();
        Request::new(36, 0, 1, &body).with(TCA_KIND, b"fq\0").with(TCA_STATS2, &inner[16..]).into_bytes()
    }

    #[test]
    fn a_discipline_at_the_root() {
        let bytes = bytes(ROOT);
        let (link, discipline) = parse(&Message::split(&bytes).unwrap().0).unwrap();
        let expected = Discipline {
            device: String::new(),
            kind: "fq".to_owned(),
            bytes: 7,
            packets: 8,
            packets_queued: 1,
            bytes_queued: 2,
            drops: 3,
            requeues: 4,
            overlimits: 5,
        };
        assert_eq!((link, discipline), (2, expected));
    }

    #[test]
    fn others_and_every_cut_are_none() {
        assert_eq!(parse(&Message::split(&bytes(1)).unwrap().0), None);
        let bytes = bytes(ROOT);
        let whole = Message::split(&bytes).unwrap().0;
        for length in 0..whole.body.len() {
            assert_eq!(parse(&Message { body: &whole.body[..length], ..whole }), None, "{length}");
        }
    }

    #[test]
    fn the_kernel_answers() {
        assert!(disciplines().is_ok());
    }
}
