//! Unit files that changed lately.

use super::Section;
use super::text::{LINE_CHARS_MAX, one_line};
use crate::{Fault, Host};
use hostward_model::time::rfc3339;
use std::cmp::Reverse;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const NEWEST: usize = 20;
/// Entries looked at in all.
const ENTRIES_MAX: usize = 20_000;
/// Units, and the drop-ins in their directories.
const DEPTH_MAX: usize = 2;

const DIRECTORIES: [&str; 2] = ["/etc/systemd/system", "/lib/systemd/system"];

/// The twenty newest files and links, by the time at which their content changed.
pub fn unit_changes(host: &Host) -> Section {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for directory in DIRECTORIES {
        if let Err(error) = walk(&host.path(directory), directory, DEPTH_MAX, &mut found) {
            faults.push(Fault::io(directory, &error).to_string());
        }
    }
    if found.len() == ENTRIES_MAX {
        faults.push(format!("more than {ENTRIES_MAX} unit files: the rest was not looked at"));
    }
    found.sort_by_key(|(seconds, path)| (Reverse(*seconds), path.clone()));
    let lines =
        found.iter().take(NEWEST).map(|(seconds, path)| format!("{} {path}", rfc3339(seconds * 1000)));
    let gap = (!faults.is_empty()).then(|| faults.join("; "));
    Section { title: "unit changes", lines: lines.collect(), gap }
}

fn walk(real: &Path, shown: &str, depth: usize, found: &mut Vec<(i64, String)>) -> std::io::Result<()> {
    for entry in fs::read_dir(real)?.filter_map(Result::ok) {
        let name = format!("{shown}/{}", entry.file_name().to_string_lossy());
        // One that is gone by now, or a directory that is closed to us, is not worth the rest.
        let Ok(metadata) = entry.metadata() else { continue };
        if metadata.is_dir() && depth > 1 {
            let _ = walk(&entry.path(), &name, depth - 1, found);
        } else if !metadata.is_dir() && found.len() < ENTRIES_MAX {
            found.push((metadata.mtime(), one_line(&name, LINE_CHARS_MAX)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;
    use std::time::{Duration, SystemTime};

    #[test]
    fn newest_first_drop_ins_included() {
        let tree = Tree::new(&[]);
        for (name, seconds) in [("a.service", 100), ("b.service.d/x.conf", 300), ("c.timer", 200)] {
            let path = format!("/etc/systemd/system/{name}");
            tree.write(&path, "");
            let file = fs::File::options().write(true).open(tree.path(&path)).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
        }
        let section = unit_changes(&tree.host());
        assert_eq!(
            section.lines,
            [
                "1970-01-01T00:05:00Z /etc/systemd/system/b.service.d/x.conf",
                "1970-01-01T00:03:20Z /etc/systemd/system/c.timer",
                "1970-01-01T00:01:40Z /etc/systemd/system/a.service",
            ]
        );
        assert_eq!(section.gap.as_deref(), Some("/lib/systemd/system: not on this host"));
    }
}
