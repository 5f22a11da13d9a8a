//! Files that are there whole or not at all, also after a power cut.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// How a file is called while it is written; what is left of one is removed by [`sweep`].
const UNFINISHED: &str = ".unfinished";

/// Writes `path` (mode 0600) under another name, and renames it when it is on the disk.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_by(path, |mut out| out.write_all(bytes).map(|()| (out, ())))
}

/// The same for what comes in parts; gives what the writing gives.
pub fn write_by<T>(
    path: &Path,
    write: impl FnOnce(BufWriter<File>) -> io::Result<(BufWriter<File>, T)>,
) -> io::Result<T> {
    let unfinished = unfinished(path);
    let written = write_synced(&unfinished, write);
    let written = written.and_then(|written| fs::rename(&unfinished, path).map(|()| written));
    if written.is_err() {
        // A full disk needs its blocks back; the first error is the one to tell.
        let _ = fs::remove_file(&unfinished);
    }
    let written = written?;
    sync_dir(path.parent().unwrap_or(Path::new(".")))?;
    Ok(written)
}

/// Makes a directory for our eyes only; one that is there is fine.
pub fn private_dir(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// Removes what an interrupted [`write()`] left in `dir`.
pub fn sweep(dir: &Path) -> io::Result<()> {
    for file in files(dir, UNFINISHED)? {
        gone(fs::remove_file(file))?;
    }
    Ok(())
}

/// Whether a file is gone; that somebody else removed it is fine.
pub fn gone(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// The files of `dir` whose name ends in `suffix`, in the order of their names.
pub fn files(dir: &Path, suffix: &str) -> io::Result<Vec<PathBuf>> {
    let paths = fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    let named =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(suffix));
    let mut found: Vec<PathBuf> = paths.into_iter().filter(named).collect();
    found.sort();
    Ok(found)
}

fn write_synced<T>(
    path: &Path,
    write: impl FnOnce(BufWriter<File>) -> io::Result<(BufWriter<File>, T)>,
) -> io::Result<T> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    let (out, written) = write(BufWriter::new(file))?;
    out.into_inner()?.sync_all()?;
    Ok(written)
}

/// A rename is durable only when its directory is.
fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(UNFINISHED);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_file_is_whole_private_and_replaced_at_once() {
        let scratch = Scratch::new("durable");
        let dir = scratch.path().join("a/b");
        private_dir(&dir).unwrap();
        private_dir(&dir).unwrap();
        write(&dir.join("x.json"), b"one").unwrap();
        write(&dir.join("x.json"), b"two").unwrap();
        assert_eq!(fs::read(dir.join("x.json")).unwrap(), b"two");
        assert_eq!(fs::metadata(dir.join("x.json")).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(dir.join("y.json.unfinished"), "ha").unwrap();
        sweep(&dir).unwrap();
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 1);
    }
}
