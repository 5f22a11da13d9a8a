//! Which blocks there are: what their names say, and which of two that overlap counts.

use crate::durable;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// How the name of a block ends.
const SUFFIX: &str = ".block";

/// What the name of a block says: `FROM_TO_NUMBER.block`, times in seconds of Unix time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// Begin of what it holds.
    pub from_s: i64,
    /// End; a sample at it is outside.
    pub to_s: i64,
    /// Grows from block to block: where two overlap, because somebody set the clock, the later one counts.
    pub number: u64,
}

/// A block that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What it is called.
    pub name: Name,
    /// Where it is.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
}

impl Name {
    /// Reads a file's name.
    pub fn parse(name: &str) -> Option<Self> {
        let mut parts = name.strip_suffix(SUFFIX)?.split('_');
        let mut part = || parts.next();
        let name = Name {
            from_s: part()?.parse().ok()?,
            to_s: part()?.parse().ok()?,
            number: part()?.parse().ok()?,
        };
        (parts.next().is_none() && name.from_s < name.to_s).then_some(name)
    }

    /// Begin and end in milliseconds.
    pub fn span_ms(&self) -> (i64, i64) {
        (self.from_s.saturating_mul(1000), self.to_s.saturating_mul(1000))
    }

    /// Whether some time belongs to both.
    pub fn overlaps(&self, other: &Name) -> bool {
        self.from_s < other.to_s && other.from_s < self.to_s
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}_{}{SUFFIX}", self.from_s, self.to_s, self.number)
    }
}

/// The blocks in a directory, in the order of their beginnings. Other files are left alone.
pub fn list(dir: &Path) -> io::Result<Vec<Block>> {
    let files = match durable::files(dir, SUFFIX) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        files => files?,
    };
    let block = |path: PathBuf| {
        let name = Name::parse(path.file_name()?.to_str()?)?;
        // One that somebody has removed since is not there any more.
        let bytes = std::fs::metadata(&path).ok()?.len();
        Some(Block { name, path, bytes })
    };
    let mut blocks: Vec<Block> = files.into_iter().filter_map(block).collect();
    blocks.sort_by_key(|block| block.name);
    Ok(blocks)
}

/// The stretches of a block in which a later one counts.
pub fn hidden(block: &Block, all: &[Block]) -> Vec<(i64, i64)> {
    let later =
        all.iter().filter(|own| own.name.number > block.name.number && own.name.overlaps(&block.name));
    later.map(|own| own.name.span_ms()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(name: &str) -> Block {
        Block { name: Name::parse(name).unwrap(), path: PathBuf::from(name), bytes: 1 }
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for name in ["0_7200_1.block", "-5_5_12.block", "1763733595_1763734195_99.block"] {
            assert_eq!(Name::parse(name).unwrap().to_string(), name);
        }
        for name in [
            "",
            ".block",
            "1_2.block",
            "1_2_3_4.block",
            "2_1_3.block",
            "a_2_3.block",
            "1_2_3.block.unfinished",
        ] {
            assert_eq!(Name::parse(name), None, "{name}");
        }
    }

    #[test]
    fn of_two_that_overlap_the_later_counts() {
        let all = [
            block("0_100_1.block"),
            block("40_60_2.block"),
            block("90_200_3.block"),
            block("300_400_4.block"),
        ];
        assert_eq!(hidden(&all[0], &all), [(40_000, 60_000), (90_000, 200_000)]);
        assert!(all[1..].iter().all(|block| hidden(block, &all).is_empty()));
    }
}
