//! All devices as the kernel lists them over netlink, and from their files what it does not list.

use super::link::{BODY_BYTES, GET_LINK, Link, Mark};
use super::{DEVICES_MAX, Device};
use crate::netlink::{DUMP, Protocol, Request, ask};
use crate::{Fault, Filter, Host};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What the kernel does not list, and a driver is asked for: it is read again when something happened to the device,
/// and after so long.
const SELDOM: [&str; 5] = ["addr_assign_type", "dev_id", "name_assign_type", "speed", "duplex"];
const SELDOM_EVERY: Duration = Duration::from_secs(60);

/// Devices by name, as they were last seen.
#[derive(Default)]
pub struct Links {
    devices: BTreeMap<String, Kept>,
    /// Counts the lists, so that a device that is not in the last one is known.
    list: u64,
    /// The sandbox does not let us ask.
    is_confined: bool,
}

#[derive(Default)]
struct Kept {
    device: Device,
    mark: Mark,
    read_at: Option<Instant>,
    list: u64,
}

impl Links {
    /// Looks at the devices that are wanted; false when the kernel may not be asked.
    pub fn refresh(&mut self, host: &mut Host, wanted: &Filter) -> Result<bool, Fault> {
        if self.is_confined {
            return Ok(false);
        }
        self.list += 1;
        let (mut left, mut read) = (DEVICES_MAX, Ok(()));
        let asked = ask(Protocol::Route, Request::new(GET_LINK, DUMP, 1, &[0; BODY_BYTES]), |message| {
            let link = Link::parse(&message);
            if let Some(name) = link.name().filter(|name| left > 0 && wanted.takes(name)) {
                left -= 1;
                let result = self.see(host, name, &link);
                read = std::mem::replace(&mut read, Ok(())).and(result);
            }
            Ok(())
        });
        self.is_confined = matches!(asked, Err(Fault::Denied { .. }));
        let list = self.list;
        self.devices.retain(|_, kept| kept.list == list);
        if self.is_confined { Ok(false) } else { asked.and(read).map(|()| true) }
    }

    /// The devices that were seen last.
    pub fn devices(&self) -> impl ExactSizeIterator<Item = (&str, &Device)> {
        self.devices.iter().map(|(name, kept)| (name.as_str(), &kept.device))
    }

    fn see(&mut self, host: &mut Host, name: &str, link: &Link<'_>) -> Result<(), Fault> {
        if !self.devices.contains_key(name) {
            self.devices.insert(name.to_owned(), Kept::default());
        }
        let Some(kept) = self.devices.get_mut(name) else { return Ok(()) };
        kept.list = self.list;
        link.fill(&mut kept.device);
        let is_due = kept.mark != link.mark() || kept.read_at.is_none_or(|at| at.elapsed() >= SELDOM_EVERY);
        if is_due {
            (kept.mark, kept.read_at) = (link.mark(), Some(Instant::now()));
        }
        kept.device.read(host, name, |file| !link.tells(file) && (is_due || !SELDOM.contains(&file)))
    }
}
