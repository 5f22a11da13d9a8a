//! By what a finding is known again.
//!
//! Tool, rule, place and the flagged line's text make a fingerprint; the line's number does not, because it moves with
//! every edit above it. Flaws that agree in all of these are counted: the second of them is "the second".

use super::{Finding, Location};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

type Hash = [u8; 8];

/// Gives ids to the findings of one scan.
#[derive(Debug, Default)]
pub struct Identity {
    alike: BTreeMap<Hash, u64>,
    seen: BTreeMap<Hash, usize>,
}

impl Identity {
    /// The id of a finding, or the index of the one before it that is the same in every respect. `anchor` is what
    /// stays when lines move: the text of the flagged line. `index` is the finding's own.
    pub fn of(&mut self, finding: &Finding, anchor: &str, index: usize) -> Result<String, usize> {
        let base = base(finding, anchor.trim());
        let exact = hash([&base[..], place(&finding.location).as_bytes(), finding.title.as_bytes()]);
        if let Some(earlier) = self.seen.get(&exact) {
            return Err(*earlier);
        }
        self.seen.insert(exact, index);
        let nth = self.alike.entry(base).or_insert(0);
        *nth += 1;
        Ok(hex(&hash([&base[..], &nth.to_be_bytes()])))
    }
}

fn base(finding: &Finding, anchor: &str) -> Hash {
    let words = [&finding.tool, &finding.rule, finding.location.subject(), anchor];
    let place = match &finding.location {
        // A new version of a package with the same hole is the same work; where it lies is another.
        Location::Package { path, .. } => path.clone().unwrap_or_default(),
        Location::File { line: Some(line), .. } if anchor.is_empty() => line.to_string(),
        _ => String::new(),
    };
    hash(words.iter().map(|word| word.as_bytes()).chain([place.as_bytes()]))
}

fn place(location: &Location) -> String {
    match location {
        Location::File { line, column, .. } => format!("{line:?}:{column:?}"),
        Location::Package { version, path, .. } => format!("{version:?}:{path:?}"),
        _ => String::new(),
    }
}

/// Each word with its length before it, so that no two lists of words look alike.
fn hash<'w>(words: impl IntoIterator<Item = &'w [u8]>) -> Hash {
    let mut digest = Sha256::new();
    for word in words {
        digest.update((word.len() as u64).to_be_bytes());
        digest.update(word);
    }
    let full = digest.finalize();
    std::array::from_fn(|index| full[index])
}

fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
