//! Kind, permissions and owners of the files that are asked for.

use super::image::Image;
use crate::Fault;
use hostward_model::{FileFact, FileKind, Look};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// What fits each pattern.
pub fn states(image: &Image<'_>, patterns: &BTreeSet<String>) -> BTreeMap<String, Look<Vec<FileFact>>> {
    let names =
        Names::read(image, "/etc/passwd").and_then(|own| Ok((own, Names::read(image, "/etc/group")?)));
    let look = |pattern: &String| match names
        .as_ref()
        .map_err(Fault::clone)
        .and_then(|names| all(image, pattern, names))
    {
        Ok(states) if states.is_empty() => Look::Absent(pattern.clone()),
        Ok(states) => Look::Seen(states),
        Err(Fault::Missing { what }) => Look::Absent(what),
        Err(fault) => super::unseen(&fault),
    };
    patterns.iter().map(|pattern| (pattern.clone(), look(pattern))).collect()
}

fn all(image: &Image<'_>, pattern: &str, (users, groups): &(Names, Names)) -> Result<Vec<FileFact>, Fault> {
    let named = !pattern.contains(['*', '?', '[']);
    let file = |path: String| {
        let link = !named && image.link(&path).is_some();
        let own = state(&image.state(&path)?, path, users, groups);
        Ok(if link { FileFact { kind: FileKind::Link, ..own } } else { own })
    };
    image.glob(pattern)?.into_iter().map(file).collect()
}

fn state(state: &Metadata, path: String, users: &Names, groups: &Names) -> FileFact {
    let kind = if state.is_file() {
        FileKind::File
    } else if state.is_dir() {
        FileKind::Directory
    } else {
        FileKind::Special
    };
    let (owner, group) = (users.name(state.uid()), groups.name(state.gid()));
    FileFact { path, kind, mode: state.mode() & 0o7777, owner, group }
}

/// Names of users or groups by number, as the image has them.
pub struct Names(BTreeMap<u32, String>);

impl Names {
    /// Where there is no such file, numbers stay numbers.
    pub fn read(image: &Image<'_>, path: &str) -> Result<Names, Fault> {
        let text = image.text_if_there(path)?.unwrap_or_default();
        let name = |line: &str| {
            let mut fields = line.split(':');
            Some((fields.nth(2)?.parse().ok()?, line.split(':').next()?.to_owned()))
        };
        // The first name of a number is the one that programs show.
        Ok(Names(text.lines().rev().filter_map(name).collect()))
    }

    pub fn has(&self, number: u32) -> bool {
        self.0.contains_key(&number)
    }

    fn name(&self, number: u32) -> String {
        self.0.get(&number).cloned().unwrap_or_else(|| number.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn names_are_those_of_the_image() {
        let tree = Tree::new(&[("/etc/a", ""), ("/etc/group", "")]);
        let own = std::fs::metadata(tree.path("/etc/a")).unwrap().uid();
        tree.write("/etc/passwd", format!("first:x:{own}:0\nsecond:x:{own}:0\nbroken\n"));
        std::fs::set_permissions(tree.path("/etc/a"), std::fs::Permissions::from_mode(0o2751)).unwrap();
        let host = tree.host();
        let patterns = ["/etc/a", "/etc/none*"].map(str::to_owned).into();
        let seen = states(&Image::new(&host).unwrap(), &patterns);
        let file = &seen["/etc/a"].seen().unwrap()[0];
        assert_eq!((file.mode, file.kind, file.owner.as_str()), (0o2751, FileKind::File, "first"));
        assert!(file.group.parse::<u32>().is_ok());
        tree.link("/etc/b", "/etc/a");
        let patterns = ["/etc/b", "/etc/b*"].map(str::to_owned).into();
        let linked = states(&Image::new(&host).unwrap(), &patterns);
        let kind = |pattern: &str| linked[pattern].seen().unwrap()[0].kind;
        assert_eq!([kind("/etc/b"), kind("/etc/b*")], [FileKind::File, FileKind::Link]);
        assert_eq!(seen["/etc/none*"], Look::Absent("/etc/none*".to_owned()));
    }
}
