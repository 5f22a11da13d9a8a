//! A list of what plugins may contain, by SHA-256: the lines of `sha256sum`.

use super::refusal::{Refusal, quoted};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Sums that count; the rest of a longer list is refused with the file.
const SUMS_MAX: usize = 10_000;

/// The sums of an administrator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Where they are written.
    path: PathBuf,
    sums: HashSet<String>,
}

impl Sums {
    /// Reads a list; each line begins with a sum.
    pub fn parse(path: &Path, text: &str) -> Result<Sums, String> {
        let mut sums = HashSet::new();
        for (at, line) in text.lines().enumerate() {
            let word = line.split_whitespace().next().unwrap_or("").trim_start_matches('\\');
            if word.is_empty() || word.starts_with('#') {
                continue;
            }
            if word.len() != 64 || !word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(format!("{} line {}: {word:?} is no SHA-256 sum", path.display(), at + 1));
            }
            sums.insert(word.to_ascii_lowercase());
        }
        if sums.len() > SUMS_MAX {
            return Err(format!("{} has more than {SUMS_MAX} sums", path.display()));
        }
        Ok(Sums { path: path.to_owned(), sums })
    }

    /// Whether what is in the file is on the list.
    pub fn check(&self, file: &File, path: &Path) -> Result<(), Refusal> {
        let sum = sum(file).map_err(|error| Refusal::new(format!("{}: {error}", path.display()), ""))?;
        if self.sums.contains(&sum) {
            return Ok(());
        }
        let why = format!("{} is not on the list {}", path.display(), self.path.display());
        Err(Refusal::new(why, format!("sha256sum {} >> {}", quoted(path), quoted(&self.path))))
    }
}

fn sum(file: &File) -> std::io::Result<String> {
    let (mut hash, mut chunk, mut at) = (Sha256::new(), vec![0; 64 << 10], 0);
    loop {
        let read = file.read_at(&mut chunk, at)?;
        if read == 0 {
            return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect());
        }
        hash.update(&chunk[..read]);
        at += read as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;

    #[test]
    fn what_is_not_listed_is_refused_with_what_to_type() {
        let scratch = Scratch::new("sums");
        let path = scratch.path().join("plugin");
        std::fs::write(&path, "abc").unwrap();
        let file = File::open(&path).unwrap();
        let listed = "# of abc\nba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  plugin\n";
        let list = Path::new("/etc/hostward/plugins.sha256");
        assert_eq!(Sums::parse(list, listed).unwrap().check(&file, &path), Ok(()));
        let refused = Sums::parse(list, "").unwrap().check(&file, &path).unwrap_err();
        assert!(
            refused.mend.starts_with("sha256sum ")
                && refused.mend.ends_with(" >> /etc/hostward/plugins.sha256")
        );
        assert_eq!(
            Sums::parse(list, "abc\n").unwrap_err(),
            "/etc/hostward/plugins.sha256 line 1: \"abc\" is no SHA-256 sum"
        );
    }
}
