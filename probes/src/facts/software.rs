//! Which packages are installed, and which of them wait for an update, from dpkg's and apt's own files.

use super::{Found, Image, Reader};
use crate::Fault;
use crate::packages::{STATUS, pending, stanzas};
use hostward_model::{Fact, Origin};
use std::io::BufReader;

pub static PACKAGES: Reader = Reader {
    area: "packages",
    about: "installed packages by name with their version",
    reads: &[STATUS],
    read: packages,
};

pub static UPDATES: Reader = Reader {
    area: "updates",
    about: "how many packages wait for an update, and for a security update, by the lists that apt fetched last",
    reads: &[STATUS, "/var/lib/apt/lists"],
    read: updates,
};

fn packages(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    let mut kept = Ok(());
    let read = stanzas(BufReader::new(image.file(STATUS)?), |own| {
        if own.status.ends_with(" installed") {
            let fact = Fact::new(own.package.clone(), own.version.clone(), Origin::file(STATUS));
            kept = kept.clone().and_then(|()| found.push(fact));
        }
    });
    read.map_err(|error| Fault::io(STATUS, &error))?;
    kept
}

fn updates(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    let (all, security) = pending(image.host)?;
    let origin = Origin::file("/var/lib/apt/lists");
    found.extend([
        Fact::new("pending", all.to_string(), origin.clone()),
        Fact::new("security", security.to_string(), origin),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn only_what_is_installed() {
        let status = "Package: sudo\nStatus: install ok installed\nVersion: 1.9\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n";
        expect![[r#"
            sudo = 1.9  (/var/lib/dpkg/status)
        "#]]
        .assert_eq(&shown(&PACKAGES, &[(STATUS, status)]));
    }
}
