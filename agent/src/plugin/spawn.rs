//! Starts a plugin: from the descriptor that was checked, in a process group and a sandbox of its own, of which its administrator can open
//! parts.
//!
//! What is started is a small program ([`super::host`]) that confines itself and then loads the object or becomes the program. It finds the
//! plugin through a link to the descriptor, so that a program has its name and not that of a number.

use super::ground::Ground;
use super::kin::{Kin, MARK, mark};
use super::spec::{Bounds, Kind, Plugin};
use super::trouble::Trouble;
use super::{cgroup, environment, host};
use command_fds::{CommandFdExt, FdMapping};
use hostward_plugin_host::Confinement;
use nix::unistd::{Uid, User, chown};
use std::fmt::Display;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

/// The number under which a plugin's file is handed over.
const FILE_FD: i32 = 9;

/// A plugin that runs.
pub struct Started {
    /// Its first process.
    pub child: Child,
    /// All of them.
    pub kin: Kin,
}

/// Starts a plugin with these arguments before its own.
pub fn start(plugin: &Plugin, ground: &Ground, words: &[&str]) -> Result<Started, Trouble> {
    start_to("object", plugin, ground, words)
}

/// Starts a shared object to see whether it keeps the rules of the interface.
pub fn start_to_conform(plugin: &Plugin, ground: &Ground) -> Result<Started, Trouble> {
    start_to("conform", plugin, ground, &[])
}

/// Starts a plugin; an object for this purpose.
fn start_to(purpose: &str, plugin: &Plugin, ground: &Ground, words: &[&str]) -> Result<Started, Trouble> {
    let trusted = ground.trust.open(&plugin.path).map_err(|refusal| Trouble::refused(&refusal))?;
    let user = user(plugin, ground).map_err(Trouble::start)?;
    let state = state(plugin, ground, user).map_err(Trouble::start)?;
    let link = link(plugin, ground).map_err(Trouble::start)?;
    let mark = mark();
    let cgroup = cgroup::make(&mark, shared(&plugin.limits));
    let confinement = confinement(plugin, user, &state, cgroup.clone());
    let json = serde_json::to_string(&confinement).map_err(Trouble::start)?;
    let mut command = host::command();
    command.args(["--confinement", &json]);
    match plugin.kind {
        Kind::Object => {
            if let Some(timeout) = plugin.said.timeout {
                command.args(["--timeout-ms", &timeout.as_millis().to_string()]);
            }
            command.args(["--wants", purpose]).arg(&link);
        }
        Kind::Program | Kind::Text => {
            command.arg("program").arg(&link).args(words).args(&plugin.arguments);
        }
    }
    command
        .env_clear()
        .envs(environment::variables(plugin, &state))
        .env(MARK, &mark)
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let file = trusted.file.into();
    command.fd_mappings(vec![FdMapping { parent_fd: file, child_fd: FILE_FD }]).map_err(Trouble::start)?;
    let child = command.spawn().map_err(Trouble::start)?;
    let kin = Kin::of(&child, mark, cgroup);
    Ok(Started { child, kin })
}

/// What bounds all its processes together.
fn shared(limits: &Bounds) -> cgroup::Bounds {
    let Bounds { memory_bytes_max, processes_max, cpu_percent_max, .. } = *limits;
    cgroup::Bounds { memory_bytes_max, processes_max, cpu_percent_max }
}

/// What it may do and take.
fn confinement(
    plugin: &Plugin,
    user: Option<(u32, u32)>,
    state: &Path,
    cgroup: Option<PathBuf>,
) -> Confinement {
    let (limits, grants) = (&plugin.limits, &plugin.grants);
    let bounded = plugin.kind == Kind::Object || !plugin.stays;
    Confinement {
        user,
        memory_bytes_max: limits.memory_bytes_max,
        // One that stays is bounded by the times in which it must answer.
        cpu_s_max: if bounded { plugin.timeout.as_secs() + 1 } else { 0 },
        processes_max: limits.processes_max,
        read: grants.read.clone(),
        write: grants.write.iter().cloned().chain([state.to_owned()]).collect(),
        network: grants.network,
        local_sockets: grants.local_sockets,
        raw_devices: grants.devices,
        cgroup,
        ..Confinement::default()
    }
}

/// Who runs it. Only root can start it as somebody else, and root never runs it as root unless told so.
fn user(plugin: &Plugin, ground: &Ground) -> Result<Option<(u32, u32)>, String> {
    let is_root = Uid::effective().is_root();
    let name = match (&plugin.user, is_root) {
        (Some(name), _) => name,
        (None, true) => &ground.user,
        (None, false) => return Ok(None),
    };
    let found = User::from_name(name).map_err(|error| error.to_string())?;
    let found = found.ok_or_else(|| format!("there is no user {name}; type: useradd --system {name}"))?;
    match is_root || found.uid == Uid::effective() {
        true => Ok(is_root.then_some((found.uid.as_raw(), found.gid.as_raw()))),
        false => Err(format!("only root can run it as {name}; leave out user, or run hostward as root")),
    }
}

/// The directory of a plugin's own, the only one that it may write to.
fn state(plugin: &Plugin, ground: &Ground, user: Option<(u32, u32)>) -> Result<PathBuf, String> {
    let own = ground.state.join(&plugin.name);
    made(&ground.state, 0o711)?;
    made(&own, 0o700)?;
    if let Some((uid, gid)) = user {
        chown(&own, Some(uid.into()), Some(gid.into())).map_err(|error| failed(&own, error))?;
    }
    Ok(own)
}

/// A link to the descriptor of a plugin's file, with its name; in a directory that no plugin may write to.
fn link(plugin: &Plugin, ground: &Ground) -> Result<PathBuf, String> {
    let directory = ground.state.join(".links");
    made(&ground.state, 0o711)?;
    made(&directory, 0o755)?;
    let link = directory.join(&plugin.name);
    match symlink(format!("/proc/self/fd/{FILE_FD}"), &link) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(failed(&link, error)),
        _ => Ok(link),
    }
}

fn made(path: &Path, mode: u32) -> Result<(), String> {
    let done =
        fs::create_dir_all(path).and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(mode)));
    done.map_err(|error| failed(path, error))
}

fn failed(path: &Path, error: impl Display) -> String {
    format!("{}: {error}", path.display())
}
