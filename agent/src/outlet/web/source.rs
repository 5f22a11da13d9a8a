//! The files that a web configuration is made of: where they are, and whether they have changed.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The largest file that is read: a bundle of all public authorities is a quarter of it.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Files that were read, and what was noticed on the way.
#[derive(Debug)]
pub struct Sources {
    dir: PathBuf,
    read: Vec<(PathBuf, Option<Stamp>)>,
    warnings: Vec<String>,
}

/// What tells one version of a file from another: device, inode, size, and times of its content and of itself.
type Stamp = [i128; 5];

impl Sources {
    /// For a configuration in this file; names in it are relative to its directory.
    pub fn new(file: &Path) -> Self {
        let dir = file.parent().unwrap_or(Path::new("/")).to_owned();
        Sources { dir, read: Vec::new(), warnings: Vec::new() }
    }

    /// The content of a file.
    pub fn read(&mut self, file: &Path) -> Result<(PathBuf, Vec<u8>), String> {
        let path = self.dir.join(file);
        // Stamped before it is read: what is written in between is noticed the next time.
        self.read.push((path.clone(), stamp(&path)));
        match bytes(&path) {
            Ok(bytes) => Ok((path, bytes)),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    }

    /// Something that an administrator should know and that is no reason to stop.
    pub fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }

    /// Warns of a key that everybody on the host can read.
    pub fn warn_if_open(&mut self, file: &Path) {
        let path = self.dir.join(file);
        if fs::metadata(&path).is_ok_and(|metadata| metadata.mode() & 0o004 != 0) {
            let path = path.display();
            self.warn(format!("{path} can be read by everybody; type:  chmod o= {path}"));
        }
    }

    /// What was noticed.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The files, to see later whether they have changed.
    pub fn stamps(&self) -> Stamps {
        Stamps(self.read.clone())
    }
}

/// Files as they were when they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamps(Vec<(PathBuf, Option<Stamp>)>);

impl Stamps {
    /// Whether all of them are still the same.
    pub fn still_hold(&self) -> bool {
        self.0.iter().all(|(path, stamp)| self::stamp(path) == *stamp)
    }
}

/// A pipe that nobody writes to would be waited for; a directory is no file either.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    if metadata.len() > FILE_BYTES_MAX {
        return Err(io::Error::other(format!("larger than {FILE_BYTES_MAX} bytes")));
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize);
    fs::File::open(path)?.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    let time = |seconds: i64, nanos: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
    Some([
        i128::from(metadata.dev()),
        i128::from(metadata.ino()),
        i128::from(metadata.size()),
        time(metadata.mtime(), metadata.mtime_nsec()),
        time(metadata.ctime(), metadata.ctime_nsec()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_change_is_noticed_and_names_are_relative() {
        let dir = std::env::temp_dir().join(format!("hostward-source-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("a"), "one").unwrap();
        let mut sources = Sources::new(&dir.join("web.yml"));
        assert_eq!(sources.read(Path::new("a")).unwrap(), (dir.join("a"), b"one".to_vec()));
        let stamps = sources.stamps();
        assert!(stamps.still_hold());
        fs::write(dir.join("b"), "two").unwrap();
        fs::rename(dir.join("b"), dir.join("a")).unwrap();
        assert!(!stamps.still_hold());
        fs::remove_file(dir.join("a")).unwrap();
        assert!(!stamps.still_hold());
        assert!(sources.read(Path::new("a")).unwrap_err().contains("No such file"));
        assert!(sources.read(&dir).unwrap_err().contains("not a regular file"));
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn an_open_key_is_warned_of() {
        let file = std::env::temp_dir().join(format!("hostward-key-{}", std::process::id()));
        fs::write(&file, "key").unwrap();
        let warned = |mode| {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            let mut sources = Sources::new(&file);
            sources.warn_if_open(&file);
            sources.warnings().len()
        };
        assert_eq!((warned(0o640), warned(0o644)), (0, 1));
        fs::remove_file(file).unwrap();
    }
}
