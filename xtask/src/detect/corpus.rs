//! The corpora, and where their parts lie.

use crate::Outcome;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a corpus is scored by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scorer {
    /// NAB's score over windows of time.
    Nab,
    /// Events found at a stated number of false alerts.
    Events,
}

/// One corpus.
pub struct Corpus {
    /// What it is called, and its results.
    pub name: &'static str,
    /// A directory, or an archive of one.
    data: &'static str,
    /// The labels, when they lie beside the data.
    pub labels: Option<&'static str>,
    /// What scores it.
    pub scorer: Scorer,
}

/// All of them.
pub const ALL: &[Corpus] = &[
    Corpus { name: "nab", data: "nab/data", labels: Some("nab/combined_windows.json"), scorer: Scorer::Nab },
    Corpus { name: "mscloud", data: "mscloud.tar.gz", labels: None, scorer: Scorer::Events },
    Corpus { name: "smd-part", data: "smd-part.tar.gz", labels: None, scorer: Scorer::Events },
];

impl Scorer {
    /// The script.
    pub fn script(self) -> &'static str {
        match self {
            Scorer::Nab => "nab_score.py",
            Scorer::Events => "event_score.py",
        }
    }
}

impl Corpus {
    /// What it needs and `dir` does not have.
    pub fn missing(&self, dir: &Path) -> Vec<&'static str> {
        let parts = [Some(self.data), self.labels, Some(self.scorer.script())];
        parts.into_iter().flatten().filter(|part| !dir.join(part).exists()).collect()
    }

    /// The directory of its series; an archive is unpacked below `scratch`.
    pub fn unpacked(&self, dir: &Path, scratch: &Path) -> Outcome<PathBuf> {
        let data = dir.join(self.data);
        if data.is_dir() {
            return Ok(data);
        }
        let target = scratch.join(self.name);
        fs::create_dir_all(&target).map_err(|error| format!("{}: {error}", target.display()))?;
        // The archives hold one directory each; its name does not matter.
        let status = Command::new("tar")
            .arg("-xzf")
            .arg(&data)
            .arg("-C")
            .arg(&target)
            .arg("--strip-components=1")
            .status();
        match status {
            Ok(status) if status.success() => Ok(target),
            Ok(status) => Err(format!("tar -xzf {}: {status}", data.display())),
            Err(error) => Err(format!("tar: {error}")),
        }
    }
}

/// Rows of all result files below `dir`, without their heads.
pub fn rows(dir: &Path) -> Outcome<usize> {
    let failed = |error| format!("{}: {error}", dir.display());
    let mut count = 0;
    for entry in fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        count += if path.is_dir() { rows(&path)? } else { lines(&path)?.saturating_sub(1) };
    }
    Ok(count)
}

fn lines(path: &Path) -> Outcome<usize> {
    let text = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.iter().filter(|byte| **byte == b'\n').count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let nowhere = Path::new("/nonexistent");
        assert_eq!(ALL[0].missing(nowhere), ["nab/data", "nab/combined_windows.json", "nab_score.py"]);
        assert_eq!(ALL[1].missing(nowhere), ["mscloud.tar.gz", "event_score.py"]);
    }
}
