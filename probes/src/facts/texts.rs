//! Whole files, for whoever has to say what changes in them.

use super::image::{Image, if_there};
use crate::{Fault, Host};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt;

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileText {
    /// Where it really lies, when links lead to it.
    pub path: String,
    /// What is in it; bytes that are not UTF-8 are replaced.
    pub text: String,
    /// Its permissions.
    pub mode: u32,
    /// What the link says, when the path is one.
    pub link: Option<String>,
}

/// The files that fit these patterns, by the path that they were found by. What is there and cannot be read is an error:
/// who would change a file without having seen it, would overwrite it.
pub fn texts(host: &Host, patterns: &BTreeSet<String>) -> Result<BTreeMap<String, FileText>, Fault> {
    let image = Image::new(host)?;
    let mut files = BTreeMap::new();
    for pattern in patterns {
        for path in image.fresh().glob(pattern)? {
            let Some(state) = if_there(image.state(&path))? else { continue };
            if !state.is_file() {
                continue;
            }
            let file = FileText {
                path: image.real(&path)?,
                text: image.text(&path)?,
                mode: state.mode() & 0o7777,
                link: image.link(&path),
            };
            files.insert(path, file);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;

    #[test]
    fn a_link_tells_where_it_leads() {
        let tree = Tree::new(&[("/etc/available/a", "text\n"), ("/etc/b", "b\n")]);
        tree.link("/etc/enabled/a", "../available/a");
        tree.link("/etc/enabled/c", "/dev/null");
        let host = tree.host();
        let found = texts(&host, &["/etc/enabled/*".to_owned(), "/etc/b".to_owned()].into()).unwrap();
        let seen: Vec<_> = found
            .iter()
            .map(|(path, own)| (path.as_str(), own.path.as_str(), own.text.as_str(), own.link.as_deref()))
            .collect();
        assert_eq!(
            seen,
            [
                ("/etc/b", "/etc/b", "b\n", None),
                ("/etc/enabled/a", "/etc/available/a", "text\n", Some("../available/a")),
            ]
        );
    }
}
