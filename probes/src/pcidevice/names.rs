//! The names that pci.ids has for the numbers of vendors, devices and classes.

use super::Ids;
use crate::{Fault, Host};
use std::collections::BTreeMap;

/// Where distributions put the file.
pub const PATHS: [&str; 2] = ["/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids"];

/// Names of the devices that are there, by what they are; other names are not kept.
pub struct Names {
    path: String,
    known: Vec<Ids>,
    names: BTreeMap<String, String>,
}

impl Names {
    /// `path` is where the file lies; empty for the usual places.
    pub fn new(path: &str) -> Self {
        Names { path: path.to_owned(), known: Vec::new(), names: BTreeMap::new() }
    }

    /// Reads the file, if there is a device now that was not there last time.
    pub fn learn(&mut self, host: &Host, ids: &[Ids]) -> Result<(), Fault> {
        if self.known == ids {
            return Ok(());
        }
        let bytes = match self.path.as_str() {
            "" => host.bytes(PATHS[0]).or_else(|_| host.bytes(PATHS[1]))?,
            path => host.bytes(path)?,
        };
        let wanted = ids.iter().flat_map(keys);
        self.names = wanted.map(|key| (key, String::new())).collect();
        fill(&String::from_utf8_lossy(&bytes), &mut self.names);
        self.known = ids.to_vec();
        Ok(())
    }

    /// Vendor, device, vendor and device of the subsystem, class; a number that has no name stays a number.
    pub fn of(&self, ids: &Ids) -> [String; 5] {
        let [vendor, device, subsystem, maker, class, subclass, interface] = keys(ids);
        let name = |key: &String| self.names.get(key).filter(|name| !name.is_empty()).cloned();
        let or_number = |key, number| name(key).unwrap_or_else(|| digits(number).to_owned());
        let class = [interface, subclass, class].iter().find_map(name);
        [
            or_number(&vendor, &ids.vendor),
            or_number(&device, &ids.device),
            or_number(&maker, &ids.subsystem_vendor),
            or_number(&subsystem, &ids.subsystem_device),
            class.unwrap_or_else(|| format!("Unknown class ({})", digits(&ids.class))),
        ]
    }
}

/// Vendor, device, subsystem, vendor of the subsystem; class, subclass, interface: paths through the file.
fn keys(ids: &Ids) -> [String; 7] {
    let (vendor, device) = (digits(&ids.vendor), digits(&ids.device));
    let (maker, subsystem) = (digits(&ids.subsystem_vendor), digits(&ids.subsystem_device));
    let class = |end| digits(&ids.class).get(..end).unwrap_or("").to_owned();
    let part = |start, end| digits(&ids.class).get(start..end).unwrap_or("").to_owned();
    [
        vendor.to_owned(),
        format!("{vendor}/{device}"),
        format!("{vendor}/{device}/{maker} {subsystem}"),
        maker.to_owned(),
        format!("C {}", class(2)),
        format!("C {}/{}", class(2), part(2, 4)),
        format!("C {}/{}/{}", class(2), part(2, 4), part(4, 6)),
    ]
}

fn digits(number: &str) -> &str {
    number.strip_prefix("0x").unwrap_or(number)
}

/// A tab before a line means that it belongs to the line above; number and name are two spaces apart.
fn fill(text: &str, names: &mut BTreeMap<String, String>) {
    let mut above = ["", ""];
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let depth = line.bytes().take_while(|byte| *byte == b'\t').count();
        let Some((number, name)) = line.trim_start().split_once("  ") else { continue };
        let key = match depth {
            0 => number.to_owned(),
            1 => format!("{}/{number}", above[0]),
            2 => format!("{}/{}/{number}", above[0], above[1]),
            _ => continue,
        };
        if let Some(place) = above.get_mut(depth) {
            *place = number;
        }
        if let Some(known) = names.get_mut(&key) {
            *known = name.trim().to_owned();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# remark\n\n1022  AMD\n\t1634  Bridge\n\t\t17aa 5095  Ethernet\n8086  Intel\n\t1634  Other\n\
                        17aa  Lenovo\nC 06  Bridge device\n\t04  PCI bridge\n\t\t00  Normal decode\n\t\t\tx  y\nodd\n";

    fn ids(class: &str, vendor: &str, subsystem: &str) -> Ids {
        Ids {
            class: class.to_owned(),
            vendor: vendor.to_owned(),
            device: "0x1634".to_owned(),
            subsystem_vendor: "0x17aa".to_owned(),
            subsystem_device: subsystem.to_owned(),
            revision: String::new(),
        }
    }

    fn named(ids: &Ids) -> [String; 5] {
        let mut names = Names::new("");
        names.names = keys(ids).into_iter().map(|key| (key, String::new())).collect();
        fill(TEXT, &mut names.names);
        names.of(ids)
    }

    #[test]
    fn numbers_have_names() {
        let names = named(&ids("0x060400", "0x1022", "0x5095"));
        assert_eq!(names, ["AMD", "Bridge", "Lenovo", "Ethernet", "Normal decode"]);
    }

    #[test]
    fn a_number_without_a_name_stays() {
        assert_eq!(named(&ids("0x0604ff", "0x8086", "0x1")), ["Intel", "Other", "Lenovo", "1", "PCI bridge"]);
        assert_eq!(named(&ids("0x06ff", "0x1", "")), ["1", "1634", "Lenovo", "", "Bridge device"]);
        assert_eq!(named(&ids("é", "", ""))[4], "Unknown class (é)");
    }
}
