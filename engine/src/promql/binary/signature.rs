//! What two series must have in common to belong together.

use crate::labels::{Labels, is_metadata};
use crate::promql::node::Names;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::{BuildHasher, Hasher};

/// The labels that a matching or grouping looks at.
pub fn signature(names: &Names, labels: &Labels) -> Labels {
    labels.filtered(|name| names.include(name))
}

/// Finds among known label sets, each of which has a number, the one that agrees with another.
pub struct Index<'n> {
    names: &'n Names,
    /// Hashes and numbers.
    known: HashTable<(u64, usize)>,
    hashes: DefaultHashBuilder,
}

impl<'n> Index<'n> {
    /// Of sets that agree when they agree in some labels.
    pub fn new(names: &'n Names) -> Self {
        Index { names, known: HashTable::new(), hashes: DefaultHashBuilder::default() }
    }

    /// The number of the set that agrees; `of` gives the sets by their numbers.
    pub fn find<'a>(&self, labels: &Labels, of: impl Fn(usize) -> &'a Labels) -> Option<usize> {
        let agrees = |known: &(u64, usize)| self.names.agree(of(known.1), labels);
        self.known.find(self.hash(labels), agrees).map(|known| known.1)
    }

    /// Gives a set a number unless one that agrees has one: then that is the answer.
    pub fn claim<'a>(
        &mut self,
        labels: &Labels,
        number: usize,
        of: impl Fn(usize) -> &'a Labels,
    ) -> Option<usize> {
        let hash = self.hash(labels);
        let agrees = |known: &(u64, usize)| self.names.agree(of(known.1), labels);
        if let Some(known) = self.known.find(hash, agrees) {
            return Some(known.1);
        }
        self.known.insert_unique(hash, (hash, number), |known| known.0);
        None
    }

    fn hash(&self, labels: &Labels) -> u64 {
        let mut hasher = self.hashes.build_hasher();
        let mut write = |text: &str| {
            hasher.write(text.as_bytes());
            hasher.write_u8(0xff);
        };
        match self.names {
            Names::Only(only) => only.iter().for_each(|name| write(labels.get(name))),
            Names::AllBut(_) => labels.iter().filter(|(name, _)| self.names.include(name)).for_each(|own| {
                write(own.0);
                write(own.1);
            }),
        }
        hasher.finish()
    }
}

impl Names {
    fn include(&self, name: &str) -> bool {
        match self {
            Names::Only(only) => only.iter().any(|own| own == name),
            Names::AllBut(out) => !is_metadata(name) && !out.iter().any(|own| own == name),
        }
    }

    fn agree(&self, one: &Labels, other: &Labels) -> bool {
        match self {
            Names::Only(only) => only.iter().all(|name| one.get(name) == other.get(name)),
            Names::AllBut(_) => {
                let seen = |(name, _): &(&str, &str)| self.include(name);
                one.iter().filter(seen).eq(other.iter().filter(seen))
            }
        }
    }
}
