//! What holds for all plugins: what is trusted, who runs them, and how they are asked unless something else is said.

use super::munin_conf::MuninConf;
use super::signatures::Keys;
use super::sums::Sums;
use super::trust::Trust;
use crate::config;
use nix::unistd::Uid;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What holds for all plugins.
#[derive(Clone, Debug)]
pub struct Ground {
    /// What is trusted.
    pub trust: Trust,
    /// Interval unless something else is said.
    pub every: Duration,
    /// Deadline unless something else is said.
    pub timeout: Duration,
    /// What munin-node is told of its plugins.
    pub munin: MuninConf,
    /// As whom root runs plugins.
    pub user: String,
    /// Where plugins have a directory each.
    pub state: PathBuf,
    /// Shared objects that are loaded into hostward itself.
    pub inside: Vec<String>,
}

impl Ground {
    /// As the configuration says. A list of sums or keys that cannot be read trusts nothing.
    pub fn new(config: &config::Plugins, state_dir: &Path) -> Result<Ground, String> {
        let sums = config.sha256.as_deref().map(|path| Sums::parse(path, &listed(path)?));
        let keys = config.minisign_keys.as_deref().map(|path| Keys::parse(path, &listed(path)?));
        let directories = if config.enabled { config.directories.clone() } else { Vec::new() };
        let link_targets = config.link_targets.clone();
        Ok(Ground {
            trust: Trust {
                directories,
                link_targets,
                sums: sums.transpose()?,
                keys: keys.transpose()?,
                is_waived: false,
            },
            every: config.interval.duration(),
            timeout: config.timeout.duration(),
            munin: MuninConf::read(&config.munin_conf),
            user: config.user.clone(),
            state: state(state_dir),
            inside: config.in_process.clone(),
        })
    }
}

fn listed(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Where plugins have a directory each. Root's state directory is closed to those that it runs plugins as, so there it is beside it.
fn state(state_dir: &Path) -> PathBuf {
    if !Uid::effective().is_root() {
        return state_dir.join("plugins");
    }
    let mut name = state_dir.file_name().unwrap_or_default().to_owned();
    name.push("-plugins");
    state_dir.with_file_name(name)
}
