//! Starts a plugin: from the descriptor that was checked, in a process group and, but for what its administrator grants, in a
//! sandbox of its own.

use super::environment;
use super::kin::{Kin, MARK, mark};
use super::spec::{Ground, Plugin};
use super::trouble::Trouble;
use command_fds::{CommandFdExt, FdMapping};
use nix::unistd::{Uid, User, chown};
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

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
    let trusted = ground.trust.open(&plugin.path).map_err(|refusal| Trouble::refused(&refusal))?;
    let user = user(plugin, ground).map_err(Trouble::start)?;
    let state = state(plugin, ground, user).map_err(Trouble::start)?;
    let mark = mark();
    let mut command = command(plugin, words, &trusted.file);
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
    let kin = Kin::of(&child, mark, None);
    Ok(Started { child, kin })
}

fn command(plugin: &Plugin, words: &[&str], _file: &File) -> Command {
    let mut command = Command::new(format!("/proc/self/fd/{FILE_FD}"));
    command.arg0(&plugin.name).args(words).args(&plugin.arguments);
    command
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
    let failed = |error: &dyn std::fmt::Display, path: &Path| format!("{}: {error}", path.display());
    fs::create_dir_all(&own).map_err(|error| failed(&error, &own))?;
    for (path, mode) in [(&ground.state, 0o711), (&own, 0o700)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(|error| failed(&error, path))?;
    }
    if let Some((uid, gid)) = user {
        chown(&own, Some(uid.into()), Some(gid.into())).map_err(|error| failed(&error, &own))?;
    }
    Ok(own)
}
