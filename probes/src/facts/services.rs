//! What services of systemd are told, with their drop-ins: systemd.service(5), systemd.exec(5).

use super::line::joined;
use super::units::DIRECTORIES;
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};
use std::collections::{BTreeMap, BTreeSet};

/// Settings whose lines add up; an empty one takes those before it away.
const LISTS: [&str; 8] = [
    "AmbientCapabilities",
    "CapabilityBoundingSet",
    "DeviceAllow",
    "ReadOnlyPaths",
    "ReadWritePaths",
    "RestrictAddressFamilies",
    "SupplementaryGroups",
    "SystemCallFilter",
];

pub static READER: Reader = Reader {
    area: "services",
    about: "settings of services of systemd with their drop-ins: the unit is the scope",
    reads: &["/etc/systemd/system", "/usr/lib/systemd/system"],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    let mut names = BTreeSet::new();
    for directory in DIRECTORIES {
        let own = image.names_if_there(directory)?;
        names.extend(own.into_iter().filter(|name| name.ends_with(".service")));
    }
    if names.is_empty() {
        return Err(Fault::Missing { what: DIRECTORIES[0].to_owned() });
    }
    for name in names {
        let settings = service(image, &name)?.into_values();
        found.extend(settings.filter(|fact| !fact.value.is_empty()).map(|fact| fact.within(name.clone())))?;
    }
    Ok(())
}

/// Settings of one service; none when it is not there or masked.
pub fn service(image: &Image<'_>, name: &str) -> Result<BTreeMap<String, Fact>, Fault> {
    let main = DIRECTORIES.iter().map(|directory| format!("{directory}/{name}")).find(|path| image.has(path));
    // A link to /dev/null masks the unit.
    let mut paths: Vec<String> =
        main.into_iter().filter(|path| image.state(path).is_ok_and(|state| state.is_file())).collect();
    let drop_ins = DIRECTORIES.map(|directory| format!("{directory}/{name}.d"));
    paths.extend(image.overlaid(&drop_ins.each_ref().map(String::as_str), ".conf")?);
    let mut settings = BTreeMap::new();
    for path in paths {
        let (text, mut within) = (image.text(&path)?, false);
        for (number, line) in joined(&text) {
            if line.starts_with('[') {
                within = line == "[Service]";
            } else if let Some((key, value)) =
                line.split_once('=').filter(|_| within && !line.starts_with(';'))
            {
                add(&mut settings, Fact::new(key.trim(), value.trim(), Origin::line(&path, number)));
            }
        }
    }
    Ok(settings)
}

fn add(settings: &mut BTreeMap<String, Fact>, new: Fact) {
    match settings.get_mut(&new.key) {
        Some(own) if LISTS.contains(&new.key.as_str()) && !own.value.is_empty() && !new.value.is_empty() => {
            own.value.extend([" ", new.value.as_str()]);
            own.origin = new.origin;
        }
        _ => drop(settings.insert(new.key.clone(), new)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn drop_ins_change_what_they_name() {
        let unit = "[Unit]\nDescription=A\n[Service]\nExecStart=/usr/bin/a \\\n  --flag\nNoNewPrivileges=no\n; UMask=0\n\
                    CapabilityBoundingSet=CAP_KILL\nProtectHome=yes\n[Install]\nAlias=b.service\n";
        expect![[r#"
            [a.service] CapabilityBoundingSet = CAP_KILL CAP_CHOWN  (/etc/systemd/system/a.service.d/x.conf:3)
            [a.service] ExecStart = /usr/bin/a --flag  (/usr/lib/systemd/system/a.service:4)
            [a.service] NoNewPrivileges = yes  (/etc/systemd/system/a.service.d/x.conf:2)
        "#]]
        .assert_eq(&shown(
            &READER,
            &[
                ("/usr/lib/systemd/system/a.service", unit),
                (
                    "/etc/systemd/system/a.service.d/x.conf",
                    "[Service]\nNoNewPrivileges=yes\nCapabilityBoundingSet=CAP_CHOWN\nProtectHome=\n",
                ),
            ],
        ));
    }
}
