//! Kernel parameters: what is set at boot, in the order of systemd-sysctl(8), and what holds now.

use super::image::if_there;
use super::line::lines;
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};
use std::collections::{BTreeMap, BTreeSet};

/// The area of running values, which are read by name.
pub const RUNNING: &str = "sysctl-running";

const DIRECTORIES: &[&str] =
    &["/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d"];

pub static READER: Reader = Reader {
    area: "sysctl",
    about: "kernel parameters that are set at boot; of several lines the last, in the order of file names",
    reads: &["/etc/sysctl.d", "/usr/lib/sysctl.d"],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    let mut set = BTreeMap::new();
    for path in image.overlaid(DIRECTORIES, ".conf")? {
        for (number, line) in lines(&image.text(&path)?, &['#', ';']) {
            // A line without a value only takes the name out of patterns that would set it.
            if let Some((name, value)) = line.split_once('=') {
                let name = dotted(name.trim().trim_start_matches('-').trim());
                set.insert(name, (value.trim().to_owned(), Origin::line(&path, number)));
            }
        }
    }
    found.extend(set.into_iter().map(|(name, (value, origin))| Fact::new(name, value, origin)))
}

/// The values that hold now, which only a live host or a captured `/proc` has.
pub fn running(image: &Image<'_>, names: &BTreeSet<String>, found: &mut Found) -> Result<(), Fault> {
    if !image.has("/proc/sys") {
        return Err(Fault::Missing { what: "/proc/sys".to_owned() });
    }
    for name in names {
        let path = format!("/proc/sys/{}", name.replace('.', "/"));
        if let Some(text) = if_there(image.text(&path))? {
            let value = text.split_whitespace().collect::<Vec<_>>().join(" ");
            found.push(Fact::new(name.clone(), value, Origin::file(&path)))?;
        }
    }
    Ok(())
}

/// `net/ipv4/conf/eth0.1/mtu` has slashes because a dot is a part of a name; the two change places.
fn dotted(name: &str) -> String {
    if !name.find(['.', '/']).is_some_and(|at| name[at..].starts_with('/')) {
        return name.to_owned();
    }
    name.chars()
        .map(|c| {
            if c == '/' {
                '.'
            } else if c == '.' {
                '/'
            } else {
                c
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn the_last_file_name_counts_and_the_first_directory() {
        expect![[r#"
            kernel.kptr_restrict = 2  (/etc/sysctl.d/50-a.conf:2)
            kernel.sysrq = 0  (/etc/sysctl.d/99-z.conf:1)
            net.ipv4.conf.eth0/1.forwarding = 0  (/etc/sysctl.d/50-a.conf:3)
        "#]]
        .assert_eq(&shown(
            &READER,
            &[
                ("/usr/lib/sysctl.d/50-a.conf", "kernel.kptr_restrict=0\n"),
                ("/etc/sysctl.d/50-a.conf", "kernel.sysrq = 1\n-kernel/kptr_restrict=2\nnet/ipv4/conf/eth0.1/forwarding=0\nno.value\n"),
                ("/etc/sysctl.d/99-z.conf", "kernel.sysrq=0\n"),
                ("/etc/sysctl.conf", "kernel.sysrq=9\n"),
            ],
        ));
    }
}
