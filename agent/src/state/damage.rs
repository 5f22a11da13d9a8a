//! What was found broken, and where it was put.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use std::{fs, io};

/// How many damaged files of one name are kept; the oldest go.
const SET_ASIDE_MAX: usize = 5;

/// Something of the state that could not be trusted, and was put where it does no harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// What: a file, or a table and a key.
    pub what: String,
    /// How it was recognised.
    pub reason: String,
    /// The file or table that holds it now.
    pub kept: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; set aside in {}", self.what, self.reason, self.kept)
    }
}

/// Only for the names of what is set aside.
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A name for `file` that says that it is damaged and since when; never one that exists.
pub fn aside(file: &Path, at_ms: i64) -> PathBuf {
    let stamp = hostward_model::time::stamp(at_ms);
    let name = |count: u32| {
        let mut name = file.as_os_str().to_owned();
        name.push(format!(".damaged-{stamp}-{count}"));
        PathBuf::from(name)
    };
    (0..).map(name).find(|path| !path.exists()).unwrap_or_else(|| name(u32::MAX))
}

/// `file-wal` and `file-shm`: what SQLite keeps beside a database.
pub fn companions(file: &Path) -> [PathBuf; 2] {
    ["-wal", "-shm"].map(|suffix| {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    })
}

/// Removes the oldest files that were set aside for `file`, and their companions, beyond the bound.
pub fn forget_oldest(file: &Path) -> io::Result<()> {
    let mut old = set_aside(file)?;
    old.sort();
    let surplus = old.len().saturating_sub(SET_ASIDE_MAX);
    for file in old.drain(..surplus) {
        for companion in companions(&file) {
            // Most have none.
            let _ = fs::remove_file(companion);
        }
        fs::remove_file(file)?;
    }
    Ok(())
}

fn set_aside(file: &Path) -> io::Result<Vec<PathBuf>> {
    let (Some(dir), Some(name)) = (file.parent(), file.file_name()) else { return Ok(Vec::new()) };
    let mark = format!("{}.damaged-", name.to_string_lossy());
    let names = fs::read_dir(dir)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
    let ours = names
        .into_iter()
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| name.starts_with(&mark) && !name.ends_with("-wal") && !name.ends_with("-shm"));
    Ok(ours.map(|name| dir.join(name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;

    #[test]
    fn damaged_files_are_few_and_never_overwritten() {
        let scratch = Scratch::new("aside");
        let file = scratch.path().join("hostward.db");
        let names: Vec<PathBuf> = (0..8)
            .map(|n| {
                let to = aside(&file, n / 2 * 1000);
                fs::write(&to, n.to_string()).unwrap();
                to
            })
            .collect();
        assert!(names[1].ends_with("hostward.db.damaged-19700101T000000Z-1"));
        forget_oldest(&file).unwrap();
        let left: Vec<bool> = names.iter().map(|name| name.exists()).collect();
        assert_eq!(left, [false, false, false, true, true, true, true, true]);
    }
}
