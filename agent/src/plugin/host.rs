//! The program that a plugin's process begins as: `hostward-plugin-host`, which is small, beside hostward or in the `libexec` directory
//! next to it. Where there is none that can be trusted and was made together with this hostward, it is hostward itself, which can do the
//! same and takes more memory.

use super::trust::Trust;
use hostward_plugin_host::BUILD;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

/// The program's name.
const NAME: &str = "hostward-plugin-host";

/// What was found, opened once: an update of the files does not change what a running hostward starts.
static FOUND: LazyLock<Option<File>> = LazyLock::new(|| {
    let own = std::env::current_exe().ok()?;
    let found = places(&own).into_iter().find_map(|path| match opened(&path) {
        Ok(file) => Some(file),
        Err(why) => {
            tracing::debug!("{why}");
            None
        }
    });
    if found.is_none() {
        tracing::info!(
            "no {NAME} of this build is beside hostward: each plugin that stays takes some MiB more"
        );
    }
    found
});

/// Looks for it, if nobody has yet.
pub fn find() {
    LazyLock::force(&FOUND);
}

/// A command that begins as the child of a plugin; what follows are its words.
pub fn command() -> Command {
    match &*FOUND {
        // By the number that hostward has: the child gives its own numbers to other files before it is there.
        Some(file) => {
            let mut command = Command::new(path(file));
            command.arg0(NAME);
            command
        }
        None => {
            let mut command = Command::new("/proc/self/exe");
            command.arg("plugin-host");
            command
        }
    }
}

fn path(file: &File) -> String {
    format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd())
}

/// Where it may be.
fn places(own: &Path) -> Vec<PathBuf> {
    let beside = own.parent();
    let libexec = beside.and_then(Path::parent).map(|above| above.join("libexec"));
    beside.map(Path::to_owned).into_iter().chain(libexec).map(|dir| dir.join(NAME)).collect()
}

/// Opens it if nobody else can have written it, and it is of this build.
fn opened(at: &Path) -> Result<File, String> {
    let directories = at.parent().map(Path::to_owned).into_iter().collect();
    let trust = Trust { directories, ..Trust::default() };
    let file = trust.open(at).map_err(|refusal| refusal.to_string())?.file;
    let said = Command::new(path(&file)).arg("version").env_clear().stdin(Stdio::null()).output();
    let said = said.map_err(|error| format!("{}: {error}", at.display()))?.stdout;
    match String::from_utf8_lossy(&said).trim() {
        BUILD => Ok(file),
        other => Err(format!("{} is of build {other:?}, and this is {BUILD:?}", at.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn it_is_looked_for_beside_hostward_and_in_libexec() {
        assert_eq!(
            places(Path::new("/usr/bin/hostward")),
            [Path::new("/usr/bin").join(NAME), Path::new("/usr/libexec").join(NAME)]
        );
    }

    #[test]
    fn one_of_another_build_and_one_that_others_can_write_are_passed_over() {
        let scratch = Scratch::new("plugin-host");
        let at = scratch.path().join(NAME);
        let put = |text: &str, mode: u32| {
            fs::write(&at, text).unwrap();
            fs::set_permissions(&at, fs::Permissions::from_mode(mode)).unwrap();
        };
        put("#!/bin/sh\necho 0.0.1 0\n", 0o755);
        assert!(opened(&at).unwrap_err().contains("is of build \"0.0.1 0\""), "{:?}", opened(&at));
        put(&format!("#!/bin/sh\necho '{BUILD}'\n"), 0o777);
        assert!(opened(&at).unwrap_err().contains("others than its owner may write"));
    }
}
