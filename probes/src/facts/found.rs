//! The facts of one area as they are found: how much room they may take, and which of several lines of one name counts.
//!
//! Which line counts is settled once for all of them, so that a file of many lines costs as much for each as one of few.

use super::image::refused;
use crate::Fault;
use hostward_model::{Fact, Origin};
use std::collections::HashSet;

/// Room for the facts of one area. A scope is written beside each of its facts, so a long one can make much of a short file.
pub const AREA_BYTES_MAX: usize = 32 << 20;
/// Room for the facts of all areas together.
pub const ALL_BYTES_MAX: usize = 64 << 20;
/// What a fact takes besides its texts: itself, and what the allocator adds to each text.
const FACT_BYTES: usize = size_of::<Fact>() + 4 * 16;

/// Facts of one area.
pub struct Found {
    facts: Vec<(Fact, Counts)>,
    bytes: usize,
    bytes_max: usize,
}

/// Which facts of one scope and key count.
#[derive(Clone, Copy, PartialEq)]
enum Counts {
    Each,
    First,
    Last,
}

impl Found {
    /// Nothing yet, and so many bytes at most.
    pub fn new(bytes_max: usize) -> Self {
        Found { facts: Vec::new(), bytes: 0, bytes_max: bytes_max.min(AREA_BYTES_MAX) }
    }

    /// Adds a fact, whatever there is of its name.
    pub fn push(&mut self, fact: Fact) -> Result<(), Fault> {
        self.add(fact, Counts::Each)
    }

    /// Adds a fact that counts if there is none of its scope and key before it.
    pub fn first(&mut self, fact: Fact) -> Result<(), Fault> {
        self.add(fact, Counts::First)
    }

    /// Adds a fact in the place of all of its scope and key before it.
    pub fn last(&mut self, fact: Fact) -> Result<(), Fault> {
        self.add(fact, Counts::Last)
    }

    /// Adds facts, whatever there is of their names.
    pub fn extend(&mut self, facts: impl IntoIterator<Item = Fact>) -> Result<(), Fault> {
        facts.into_iter().try_for_each(|fact| self.push(fact))
    }

    /// Adds what a program takes for the keys of a scope that nobody set.
    pub fn defaults(
        &mut self,
        scope: &str,
        program: &'static str,
        defaults: &[(&str, &str)],
    ) -> Result<(), Fault> {
        let fact = |(key, value): &(&str, &str)| Fact::new(*key, *value, Origin::Default(program));
        defaults.iter().map(fact).try_for_each(|fact| self.first(fact.within(scope)))
    }

    fn add(&mut self, fact: Fact, counts: Counts) -> Result<(), Fault> {
        let place = if let Origin::File(path, _) = &fact.origin { path.len() } else { 0 };
        self.bytes += FACT_BYTES + fact.scope.len() + fact.key.len() + fact.value.len() + place;
        if self.bytes > self.bytes_max {
            let error = format!("the facts up to here take more than {} bytes", self.bytes_max);
            return Err(refused(&fact.origin.to_string(), &error));
        }
        self.facts.push((fact, counts));
        Ok(())
    }

    /// What counts so far. Whoever changes names of these does not decide again which of them count.
    pub fn settled(&mut self) -> impl Iterator<Item = &mut Fact> {
        let mut counting = counting(&self.facts).into_iter();
        self.facts.retain_mut(|(_, counts)| {
            *counts = Counts::Each;
            counting.next().unwrap_or(true)
        });
        self.facts.iter_mut().map(|(fact, _)| fact)
    }

    /// Keeps what counts and fits.
    pub fn retain(&mut self, fits: impl Fn(&Fact) -> bool) {
        drop(self.settled());
        self.facts.retain(|(fact, _)| fits(fact));
    }

    /// How many bytes were taken.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// What counts.
    pub fn facts(mut self) -> Vec<Fact> {
        drop(self.settled());
        self.facts.into_iter().map(|(fact, _)| fact).collect()
    }
}

/// For each fact whether it counts.
fn counting(facts: &[(Fact, Counts)]) -> Vec<bool> {
    fn name((fact, _): &(Fact, Counts)) -> (&str, &str) {
        (&fact.scope, &fact.key)
    }
    let mut counting = vec![true; facts.len()];
    let mut later = HashSet::new();
    for (own, counts) in facts.iter().zip(&mut counting).rev() {
        *counts = !later.contains(&name(own));
        if own.1 == Counts::Last {
            later.insert(name(own));
        }
    }
    let mut earlier = HashSet::new();
    for (own, counts) in facts.iter().zip(&mut counting) {
        *counts &= earlier.insert(name(own)) || own.1 != Counts::First;
    }
    counting
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(key: &str, line: usize) -> Fact {
        Fact::new(key, "", Origin::line("/f", line))
    }

    fn shown(found: Found) -> Vec<String> {
        found.facts().iter().map(|fact| format!("{} {}", fact.key, fact.origin)).collect()
    }

    #[test]
    fn the_first_the_last_or_each_counts() {
        let mut found = Found::new(usize::MAX);
        found.push(fact("a", 1)).unwrap();
        found.push(fact("a", 2)).unwrap();
        found.first(fact("b", 3)).unwrap();
        found.first(fact("b", 4)).unwrap();
        found.last(fact("c", 5)).unwrap();
        found.last(fact("c", 6)).unwrap();
        found.push(fact("d", 7)).unwrap();
        found.last(fact("d", 8)).unwrap();
        found.last(fact("c", 9).within("s")).unwrap();
        found.defaults("", "x", &[("a", ""), ("e", "")]).unwrap();
        assert_eq!(
            shown(found),
            ["a /f:1", "a /f:2", "b /f:3", "c /f:6", "d /f:8", "c /f:9", "e default of x"]
        );
    }

    #[test]
    fn what_takes_more_room_is_refused_where_it_stands() {
        let mut found = Found::new(2 * FACT_BYTES + 10);
        found.push(fact("a", 1)).unwrap();
        let error = found.push(fact("a", 2).within("long scope")).unwrap_err();
        assert!(error.to_string().starts_with("/f:2: the facts up to here take more than"), "{error}");
    }
}
