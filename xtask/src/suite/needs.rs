//! The programs that the tests run, and how they get here.

use crate::Outcome;
use std::path::Path;
use std::process::{Command, Stdio};

/// Programs and the Debian packages that have them.
const NEEDS: &[(&str, &str)] = &[
    ("promtool", "prometheus"),
    ("prometheus", "prometheus"),
    ("prometheus-alertmanager", "prometheus-alertmanager"),
    ("prometheus-node-exporter", "prometheus-node-exporter"),
    ("curl", "curl"),
    ("openssl", "openssl"),
    ("shellcheck", "shellcheck"),
    ("xmllint", "libxml2-utils"),
    ("sshd", "openssh-server"),
    ("ssh", "openssh-client"),
    ("sshpass", "sshpass"),
    ("rsyslogd", "rsyslog"),
    ("systemd-analyze", "systemd"),
    ("systemd-socket-activate", "systemd"),
    ("visudo", "sudo"),
    ("nft", "nftables"),
    ("modprobe", "kmod"),
    ("strace", "strace"),
    ("setpriv", "util-linux"),
    ("unshare", "util-linux"),
    ("mount", "mount"),
    ("git", "git"),
    ("python3", "python3"),
    ("cc", "gcc"),
    ("c++", "g++"),
    ("make", "make"),
];

/// What administrators' programs need beyond the `PATH` of a user.
const SYSTEM_DIRS: &str = "/usr/local/sbin:/usr/sbin:/sbin";

/// True when a program is on the path or where administrators' programs are.
pub fn is_here(program: &str) -> bool {
    let path = std::env::var("PATH").unwrap_or_default();
    path.split(':').chain(SYSTEM_DIRS.split(':')).any(|dir| Path::new(dir).join(program).is_file())
}

/// Installs what is missing, or says exactly what to type.
pub fn provide() -> Outcome<()> {
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    let line = format!("apt-get install --no-install-recommends {}", missing.join(" "));
    if !is_here("apt-get") {
        return Err(format!("these packages are missing, and this is no Debian: {}", missing.join(" ")));
    }
    let Some(mut shell) = root_shell() else {
        return Err(format!("the tests need packages that are missing; as root, type:\n\n    {line}\n"));
    };
    eprintln!("installing for the tests: {}", missing.join(" "));
    let status = shell.args(["sh", "-c", include_str!("install.sh"), "install.sh"]).args(&missing).status();
    match status {
        Ok(status) if status.success() && self::missing().is_empty() => Ok(()),
        Ok(_) => Err(format!("installing failed; as root, type:\n\n    {line}\n")),
        Err(error) => Err(format!("installing failed ({error}); as root, type:\n\n    {line}\n")),
    }
}

fn missing() -> Vec<&'static str> {
    let mut packages: Vec<_> =
        NEEDS.iter().filter(|(program, _)| !is_here(program)).map(|(_, package)| *package).collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

/// A command that runs its arguments as root; none without a password that nobody is there to type.
fn root_shell() -> Option<Command> {
    if nix::unistd::geteuid().is_root() {
        return Some(Command::new("env"));
    }
    let mut sudo = Command::new("sudo");
    let quiet = sudo.args(["-n", "true"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success()).then(|| {
        let mut sudo = Command::new("sudo");
        sudo.arg("-n");
        sudo
    })
}
