//! Control groups: where they are mounted, what they count, and under which name it is told.
//!
//! Version 2 has one tree, version 1 one for each controller; in a hybrid layout version 2 only names the groups
//! and tells processor time and pressure, and the controllers of version 1 tell the rest.

mod columns;
mod count;
pub mod figure;
mod layout;
mod walk;

pub(crate) use columns::columns;
pub use columns::{Column, push};
pub use count::{Counted, count};
pub use layout::Layout;
pub use walk::{Found, Step};

use crate::Host;
use hostward_model::Batch;

/// Directories looked at in one run.
const DIRECTORIES_MAX: usize = 8192;
/// Directories in one directory.
const CHILDREN_MAX: usize = 4096;
/// Levels below the root: as deep as a container in a machine of a user goes, and some.
const DEPTH_MAX: usize = 16;
/// Groups that are read in one run.
const GROUPS_MAX: usize = 2048;

/// Where kernels and systemd have it mounted.
pub const MOUNT: &str = "/sys/fs/cgroup";

/// The groups that `choose` takes, in the order of their paths; at a bound the rest is a gap.
pub fn find(
    host: &Host,
    layout: &Layout,
    choose: impl Fn(&str, &str) -> Step,
    out: &mut Batch,
) -> Vec<Found> {
    let mut walk = walk::Walk::new(host, layout.tree(), choose);
    walk.below("", 0);
    if let Some(bound) = walk.bound {
        out.push_gap("control groups", bound, "");
    }
    walk.found
}
