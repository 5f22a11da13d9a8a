//! What failed in an audit, as findings beside those of scanners, so that `hostward remediate` knows them.

use crate::known::{self, Known};
use hostward_harden::audit::{Record, TOOL, sarif};
use hostward_harden::check::Verdict;
use hostward_harden::finding::track::lay_over;
use hostward_harden::scanner;
use std::io;
use std::path::Path;

/// The daemon takes no larger file of findings into its memory; whoever has one imports audits with the command line.
const KNOWN_BYTES_MAX: u64 = 8 << 20;

/// Lays what failed over what is known; what does not fail any more is closed.
pub fn keep(record: &Record, dir: &Path, at_ms: i64) -> io::Result<()> {
    if known::bytes(dir)? > KNOWN_BYTES_MAX {
        let message =
            format!("there are more than {KNOWN_BYTES_MAX} bytes of findings; those of audits are not added");
        return Err(io::Error::other(message));
    }
    let failed = record.checks.iter().filter(|own| own.verdict == Verdict::Fail).cloned().collect();
    let log = sarif(&Record { checks: failed, frameworks: Vec::new(), ..record.clone() });
    let report = scanner::import("audit.sarif", log.as_bytes(), None).map_err(io::Error::other)?;
    let mut known = Known::open(dir)?;
    lay_over(&mut known.findings, &report.findings, &[TOOL], at_ms);
    known.keep()
}

#[cfg(test)]
mod tests {
    use super::super::last::tests::record;
    use super::*;
    use crate::state::testing::Scratch;
    use hostward_harden::finding::state::State;

    #[test]
    fn what_fails_is_a_finding_until_it_does_not() {
        let scratch = Scratch::new("audit-findings");
        keep(&record(&[("ssh.x11", "fail"), ("ssh.banner", "pass")]), scratch.path(), 1).unwrap();
        let states = || -> Vec<_> {
            let known = known::read(scratch.path()).unwrap();
            known.into_values().map(|own| (own.finding.rule, own.state)).collect()
        };
        assert_eq!(states(), [("ssh.x11".to_owned(), State::Open)]);
        keep(&record(&[("ssh.x11", "pass")]), scratch.path(), 2).unwrap();
        assert_eq!(states(), [("ssh.x11".to_owned(), State::Closed)]);
    }
}
