//! The unit keeps the promise of SPECIFICATION.md: what systemd thinks that it could do to the host is little.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Exposure in tenths, as `systemd-analyze security` counts it.
const EXPOSURE_MAX_TENTHS: &str = "25";

fn shipped(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../systemd");
    folder.join(name).canonicalize().unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn systemd(program: &str, args: &[&str], file: &str) -> String {
    let run = Command::new(program).args(args).arg(shipped(file)).output();
    let output =
        run.unwrap_or_else(|error| panic!("{program}: {error}; it is in the Debian package systemd"));
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{program} {args:?} {file}: {said}");
    said
}

#[test]
fn exposure_is_low() {
    let threshold = format!("--threshold={EXPOSURE_MAX_TENTHS}");
    let said = systemd("systemd-analyze", &["security", "--offline=true", &threshold], "hostward.service");
    assert!(said.contains("Overall exposure level for hostward.service"), "{said}");
    assert!(said.contains("✓ CapabilityBoundingSet=~CAP_SYS_ADMIN"), "{said}");
}

/// What changes the host is root, and little else; what asks for it and what looks beside it are less.
#[test]
fn what_applies_is_exposed_as_little_as_root_can_be() {
    for (unit, tenths_max) in
        [("hostward-apply@.service", "13"), ("hostward-room@.service", "9"), ("hostward-ports.service", "13")]
    {
        let threshold = format!("--threshold={tenths_max}");
        systemd("systemd-analyze", &["security", "--offline=true", &threshold], unit);
    }
    let unit = std::fs::read_to_string(shipped("hostward-apply@.service")).unwrap();
    let writable: Vec<_> = unit.lines().filter(|line| line.starts_with("ReadWritePaths=")).collect();
    assert_eq!(writable, ["ReadWritePaths=/var/lib/hostward-apply"]);
    for line in
        ["PrivateNetwork=yes", "InaccessiblePaths=-/run/dbus", "ProtectSystem=strict", "ProtectHome=yes"]
    {
        assert!(unit.lines().any(|own| own == line), "{line} is missing");
    }
}

/// `systemd-analyze` passes over a key that it does not know, so the keys that matter are looked for by name.
#[test]
fn the_loop_is_watched_and_its_size_is_bounded() {
    let unit = std::fs::read_to_string(shipped("hostward.service")).unwrap();
    for line in [
        "Type=notify",
        "WatchdogSec=30",
        "CapabilityBoundingSet=",
        "MemoryMax=512M",
        "TasksMax=384",
        "Delegate=cpu memory pids",
        "User=hostward",
    ] {
        assert!(unit.lines().any(|own| own == line), "{line} is missing");
    }
}

#[test]
fn the_user_is_made_with_its_groups() {
    let root = std::env::temp_dir().join(format!("hostward-sysroot-{}", std::process::id()));
    std::fs::create_dir_all(root.join("etc")).unwrap();
    systemd("systemd-sysusers", &[&format!("--root={}", root.display())], "hostward.sysusers");
    let made = |file: &str| std::fs::read_to_string(root.join("etc").join(file)).unwrap();
    let (users, groups) = (made("passwd"), made("group"));
    std::fs::remove_dir_all(&root).unwrap();
    let user = users.lines().find(|line| line.starts_with("hostward:")).unwrap();
    assert!(user.ends_with(":/var/lib/hostward:/usr/sbin/nologin"), "{user}");
    for group in ["adm:", "systemd-journal:"] {
        assert!(
            groups.lines().any(|line| line.starts_with(group) && line.ends_with(":hostward")),
            "{groups}"
        );
    }
}
