//! What the machine must have, in sentences.

use std::fs;
use std::path::Path;

const PROGRAMS: &[(&str, &str)] = &[
    ("prometheus", "prometheus"),
    ("shellcheck", "shellcheck"),
    ("sshd", "openssh-server"),
    ("ssh", "openssh-client"),
    ("ssh-keygen", "openssh-client"),
    ("sshpass", "sshpass"),
    ("rsyslogd", "rsyslog"),
    ("unshare", "util-linux"),
    ("mount", "mount"),
];

/// Fails with everything that is missing.
pub fn check() {
    let mut missing: Vec<String> = PROGRAMS
        .iter()
        .filter(|(program, _)| find(program).is_none())
        .map(|(program, package)| format!("the program {program} (Debian package {package})"))
        .collect();
    if !nix::unistd::geteuid().is_root() {
        missing.push("root, to mount a file system and to run sshd".to_owned());
    }
    missing.extend(memory_limit());
    assert!(
        missing.is_empty(),
        "this test needs:\n  {}\n`cargo xtask test` installs packages",
        missing.join("\n  ")
    );
}

/// Where a program is, on the path or where administrators' programs are.
pub fn find(program: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/local/sbin:/usr/sbin:/sbin";
    path.split(':').map(|dir| Path::new(dir).join(program)).find(|file| file.is_file())
}

/// A control group that may use less than the machine has would be killed before the alert could fire.
fn memory_limit() -> Option<String> {
    let limit: u64 = fs::read_to_string("/sys/fs/cgroup/memory.max").ok()?.trim().parse().ok()?;
    let total = super::fault::memory::bytes("MemTotal")?;
    (limit < total)
        .then(|| format!("a control group without a memory limit below {total} bytes, not {limit}"))
}
