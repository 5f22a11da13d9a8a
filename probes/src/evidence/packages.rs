//! Packages installed, upgraded and removed lately.

use super::Section;
use super::text::last_lines;
use crate::{Fault, Host};

const LINES_MAX: usize = 50;
const TAIL_BYTES_MAX: u64 = 1 << 20;

/// The log of dpkg and the one that dnf keeps of rpm, each with the words that mark a change.
const LOGS: [(&str, &[&str]); 2] = [
    ("/var/log/dpkg.log", &[" install ", " upgrade ", " remove ", " purge "]),
    ("/var/log/dnf.rpm.log", &[" Installed: ", " Upgrade: ", " Erase: ", " Downgrade: "]),
];

/// The last fifty changes.
pub fn package_changes(host: &Host) -> Section {
    let known = LOGS.iter().find(|(path, _)| host.path(path).exists());
    let missing = || Fault::Missing { what: LOGS.map(|(path, _)| path).join(", ") };
    let lines = known.ok_or_else(missing).and_then(|(path, words)| changes(host, path, words));
    Section::of("package changes", lines)
}

/// The log is rotated monthly, so its predecessor is looked at as well.
fn changes(host: &Host, path: &str, words: &[&str]) -> Result<Vec<String>, Fault> {
    let older = host.tail(&format!("{path}.1"), TAIL_BYTES_MAX).unwrap_or_default();
    let text = older + &host.tail(path, TAIL_BYTES_MAX)?;
    let changes = text.lines().filter(|line| words.iter().any(|word| line.contains(word)));
    Ok(last_lines(&changes.collect::<Vec<_>>().join("\n"), LINES_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;

    #[test]
    fn only_changes_in_order_across_the_rotation() {
        let older = "2026-10-31 23:59:59 remove nano:amd64 7.2-1 <none>\n";
        let newer = "2026-11-01 00:00:01 startup archives unpack\n\
                     2026-11-01 00:00:01 install jq:amd64 <none> 1.6-2.1\n\
                     2026-11-01 00:00:01 status half-installed jq:amd64 1.6-2.1\n";
        let tree = Tree::new(&[("/var/log/dpkg.log.1", older), ("/var/log/dpkg.log", newer)]);
        let section = package_changes(&tree.host());
        assert_eq!(
            section.lines,
            [
                "2026-10-31 23:59:59 remove nano:amd64 7.2-1 <none>",
                "2026-11-01 00:00:01 install jq:amd64 <none> 1.6-2.1"
            ]
        );
    }
}
