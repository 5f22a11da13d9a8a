//! Which directory holds the state, and where the socket is.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// File name of the unix socket.
const SOCKET: &str = "hostward.sock";

/// Where this instance keeps its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The state directory.
    pub dir: PathBuf,
    /// Directory for the socket that goes with it.
    runtime: PathBuf,
}

/// No directory could be chosen: neither a flag nor the environment names one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Homeless;

/// What the choice depends on.
struct Surroundings<'a> {
    flag: Option<&'a Path>,
    env: &'a dyn Fn(&str) -> Option<OsString>,
    root: bool,
}

impl Place {
    /// `--state-dir`, else `$STATE_DIRECTORY` (from systemd), else /var/lib/hostward for root, else
    /// `$XDG_STATE_HOME/hostward` or `~/.local/state/hostward`.
    pub fn choose(flag: Option<&Path>) -> Result<Place, Homeless> {
        let root = nix::unistd::geteuid().is_root();
        choose(&Surroundings { flag, env: &|name| std::env::var_os(name), root })
    }

    /// The socket: as configured, or the one of this place. The daemon and the command line agree by this.
    pub fn socket(&self, configured: Option<&Path>) -> PathBuf {
        configured.map_or_else(|| self.runtime.join(SOCKET), Path::to_owned)
    }
}

fn choose(around: &Surroundings<'_>) -> Result<Place, Homeless> {
    let dir = state_dir(around).ok_or(Homeless)?;
    let runtime = runtime_dir(around).unwrap_or_else(|| dir.clone());
    Ok(Place { dir, runtime })
}

fn state_dir(around: &Surroundings<'_>) -> Option<PathBuf> {
    let home = || Some(around.absolute("HOME")?.join(".local/state"));
    let own = || Some(around.absolute("XDG_STATE_HOME").or_else(home)?.join("hostward"));
    let system = || around.root.then(|| PathBuf::from("/var/lib/hostward"));
    around.flag.map(Path::to_owned).or_else(|| around.given("STATE_DIRECTORY")).or_else(system).or_else(own)
}

/// A directory named by hand keeps its socket to itself, so that several instances can run side by side.
fn runtime_dir(around: &Surroundings<'_>) -> Option<PathBuf> {
    if around.flag.is_some() {
        return None;
    }
    let system = || around.root.then(|| PathBuf::from("/run/hostward"));
    around.given("RUNTIME_DIRECTORY").or_else(system)
}

impl Surroundings<'_> {
    /// The first of the directories that systemd puts into a variable, separated by colons.
    fn given(&self, name: &str) -> Option<PathBuf> {
        let value = (self.env)(name)?;
        std::env::split_paths(&value).next().filter(|path| path.is_absolute())
    }

    /// The XDG base directory specification has relative paths ignored.
    fn absolute(&self, name: &str) -> Option<PathBuf> {
        (self.env)(name).map(PathBuf::from).filter(|path| path.is_absolute())
    }
}

impl std::fmt::Display for Homeless {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no place for the state: HOME is not set; name a directory with --state-dir DIR")
    }
}

impl std::error::Error for Homeless {}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(flag: Option<&str>, env: &[(&str, &str)], root: bool) -> Option<(String, String)> {
        let lookup = |name: &str| env.iter().find(|(own, _)| *own == name).map(|(_, value)| value.into());
        let place = choose(&Surroundings { flag: flag.map(Path::new), env: &lookup, root }).ok()?;
        Some((place.dir.display().to_string(), place.socket(None).display().to_string()))
    }

    #[test]
    fn the_nearest_word_wins() {
        let all = [("STATE_DIRECTORY", "/s/a:/s/b"), ("RUNTIME_DIRECTORY", "/r"), ("HOME", "/h")];
        let cases = [
            (chosen(Some("/x"), &all, true), "/x", "/x/hostward.sock"),
            (chosen(None, &all, false), "/s/a", "/r/hostward.sock"),
            (chosen(None, &[("HOME", "/root")], true), "/var/lib/hostward", "/run/hostward/hostward.sock"),
            (
                chosen(None, &[("HOME", "/h")], false),
                "/h/.local/state/hostward",
                "/h/.local/state/hostward/hostward.sock",
            ),
            (
                chosen(None, &[("HOME", "/h"), ("XDG_STATE_HOME", "/d")], false),
                "/d/hostward",
                "/d/hostward/hostward.sock",
            ),
            (
                chosen(None, &[("HOME", "/h"), ("XDG_STATE_HOME", "d")], false),
                "/h/.local/state/hostward",
                "/h/.local/state/hostward/hostward.sock",
            ),
        ];
        for (found, dir, socket) in cases {
            assert_eq!(found, Some((dir.to_owned(), socket.to_owned())));
        }
        assert_eq!(chosen(None, &[], false), None);
    }

    #[test]
    fn a_configured_socket_wins() {
        let place = Place { dir: PathBuf::from("/s"), runtime: PathBuf::from("/r") };
        assert_eq!(place.socket(Some(Path::new("/t/x.sock"))), Path::new("/t/x.sock"));
    }
}
