//! Evidence: what a person wants to see of the host when an alert fires.
//!
//! Unlike probes these run seldom and are read by people, so they give lines of text. Every section is bounded,
//! and says what it could not see and why.

mod kernel;
mod logins;
mod packages;
mod processes;
mod sockets;
mod text;
mod units;

use crate::{Fault, Host};
pub use kernel::kernel_lines;
pub use logins::{auth_lines, failed_logins};
pub use packages::package_changes;
pub use processes::{ProcessUse, top_processes, use_of_processes};
pub use sockets::open_sockets;
pub use units::unit_changes;

/// One part of the evidence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    /// What it is about.
    pub title: &'static str,
    /// Lines without line breaks or other control characters.
    pub lines: Vec<String>,
    /// What could not be seen, and what an administrator can do about it.
    pub gap: Option<String>,
}

impl Section {
    fn of(title: &'static str, lines: Result<Vec<String>, Fault>) -> Self {
        match lines {
            Ok(lines) => Section { title, lines, gap: None },
            Err(fault) => Section { title, lines: Vec::new(), gap: Some(fault.to_string()) },
        }
    }
}

/// Everything, in the order in which one would ask. `auth_log` is a path as seen from the root, if not the usual.
///
/// Takes a quarter of a second on a live host, because processor use is measured, and up to some seconds where
/// the journal has to be asked.
pub fn evidence(host: &mut Host, auth_log: Option<&str>) -> Vec<Section> {
    vec![
        top_processes(host),
        open_sockets(host),
        kernel_lines(host),
        auth_lines(host, auth_log),
        failed_logins(host, auth_log),
        package_changes(host),
        unit_changes(host),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;

    #[test]
    fn an_empty_tree_has_no_lines_and_says_why() {
        let sections = evidence(&mut Tree::new(&[]).host(), None);
        assert_eq!(sections.len(), 7);
        for section in sections {
            assert!(section.lines.is_empty() && section.gap.is_some(), "{section:?}");
        }
    }

    #[test]
    fn this_host_yields_bounded_single_lines() {
        let sections = evidence(&mut Host::new("/"), None);
        assert!(!sections[0].lines.is_empty() && !sections[1].lines.is_empty(), "no process, no socket");
        for section in sections {
            assert!(section.lines.len() <= 200, "{}: {}", section.title, section.lines.len());
            for line in section.lines {
                assert!(!line.contains(char::is_control) && line.chars().count() <= 600, "{line:?}");
            }
        }
    }
}
