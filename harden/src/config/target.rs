//! What each configuration takes from the host beyond its template: a file here and a line in [`TARGETS`], for those
//! that take something.

mod apache;
mod audit_rules;
mod auditd;
mod banner;
mod chrony;
mod docker;
mod fail2ban;
mod iptables;
mod mariadb;
mod modsecurity;
mod nftables;
mod nginx;
mod nginx_text;
mod pam;
mod pam_profile;
mod ports;
mod postgresql;
mod redis;
mod ssh_client;
mod sshd;
mod sshd_access;
mod sysctl;
mod units;

use super::draft::Draft;

type Prepare = fn(&mut Draft<'_>) -> Result<(), String>;

/// Those that take something from the host.
static TARGETS: &[(&str, Prepare)] = &[
    ("apache", apache::prepare),
    ("audit-rules", audit_rules::prepare),
    ("auditd", auditd::prepare),
    ("banner", banner::prepare),
    ("chrony", chrony::prepare),
    ("docker", docker::prepare),
    ("fail2ban", fail2ban::prepare),
    ("iptables", iptables::prepare),
    ("mariadb", mariadb::prepare),
    ("modsecurity", modsecurity::prepare),
    ("nftables", nftables::prepare),
    ("nginx", nginx::prepare),
    ("pam", pam::prepare),
    ("postgresql", postgresql::prepare),
    ("redis", redis::prepare),
    ("ssh-client", ssh_client::prepare),
    ("sshd", sshd::prepare),
    ("sysctl", sysctl::prepare),
    ("units", units::prepare),
];

/// Names that every template may ask for without declaring them, and those that only are or are not.
pub static FLAGS: &[&str] = &[
    "moderate",
    "strict",
    "part",
    "headers",
    "tls",
    "forwards",
    "advertised",
    "debian",
    "docker",
    "shared_tmp",
    "nft",
    "journal",
    "apache_log",
    "nginx_log",
    "own_log",
];

/// Looks at the host; an error is why nothing can be rendered.
pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    let own = TARGETS.iter().find(|(name, _)| *name == draft.front.name);
    own.map_or(Ok(()), |(_, prepare)| prepare(draft))
}
