//! A small Debian: a status file, lists of three sources and preferences, in a directory of its own.

use super::*;
use crate::testing::Tree;

const STATUS_TEXT: &str = "\
Package: dpkg\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.21.22\n
Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.1-1\n
Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.36-9\n
Package: libc6\nStatus: install ok installed\nArchitecture: i386\nVersion: 2.36-9\n
Package: tzdata\nStatus: hold ok installed\nArchitecture: all\nVersion: 2024a-0\n
Package: vim\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2:9.0-1\n
Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1\n
Package: local\nStatus: install ok installed\nArchitecture: amd64\nVersion: 9\n
";

const MAIN: &str = "\
Package: dpkg\nArchitecture: amd64\nVersion: 1.21.22\n
Package: openssl\nArchitecture: amd64\nVersion: 3.0.9-1\n
Package: libc6\nArchitecture: amd64\nVersion: 2.36-9+deb12u1\n
Package: tzdata\nArchitecture: all\nVersion: 2024b-0\n
Package: vim\nArchitecture: amd64\nVersion: 2:9.0-1\n
Package: gone\nArchitecture: amd64\nVersion: 2\n
Package: local\nArchitecture: amd64\nVersion: 8\n
";
const SECURITY: &str = "Package: openssl\nArchitecture: amd64\nVersion: 3.0.5-1\n";
const BACKPORTS: &str = "Package: vim\nArchitecture: amd64\nVersion: 2:9.1-1~bpo12+1\n";

fn tree(preferences: &str) -> Tree {
    let tree = Tree::new(&[
        ("/var/lib/dpkg/status", STATUS_TEXT),
        ("/etc/apt/preferences.d/ours", preferences),
        ("/etc/apt/preferences.d/old.bak", "nonsense"),
    ]);
    let sources = [
        ("main.org_dists_stable", "Label: Debian\n", MAIN),
        ("main.org_dists_stable-security", "Label: Debian-Security\n", SECURITY),
        ("main.org_dists_bpo", "NotAutomatic: yes\nButAutomaticUpgrades: yes\n", BACKPORTS),
    ];
    for (source, release, packages) in sources {
        tree.write(&format!("/var/lib/apt/lists/{source}_InRelease"), release);
        tree.write(&format!("/var/lib/apt/lists/{source}_main_binary-amd64_Packages"), packages);
    }
    tree
}

fn counted(preferences: &str) -> (u64, u64, u64, Vec<String>) {
    let mut strange = Vec::new();
    let count = count(&tree(preferences).host(), &mut strange).unwrap();
    (count.security, count.other, count.held, strange)
}

/// openssl has a security update though main has a later one; libc6 of amd64 only; vim waits for nothing, because
/// backports are not taken by themselves.
#[test]
fn pending_by_kind() {
    assert_eq!(counted(""), (1, 1, 1, vec![]));
}

#[test]
fn pins_are_respected() {
    let keep = "Package: openssl\nPin: version 3.0.1*\nPin-Priority: 1001\n";
    assert_eq!(counted(keep), (0, 1, 1, vec![]));
    let backports = "Package: vim\nPin: release n=none\nPin-Priority: 1\n\nPackage: *\nPin: origin main.org\nPin-Priority: 500\n";
    assert_eq!(counted(backports), (1, 2, 1, vec![]));
    let strange = counted("Package: /x/\nPin: version 1\nPin-Priority: 1\n").3;
    assert_eq!(strange, ["/etc/apt/preferences.d/ours: Package: /x/"]);
}

#[test]
fn without_lists_or_with_an_empty_status_nothing_is_counted() {
    let tree = tree("");
    let host = tree.host();
    tree.write("/var/lib/dpkg/status", "");
    assert_eq!(count(&host, &mut vec![]).unwrap_err().reason(), "malformed");
    tree.write("/var/lib/dpkg/status", STATUS_TEXT);
    std::fs::remove_dir_all(tree.path("/var/lib/apt/lists")).unwrap();
    tree.directory("/var/lib/apt/lists");
    assert_eq!(count(&host, &mut vec![]).unwrap_err().reason(), "missing");
}
