//! Updates on hosts with rpm, as dnf 4 and 5 tell them from what they have fetched already.

use super::Count;
use crate::child::{Answer, answer, good_answer, program};
use crate::{Fault, Host};
use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

/// Where rpm keeps what is installed.
pub const DATABASES: [&str; 2] = ["/usr/lib/sysimage/rpm", "/var/lib/rpm"];
/// Where dnf keeps what is offered.
pub const CACHES: [&str; 3] = ["/var/cache/dnf", "/var/cache/dnf/last_makecache", "/var/cache/libdnf5"];
const PROGRAM: &str = "dnf";
const DEADLINE: Duration = Duration::from_secs(50);
const ANSWER_BYTES_MAX: usize = 4 << 20;
/// What `check-update` ends with when there are updates: dnf(8).
const UPDATES: i32 = 100;

pub fn is_here(host: &Host) -> bool {
    DATABASES.iter().any(|path| host.path(path).is_dir())
}

/// Only what dnf has fetched before is used: nothing goes to the network.
pub fn count(host: &Host, _: &mut Vec<String>) -> Result<Count, Fault> {
    if !host.is_live() {
        return Err(Fault::Missing { what: PROGRAM.to_owned() });
    }
    let Answer { text: updates, status, .. } = answer(dnf(&["check-update"]), DEADLINE, ANSWER_BYTES_MAX)?;
    if !(status.success() || status.code() == Some(UPDATES)) {
        let error = format!("check-update from its cache: {status}; `dnf makecache` fills the cache");
        return Err(Fault::Unreadable { what: PROGRAM.to_owned(), error });
    }
    let advisories = good_answer(dnf(&["updateinfo", "list", "--security"]), DEADLINE, ANSWER_BYTES_MAX)?;
    Ok(tally(&updates, &advisories))
}

fn dnf(words: &[&str]) -> Command {
    let mut command = program(PROGRAM);
    command.args(["--quiet", "--cacheonly"]).args(words);
    command
}

/// A package is counted once, however many advisories it has.
fn tally(updates: &str, advisories: &str) -> Count {
    let pending: BTreeSet<&str> = pending(updates).collect();
    let named: BTreeSet<String> = advisories.split_whitespace().filter_map(name_of).collect();
    let security = pending.iter().filter(|name| named.contains(**name)).count() as u64;
    Count { security, other: pending.len() as u64 - security, held: 0 }
}

/// `openssl.x86_64  1:3.0.7-25.el9_3  baseos`, until the packages that others replace.
fn pending(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().take_while(|line| !line.to_ascii_lowercase().starts_with("obsoleting"));
    lines.filter_map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        (words.len() == 3 && words[0].contains('.')).then(|| words[0])
    })
}

/// `name.architecture` of `name-version-release.architecture`. Names of advisories have no architecture.
fn name_of(word: &str) -> Option<String> {
    let (rest, architecture) = word.rsplit_once('.')?;
    let mut parts = rest.rsplitn(3, '-');
    let (_release, _version, name) = (parts.next()?, parts.next()?, parts.next()?);
    Some(format!("{name}.{architecture}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const UPDATES: &str = "\n\
        NetworkManager.x86_64            1:1.44.0-5.el9_3        baseos\n\
        openssl.x86_64                   1:3.0.7-25.el9_3        baseos\n\
        openssl-libs.x86_64              1:3.0.7-25.el9_3        baseos\n\
        tzdata.noarch                    2024a-1.el9             baseos\n\
        Obsoleting Packages\n\
        grub2-tools.x86_64               1:2.06-70.el9_3.2       baseos\n    \
            grub2-tools.x86_64           1:2.06-61.el9           @System\n";

    /// dnf 4: advisory, severity and package in three columns.
    #[test]
    fn security_is_counted_apart() {
        let advisories = "\
            RHSA-2024:0310 Low/Sec.       openssl-1:3.0.7-25.el9_3.x86_64\n\
            RHSA-2024:0311 Moderate/Sec.  openssl-1:3.0.7-26.el9_3.x86_64\n\
            RHSA-2024:0310 Low/Sec.       openssl-libs-1:3.0.7-25.el9_3.x86_64\n\
            RHSA-2024:9999 Important/Sec. kernel-core-5.14.0-400.el9.x86_64\n";
        assert_eq!(tally(UPDATES, advisories), Count { security: 2, other: 2, held: 0 });
    }

    /// dnf 5: a head line, and a date behind the package.
    #[test]
    fn the_columns_of_dnf_5() {
        let updates = "curl.x86_64 8.6.0-10.fc40 updates\nnano.x86_64 7.2-7.fc40 updates\n";
        let advisories = "Name                   Type     Severity  Package                 Issued\n\
            FEDORA-2024-0bd5e5d41b security Important curl-8.6.0-10.fc40.x86_64 2024-07-30 01:18:05\n";
        assert_eq!(tally(updates, advisories), Count { security: 1, other: 1, held: 0 });
    }

    #[test]
    fn nothing_to_do_is_zero() {
        assert_eq!(tally("", ""), Count::default());
        assert_eq!(tally("Last metadata expiration check: 0:01 ago.\n", "x.y -\n"), Count::default());
    }
}
