//! What the kernel says of a device over netlink, under the names of the files that say the same.
//!
//! One answer tells of all devices what would be eighteen files of each, and costs a tenth of them. What it does not
//! tell is read from the files still.

use super::{Device, NUMBERS, TEXTS};
use crate::netlink::{Message, u16_at, u32_at, u64_at};
use std::fmt::Write;

/// The request for all devices.
pub const GET_LINK: u16 = 18;
/// `struct ifinfomsg`
pub const BODY_BYTES: usize = 16;

/// Attributes of a link, `IFLA_*` of linux/if_link.h.
const ADDRESS: usize = 1;
const BROADCAST: usize = 2;
const NAME: usize = 3;
const MTU: usize = 4;
const LINK: usize = 5;
const QUEUE_LENGTH: usize = 13;
const OPERSTATE: usize = 16;
const LINK_MODE: usize = 17;
const ALIAS: usize = 20;
const STATISTICS: usize = 23;
const GROUP: usize = 27;
const PROMISCUITY: usize = 30;
const CARRIER: usize = 33;
const CARRIER_CHANGES: usize = 35;
const CARRIER_UP: usize = 47;
const CARRIER_DOWN: usize = 48;
const ALL_MULTICAST: usize = 61;
const KINDS: usize = 62;

/// `rx_nohandler` in `struct rtnl_link_stats64`.
const NO_HANDLER_AT: usize = 23 * 8;

/// Bits of the flags that mean something else here than in the file: there, the second half is never set, and the
/// first says whether anybody wants it, the kernel included. Here it says whether an administrator does.
const FLAG_UP: u32 = 1;
const FLAG_RUNNING: u32 = 1 << 6;
const FLAG_PROMISCUOUS: u32 = 1 << 8;
const FLAG_ALL_MULTICAST: u32 = 1 << 9;
const FLAG_LOWER_UP: u32 = 1 << 16;
const FLAG_DORMANT: u32 = 1 << 17;

/// As the file `operstate` has them (RFC 2863).
const STATES: [&str; 7] = ["unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up"];

/// What changes when something happens to a device: its number, all flags, how often its carrier changed, and its
/// address.
pub type Mark = (u32, u32, u32, [u8; 8]);

/// One device.
pub struct Link<'a> {
    body: &'a [u8],
    attributes: [Option<&'a [u8]>; KINDS],
}

impl<'a> Link<'a> {
    /// Reads the kernel's word on a device; of one attribute twice the first counts.
    pub fn parse(message: &Message<'a>) -> Self {
        let mut attributes = [None; KINDS];
        for (kind, value) in message.attributes(BODY_BYTES) {
            if let Some(slot) = attributes.get_mut(usize::from(kind)) {
                slot.get_or_insert(value);
            }
        }
        Link { body: message.body, attributes }
    }

    /// Its name; without one it is no device.
    pub fn name(&self) -> Option<&'a str> {
        text(self.attributes[NAME]?)
    }

    /// Whether the message tells what is in a file; kernels before 6.0 do not say who else wants all multicasts.
    pub fn tells(&self, file: &str) -> bool {
        match file {
            "addr_assign_type" | "dev_id" | "name_assign_type" | "speed" | "duplex" => false,
            "flags" => self.attributes[ALL_MULTICAST].is_some(),
            "carrier_up_count" => self.attributes[CARRIER_UP].is_some(),
            "carrier_down_count" => self.attributes[CARRIER_DOWN].is_some(),
            _ => true,
        }
    }

    /// The number that is in a file.
    fn number(&self, file: &str) -> Option<f64> {
        let wide = |kind: usize| u32_at(self.attributes[kind]?, 0).map(f64::from);
        let byte = |kind: usize| self.attributes[kind]?.first().copied().map(f64::from);
        let is_up = self.kernel_flags()? & FLAG_UP != 0;
        match file {
            "carrier" => byte(CARRIER).filter(|_| is_up),
            "carrier_changes" => wide(CARRIER_CHANGES),
            "carrier_up_count" => wide(CARRIER_UP),
            "carrier_down_count" => wide(CARRIER_DOWN),
            "dormant" => is_up.then_some(f64::from(u8::from(self.kernel_flags()? & FLAG_DORMANT != 0))),
            "flags" => self.flags().map(f64::from),
            "ifindex" => self.index().map(f64::from),
            "iflink" => wide(LINK).or_else(|| self.index().map(f64::from)),
            "link_mode" => byte(LINK_MODE),
            "mtu" => wide(MTU),
            "netdev_group" => wide(GROUP),
            "type" => u16_at(self.body, 2).map(f64::from),
            "tx_queue_len" => wide(QUEUE_LENGTH),
            "statistics/rx_nohandler" => {
                u64_at(self.attributes[STATISTICS]?, NO_HANDLER_AT).map(|count| count as f64)
            }
            _ => None,
        }
    }

    /// Writes the text that is in a file behind `out`.
    fn text(&self, file: &str, out: &mut String) {
        match file {
            "address" => write_address(self.attributes[ADDRESS], out),
            "broadcast" => write_address(self.attributes[BROADCAST], out),
            "ifalias" => out.push_str(&crate::netlink::text(self.attributes[ALIAS].unwrap_or(&[]))),
            "operstate" => {
                let state = self.attributes[OPERSTATE].and_then(|state| state.first());
                out.push_str(state.and_then(|state| STATES.get(usize::from(*state))).unwrap_or(&""));
            }
            _ => {}
        }
    }

    /// Takes over what the message tells.
    pub fn fill(&self, device: &mut Device) {
        for ((file, ..), number) in NUMBERS.iter().zip(&mut device.numbers) {
            if self.tells(file) {
                *number = self.number(file);
            }
        }
        for (file, text) in TEXTS.iter().zip(&mut device.texts) {
            if self.tells(file) {
                text.clear();
                self.text(file, text);
            }
        }
    }

    /// To be compared with that of another time.
    pub fn mark(&self) -> Mark {
        let changes = self.attributes[CARRIER_CHANGES].and_then(|changes| u32_at(changes, 0));
        let mut address = [0; 8];
        address.iter_mut().zip(self.attributes[ADDRESS].unwrap_or(&[])).for_each(|(to, from)| *to = *from);
        (self.index().unwrap_or(0), self.kernel_flags().unwrap_or(0), changes.unwrap_or(0), address)
    }

    fn index(&self) -> Option<u32> {
        u32_at(self.body, 4)
    }

    fn kernel_flags(&self) -> Option<u32> {
        u32_at(self.body, 8)
    }

    fn flags(&self) -> Option<u32> {
        let own = FLAG_PROMISCUOUS | FLAG_ALL_MULTICAST | FLAG_RUNNING | FLAG_LOWER_UP | FLAG_DORMANT;
        let wanted = |kind: usize, flag| Some(if u32_at(self.attributes[kind]?, 0)? > 0 { flag } else { 0 });
        let others = self.kernel_flags()? & !own;
        Some(others | wanted(PROMISCUITY, FLAG_PROMISCUOUS)? | wanted(ALL_MULTICAST, FLAG_ALL_MULTICAST)?)
    }
}

/// Up to the zero byte.
fn text(bytes: &[u8]) -> Option<&str> {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    std::str::from_utf8(&bytes[..end]).ok()
}

fn write_address(address: Option<&[u8]>, out: &mut String) {
    for (index, byte) in address.unwrap_or(&[]).iter().enumerate() {
        let colon = if index == 0 { "" } else { ":" };
        let _ = write!(out, "{colon}{byte:02x}");
    }
}
