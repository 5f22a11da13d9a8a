//! The files in the directories of plugins: which there are, what their places say of them, and whether they have changed.

use hostward_formats::Format;
use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Files that are looked at; what is beyond is passed over.
const FILES_MAX: usize = 512;
/// A directory, that of a format, `local` and seconds.
const DEPTH_MAX: usize = 4;
/// A file that was written so long ago is whole, though nobody has told that it was closed.
const WHOLE_AFTER_S: u64 = 60;

/// How names begin, or end, that editors, packages and copies under way leave behind.
const HIDDEN: [&str; 2] = [".", "#"];
const LEFTOVERS: [&str; 18] = [
    "~",
    "#",
    "%",
    ".bak",
    ".orig",
    ".rej",
    ".swp",
    ".swo",
    ".tmp",
    ".part",
    ".filepart",
    ".pod",
    ".rpmsave",
    ".rpmnew",
    ".rpmorig",
    ".md",
    ".txt",
    // Signatures, which say something of the file beside them.
    super::signatures::ENDING,
];
const PACKAGES: [&str; 2] = [".dpkg-", ".ucf-"];
const SIDECAR: &str = ".toml";
/// Endings that say how a file is run and not what it is called.
const ENDINGS: [&str; 8] = [".sh", ".bash", ".py", ".pl", ".rb", ".so", ".prom", ".php"];

/// A file that may be a plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// What its directories say.
    pub place: Place,
    /// Its sidecar, if there is one.
    pub sidecar: Option<PathBuf>,
    /// Tells it and its sidecar from what they were before.
    pub stamp: (Stamp, Option<Stamp>),
}

/// What directories say of the plugins in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// How they talk.
    pub format: Option<Format>,
    /// How often they are asked.
    pub every: Option<Duration>,
}

/// Tells a file from the one that it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// As it is now, links followed.
    pub fn of(path: &Path) -> Option<Stamp> {
        fs::metadata(path).ok().filter(Metadata::is_file).map(|own| Stamp {
            device: own.dev(),
            inode: own.ino(),
            bytes: own.len(),
            modified: (own.mtime(), own.mtime_nsec()),
            changed: (own.ctime(), own.ctime_nsec()),
        })
    }

    /// Whether it was last written long before `now_s`.
    pub fn is_old(&self, now_s: i64) -> bool {
        now_s.abs_diff(self.modified.0) > WHOLE_AFTER_S && self.modified.0 <= now_s
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }
}

/// What the directories hold, in their order, each by its path; and all directories that were looked into.
pub fn look(directories: &[PathBuf]) -> (Vec<Found>, Vec<PathBuf>) {
    let (mut found, mut seen) = (Vec::new(), Vec::new());
    for directory in directories {
        enter(directory, Place::default(), 1, &mut found, &mut seen);
    }
    (found, seen)
}

fn enter(directory: &Path, place: Place, depth: usize, found: &mut Vec<Found>, seen: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    seen.push(directory.to_owned());
    let names: BTreeMap<String, PathBuf> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
        .take(4 * FILES_MAX)
        .collect();
    for (name, path) in &names {
        if is_leftover(name) || name.ends_with(SIDECAR) {
            continue;
        }
        if path.is_dir() {
            if let Some(inner) = place.enter(name).filter(|_| depth < DEPTH_MAX) {
                enter(path, inner, depth + 1, found, seen);
            }
        } else if let Some(stamp) = Stamp::of(path)
            && found.len() < FILES_MAX
        {
            let beside = [name.as_str(), plugin_stem(name)].map(|name| format!("{name}{SIDECAR}"));
            let sidecar = beside.iter().find_map(|name| names.get(name)).cloned();
            let stamp = (stamp, sidecar.as_deref().and_then(Stamp::of));
            found.push(Found { path: path.clone(), place, sidecar, stamp });
        }
    }
}

impl Place {
    /// What a directory in this one says; nothing if it is none of ours.
    fn enter(self, name: &str) -> Option<Place> {
        match name.parse::<u64>() {
            Ok(seconds) if seconds > 0 => Some(Place { every: Some(Duration::from_secs(seconds)), ..self }),
            _ if name == "local" => Some(Place { format: Some(Format::Checkmk), ..self }),
            _ => Format::from_name(name).map(|format| Place { format: Some(format), ..self }),
        }
    }

    /// What the directories of a file say of it, wherever that is.
    pub fn of(path: &Path) -> Place {
        let names = path.parent().into_iter().flat_map(Path::iter).filter_map(|name| name.to_str());
        let names: Vec<&str> = names.collect();
        // What is above a directory of plugins says nothing, nor does its own name, which is that of a format, too.
        let begin = names.iter().rposition(|name| *name == "plugins.d").map_or(0, |at| at + 1);
        let last = names[begin..].iter().rev().take(DEPTH_MAX - 1).rev();
        last.fold(Place::default(), |place, name| place.enter(name).unwrap_or_default())
    }
}

/// Whether a name is one that is left behind and never meant.
fn is_leftover(name: &str) -> bool {
    HIDDEN.iter().any(|start| name.starts_with(start))
        || LEFTOVERS.iter().any(|end| name.ends_with(end))
        || PACKAGES.iter().any(|part| name.contains(part))
        || name.starts_with("README")
}

fn plugin_stem(name: &str) -> &str {
    ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

/// The name of the plugin in a file: what it is called without its ending, `lib` and the greatest age.
pub fn plugin_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = plugin_stem(&name);
    let stem = if name.ends_with(".so") { stem.strip_prefix("lib").unwrap_or(stem) } else { stem };
    match greatest_age(path) {
        Some(_) => {
            stem.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches(['_', '-']).to_owned()
        }
        None => stem.to_owned(),
    }
}

/// `600_backup.prom`: what the file says counts for so long after it was written.
pub fn greatest_age(path: &Path) -> Option<Duration> {
    let name = path.file_name()?.to_str()?.strip_suffix(".prom")?;
    let (seconds, _) = name.split_once(['_', '-'])?;
    seconds.parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;

    #[test]
    fn places_say_how_to_ask() {
        let scratch = Scratch::new("found");
        let directory = scratch.path().join("plugins.d");
        for name in [
            "disk_age.sh",
            "disk_age.toml",
            "liba.so",
            "nagios/check_load",
            "checkmk/local/300/backup",
            "munin/if_eth0",
            "lib/helper.sh",
            "a~",
            ".b.swp",
            "c.dpkg-new",
            "d.rpmsave",
            "README",
            "disk_age.sh.minisig",
            "60_x.prom",
            "nagios/nrpe/deeper/x",
        ] {
            let path = directory.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let (found, seen) = look(&[directory.clone(), scratch.path().join("gone")]);
        let told = |own: &Found| {
            let format = own.place.format.map_or("-", Format::as_str);
            let every = own.place.every.map_or(0, |every| every.as_secs());
            format!("{} {format} {every} {}", plugin_name(&own.path), own.sidecar.is_some())
        };
        assert_eq!(
            found.iter().map(told).collect::<Vec<_>>(),
            [
                "x - 0 false",
                "backup checkmk 300 false",
                "disk_age - 0 true",
                "a - 0 false",
                "if_eth0 munin 0 false",
                "check_load nagios 0 false"
            ]
        );
        assert_eq!(seen.len(), 7);
        assert_eq!(greatest_age(&found[0].path), Some(Duration::from_secs(60)));
        assert_eq!(Place::of(&found[1].path), found[1].place);
        assert_eq!(Place::of(&found[2].path), Place::default());
    }

    #[test]
    fn a_file_that_changes_has_another_stamp() {
        let scratch = Scratch::new("stamp");
        let path = scratch.path().join("a");
        assert_eq!(Stamp::of(&path), None);
        fs::write(&path, "").unwrap();
        let empty = Stamp::of(&path).unwrap();
        assert!(empty.is_empty() && !empty.is_old(empty.modified.0) && empty.is_old(empty.modified.0 + 61));
        fs::write(&path, "x").unwrap();
        assert_ne!(Stamp::of(&path), Some(empty));
    }
}
