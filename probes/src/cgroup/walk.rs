//! The tree of control groups, from the root down to the groups that are wanted.

use super::{CHILDREN_MAX, DEPTH_MAX, DIRECTORIES_MAX, GROUPS_MAX};
use crate::Host;

/// What to do about a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is wanted; what lies below is part of it.
    Take,
    /// Look below it.
    Into,
    /// Leave it and what lies below.
    Past,
}

/// A group that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// From the root of the hierarchy, with a slash at its head.
    pub path: String,
    /// A group that is made anew under the same name has another one.
    pub inode: u64,
}

impl Found {
    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit_once('/').map_or(&self.path, |(_, name)| name)
    }
}

/// A walk under way.
pub struct Walk<'a, F> {
    host: &'a Host,
    tree: &'a str,
    choose: F,
    looked_at: usize,
    pub found: Vec<Found>,
    /// The bound that was met first.
    pub bound: Option<&'static str>,
}

impl<'a, F: Fn(&str, &str) -> Step> Walk<'a, F> {
    /// A walk through the hierarchy mounted at `tree`.
    pub fn new(host: &'a Host, tree: &'a str, choose: F) -> Self {
        Walk { host, tree, choose, looked_at: 0, found: Vec::new(), bound: None }
    }

    /// Looks at what is in `path`; a group that went away meanwhile is passed over.
    pub fn below(&mut self, path: &str, depth: usize) {
        self.looked_at += 1;
        if depth >= DEPTH_MAX || self.looked_at > DIRECTORIES_MAX {
            self.bound.get_or_insert("more levels or groups than are looked at");
            return;
        }
        let listed = self.host.directories(&format!("{}{path}", self.tree), CHILDREN_MAX);
        for (name, inode) in listed.unwrap_or_default() {
            match (self.choose)(path, &name) {
                Step::Take if self.found.len() == GROUPS_MAX => {
                    self.bound.get_or_insert("more groups than are read");
                }
                Step::Take => self.found.push(Found { path: format!("{path}/{name}"), inode }),
                Step::Into => self.below(&format!("{path}/{name}"), depth + 1),
                Step::Past => {}
            }
        }
    }
}
