//! What each configuration takes from the host beyond its template: a file here and a line in [`TARGETS`], for those
//! that take something.

mod apache;
mod nftables;
mod nginx;
mod nginx_text;
mod postgresql;
mod sshd;
mod sysctl;

use super::draft::Draft;

type Prepare = fn(&mut Draft<'_>) -> Result<(), String>;

/// Those that take something from the host.
static TARGETS: &[(&str, Prepare)] = &[
    ("apache", apache::prepare),
    ("nftables", nftables::prepare),
    ("nginx", nginx::prepare),
    ("postgresql", postgresql::prepare),
    ("sshd", sshd::prepare),
    ("sysctl", sysctl::prepare),
];

/// Names that every template may ask for without declaring them, and those that only are or are not.
pub static FLAGS: &[&str] = &["moderate", "strict", "part", "headers", "tls", "forwards", "advertised"];

/// Looks at the host; an error is why nothing can be rendered.
pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    let own = TARGETS.iter().find(|(name, _)| *name == draft.front.name);
    own.map_or(Ok(()), |(_, prepare)| prepare(draft))
}
