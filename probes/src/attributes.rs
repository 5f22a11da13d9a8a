//! Directories of files that hold one number each, as sysfs is made of them.

use crate::words::only_line;
use crate::{Fault, Host};
use hostward_model::{Batch, Metric};

/// A file, the metric of its number, and what the number is multiplied by.
pub type Attribute = (&'static str, &'static Metric, f64);

/// Pushes each attribute that is there. One that makes no sense does not hide the others; the first is the fault.
pub fn push_each(
    host: &mut Host,
    directory: &str,
    attributes: &[Attribute],
    labels: &[&str],
    out: &mut Batch,
) -> Result<(), Fault> {
    let mut push = |(file, metric, factor): &Attribute| {
        if let Some(value) = number(host, &format!("{directory}/{file}"))? {
            out.push(metric, labels, value * factor);
        }
        Ok(())
    };
    attributes.iter().map(&mut push).fold(Ok(()), Result::and)
}

/// The first word of a file as a whole number; nothing when there is no such file or it has no value.
pub fn number(host: &mut Host, path: &str) -> Result<Option<f64>, Fault> {
    let Some(text) = host.attribute(format_args!("{path}"))? else { return Ok(None) };
    let mut line = only_line(path, text);
    let word = line.word().unwrap_or("");
    line.as_integer(word).map(Some)
}

/// The words of a file; nothing when there is no such file.
pub fn text(host: &mut Host, path: &str) -> Result<Option<String>, Fault> {
    Ok(host.attribute(format_args!("{path}"))?.map(|text| text.trim().to_owned()))
}

/// The names in a directory that are `wanted`; beyond `names_max` of all names the rest is a gap.
pub fn names(
    host: &Host,
    directory: &str,
    names_max: usize,
    wanted: impl Fn(&str) -> bool,
    out: &mut Batch,
) -> Result<Vec<String>, Fault> {
    let mut names = host.names(directory, names_max + 1)?;
    if names.len() > names_max {
        names.truncate(names_max);
        out.push_gap(directory, &format!("more than {names_max} names, the rest is not looked at"), "");
    }
    names.retain(|name| wanted(name));
    Ok(names)
}

/// A small tree of files for the tests of probes that read sysfs.
#[cfg(test)]
pub mod testing {
    use crate::Host;
    use std::path::PathBuf;

    /// A root below the temporary directory, removed when dropped.
    pub struct Tree(PathBuf);

    impl Tree {
        /// Writes `files` (path and content); `name` keeps two trees apart.
        pub fn new(name: &str, files: &[(&str, &str)]) -> Self {
            let root = std::env::temp_dir().join(format!("hostward-tree-{name}-{}", std::process::id()));
            let _ = std::fs::remove_dir_all(&root);
            std::fs::create_dir_all(&root).unwrap();
            let tree = Tree(root);
            files.iter().for_each(|(path, text)| tree.write(path, text));
            tree
        }

        /// Writes one file more, or again.
        pub fn write(&self, path: &str, text: &str) {
            let path = self.0.join(path.trim_start_matches('/'));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }

        /// The tree as a host.
        pub fn host(&self) -> Host {
            Host::new(&self.0)
        }
    }

    impl Drop for Tree {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::Tree;
    use super::*;
    use crate::testing::check;
    use expect_test::expect;

    static A: Metric = Metric::gauge("a_bytes", "A.", &["device"]);
    static B: Metric = Metric::gauge("b", "B.", &["device"]);

    #[test]
    fn one_broken_file_does_not_hide_the_others() {
        let tree = Tree::new(
            "attributes",
            &[("/d/a", "8\n"), ("/d/x", "lots\n"), ("/d/y", "\n"), ("/d/b", "-1 (2)\n")],
        );
        let table = [("x", &A, 1.0), ("y", &A, 1.0), ("a", &A, 512.0), ("none", &B, 1.0), ("b", &B, 1.0)];
        check(
            |_, out| push_each(&mut tree.host(), "/d", &table, &["sda"], out),
            "",
            expect![[r#"
                a_bytes{device="sda"} 4096
                b{device="sda"} -1
                fault malformed: /d/x:1: expected a whole number, found "lots"
            "#]],
        );
    }

    #[test]
    fn a_full_directory_is_a_gap() {
        let tree = Tree::new("names", &[("/d/a", ""), ("/d/b", ""), ("/d/c", "")]);
        let mut batch = Batch::new();
        assert_eq!(names(&tree.host(), "/d", 3, |name| name != "b", &mut batch).unwrap(), ["a", "c"]);
        assert!(batch.gaps().is_empty());
        assert!(names(&tree.host(), "/d", 2, |_| true, &mut batch).unwrap().len() == 2);
        assert_eq!(batch.gaps()[0].reason, "more than 2 names, the rest is not looked at");
    }
}
