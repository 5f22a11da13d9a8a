//! The room that one script gets in `hostward-apply@.service`: what it says of itself, as a drop-in for that unit.

use super::Refusal;
use hostward_harden::fix::{Need, Reach};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Drop-ins that do not outlive a boot (systemd.unit(5)).
pub const UNITS: &str = "/run/systemd/system";
/// What `ProtectHome=` covers.
const HOMES: [&str; 3] = ["/home", "/root", "/run/user"];

/// Writes the drop-in for the start of `hostward-apply@ID.service`.
pub fn prepare(units: &Path, id: &str, script: &str) -> Result<PathBuf, Refusal> {
    let reach = Reach::read(script).ok_or_else(|| Refusal::Room { id: id.to_owned() })?;
    let dir = units.join(format!("hostward-apply@{id}.service.d"));
    fs::create_dir_all(&dir)?;
    let file = dir.join("room.conf");
    fs::write(&file, drop_in(&reach, &nearest))?;
    Ok(file)
}

fn drop_in(reach: &Reach, nearest: &dyn Fn(&Path) -> PathBuf) -> String {
    let mut out = String::from("# What the approved script says that it touches.\n[Service]\n");
    for path in &reach.writes {
        let place = nearest(Path::new(path));
        let _ = writeln!(out, "ReadWritePaths={}", quoted(&place.to_string_lossy()));
    }
    let is_home = |path: &String| HOMES.iter().any(|home| Path::new(path).starts_with(home));
    if reach.writes.iter().any(is_home) {
        out += "ProtectHome=read-only\n";
    }
    reach.needs.iter().for_each(|need| out += room(*need));
    out
}

/// What a right takes away from the sandbox of the unit.
fn room(need: Need) -> &'static str {
    match need {
        Need::SetUserId => "RestrictSUIDSGID=no\n",
        Need::Listen => {
            "RestrictAddressFamilies=AF_INET AF_INET6\nCapabilityBoundingSet=CAP_NET_BIND_SERVICE\n"
        }
        Need::Network => {
            "PrivateNetwork=no\nRestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK\nCapabilityBoundingSet=CAP_NET_ADMIN\n"
        }
        // Switches of the network are those of the network that one is in.
        Need::Kernel => {
            "PrivateNetwork=no\nProtectKernelTunables=no\nProcSubset=all\nCapabilityBoundingSet=CAP_SYS_ADMIN CAP_NET_ADMIN\n"
        }
        Need::Processes => {
            "ProtectProc=default\nCapabilityBoundingSet=CAP_KILL CAP_SYS_NICE\nSystemCallFilter=setpriority\n"
        }
        Need::Bus => "InaccessiblePaths=\n",
        Need::All => include_str!("room/all.conf"),
    }
}

/// The path itself, or what is there of it: a directory that is to be made is made in the one above.
fn nearest(path: &Path) -> PathBuf {
    let there = path.ancestors().find_map(|own| own.canonicalize().ok());
    there.unwrap_or_else(|| PathBuf::from("/"))
}

/// As systemd reads a word (systemd.syntax(7)), with its specifiers (systemd.unit(5)) written out.
fn quoted(path: &str) -> String {
    let mut out = String::from("\"");
    for char in path.chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            '%' => out += "%%",
            char => out.push(char),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(script: &str, expected: Expect) {
        let reach = Reach::read(script).unwrap();
        expected.assert_eq(&drop_in(&reach, &|path| path.to_owned()));
    }

    #[test]
    fn a_script_gets_what_it_says_and_no_more() {
        check(
            "#: writes /etc/ssh/sshd_config.d\n#: writes /home/a \"b\"/100%25\n",
            expect![[r#"
                # What the approved script says that it touches.
                [Service]
                ReadWritePaths="/etc/ssh/sshd_config.d"
                ReadWritePaths="/home/a \"b\"/100%%"
                ProtectHome=read-only
            "#]],
        );
        check(
            "#: needs listen\n#: needs set-user-id\nset -e\n#: writes /\n",
            expect![[r#"
                # What the approved script says that it touches.
                [Service]
                RestrictSUIDSGID=no
                RestrictAddressFamilies=AF_INET AF_INET6
                CapabilityBoundingSet=CAP_NET_BIND_SERVICE
            "#]],
        );
    }

    #[test]
    fn what_is_not_there_yet_is_made_in_what_is() {
        assert_eq!(nearest(Path::new("/proc/no/such/place")), Path::new("/proc"));
    }
}
