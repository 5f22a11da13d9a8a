//! A name for a chip that stays the same after a restart, as the numbers of `/sys/class/hwmon` do not.

use crate::{Host, attributes};
use std::collections::BTreeMap;

/// Lower case, with `_` for everything that is unusual in a label, and none at the ends.
pub fn clean(name: &str) -> String {
    let usual = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == ':' || c == '_';
    let text: String =
        name.chars().map(|c| c.to_ascii_lowercase()).map(|c| if usual(c) { c } else { '_' }).collect();
    text.trim_matches('_').to_owned()
}

/// Entries of `directory` with the names of their chips, each of which is given once.
///
/// A chip is called by its device and what the device is part of (`platform_coretemp_0`), then by what the
/// driver says. Chips of one device are told apart by both.
pub fn names(host: &mut Host, directory: &str, entries: &[String]) -> Vec<(String, String)> {
    let devices: Vec<_> = entries.iter().map(|entry| device(host, &format!("{directory}/{entry}"))).collect();
    let mut given = BTreeMap::<String, u32>::new();
    let mut names = Vec::new();
    for (entry, device) in entries.iter().zip(&devices) {
        let said = clean(&attributes::label(host, &format!("{directory}/{entry}"), "name"));
        let shared = devices.iter().filter(|other| *other == device).count() > 1;
        let mut name = choose(device.as_deref(), &said, shared).unwrap_or_else(|| clean(entry));
        let times = given.entry(name.clone()).or_default();
        *times += 1;
        if *times > 1 {
            name = format!("{name}_{}", clean(entry));
        }
        names.push((entry.clone(), name));
    }
    names
}

fn choose(device: Option<&str>, said: &str, shared: bool) -> Option<String> {
    match device {
        Some(device) if shared && !said.is_empty() => Some(format!("{device}_{said}")),
        Some(device) => Some(device.to_owned()),
        None => Some(said.to_owned()).filter(|said| !said.is_empty()),
    }
}

/// The last two parts of the path of the device: what it is part of, and its own name.
fn device(host: &Host, chip: &str) -> Option<String> {
    let link = format!("{chip}/device");
    host.link(&link)?;
    let path = host.path(&link).canonicalize().ok()?;
    let part = |part: Option<&std::ffi::OsStr>| clean(&part.unwrap_or_default().to_string_lossy());
    let (own, whole) = (part(path.file_name()), part(path.parent().and_then(|parent| parent.file_name())));
    match (whole.is_empty(), own.is_empty()) {
        (_, true) => None,
        (true, false) => Some(own),
        (false, false) => Some(format!("{whole}_{own}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;

    #[test]
    fn names_are_cleaned() {
        let cases =
            [("applesmc.768", "applesmc_768"), ("asus-nb-wmi", "asus_nb_wmi"), ("_É X_", "x"), ("", "")];
        for (name, cleaned) in cases {
            assert_eq!(clean(name), cleaned);
        }
    }

    #[test]
    fn chips_get_different_names() {
        let tree = Tree::new(&[]);
        for (entry, device, name) in [
            ("hwmon0", Some("platform/coretemp.0"), "coretemp\n"),
            ("hwmon1", Some("platform/asus"), "asus\n"),
            ("hwmon2", Some("platform/asus"), "asus sensors\n"),
            ("hwmon3", None, "nct\n"),
            ("hwmon4", None, "nct\n"),
            ("hwmon5", None, "\n"),
        ] {
            let chip = format!("/sys/class/hwmon/{entry}");
            tree.write(&format!("{chip}/name"), name);
            if let Some(device) = device {
                tree.directory(&format!("/sys/devices/{device}"));
                tree.link(&format!("{chip}/device"), &format!("../../../devices/{device}"));
            }
        }
        let entries: Vec<String> = (0..6).map(|number| format!("hwmon{number}")).collect();
        let names = names(&mut tree.host(), "/sys/class/hwmon", &entries);
        let names: Vec<_> = names.iter().map(|(_, name)| name.as_str()).collect();
        let expected = [
            "platform_coretemp_0",
            "platform_asus_asus",
            "platform_asus_asus_sensors",
            "nct",
            "nct_hwmon4",
            "hwmon5",
        ];
        assert_eq!(names, expected);
    }
}
