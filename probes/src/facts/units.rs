//! Which units of systemd start at boot, by the links on disk: systemctl(1), *is-enabled*.

use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};
use std::collections::BTreeMap;

/// Units come from these; the first that has a name wins.
pub const DIRECTORIES: [&str; 5] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];
/// Links that start a unit are made here by an administrator or a package.
const WANTS: [&str; 2] = ["/etc/systemd/system/*.wants/*", "/etc/systemd/system/*.requires/*"];
/// Units that a package starts without being asked.
const STATIC_WANTS: &str = "/usr/lib/systemd/system/*.wants/*";

pub static READER: Reader = Reader {
    area: "units",
    about: "units of systemd by name: the key is state, the value enabled, disabled or masked",
    reads: &["/etc/systemd/system", "/usr/lib/systemd/system"],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    let mut units: BTreeMap<String, (&str, String)> = BTreeMap::new();
    for directory in DIRECTORIES {
        for name in image.names_if_there(directory)?.into_iter().filter(|name| is_unit(name)) {
            let path = format!("{directory}/{name}");
            // A link to /dev/null is no ordinary file, and neither is one that leads nowhere.
            let state =
                if image.state(&path).is_ok_and(|state| state.is_file()) { "disabled" } else { "masked" };
            units.entry(name).or_insert((state, path));
        }
    }
    if units.is_empty() {
        return Err(Fault::Missing { what: DIRECTORIES[0].to_owned() });
    }
    for pattern in WANTS.into_iter().chain([STATIC_WANTS]) {
        for path in image.glob(pattern)? {
            let name = path.rsplit('/').next().unwrap_or("").to_owned();
            match units.get_mut(&name) {
                Some((state, _)) if *state == "masked" => {}
                Some(unit) => *unit = ("enabled", path),
                // An instance of a template, or a unit that a generator makes.
                None => drop(units.insert(name, ("enabled", path))),
            }
        }
    }
    let fact = |(name, (state, path)): (String, (&str, String))| {
        Fact::new("state", state, Origin::file(&path)).within(name)
    };
    found.extend(units.into_iter().map(fact))
}

fn is_unit(name: &str) -> bool {
    [".service", ".socket", ".timer", ".target", ".mount", ".path"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;

    #[test]
    fn enabled_disabled_and_masked() {
        let tree = Tree::new(&[
            ("/usr/lib/systemd/system/a.service", ""),
            ("/usr/lib/systemd/system/b.service", ""),
            ("/usr/lib/systemd/system/c.service", ""),
        ]);
        tree.link(
            "/etc/systemd/system/multi-user.target.wants/a.service",
            "/usr/lib/systemd/system/a.service",
        );
        tree.link("/etc/systemd/system/c.service", "/dev/null");
        let host = tree.host();
        let mut found = Found::new(usize::MAX);
        read(&Image::new(&host).unwrap(), &mut found).unwrap();
        let facts = found.facts();
        let seen: Vec<_> = facts.iter().map(|fact| (fact.scope.as_str(), fact.value.as_str())).collect();
        assert_eq!(seen, [("a.service", "enabled"), ("b.service", "disabled"), ("c.service", "masked")]);
    }
}
