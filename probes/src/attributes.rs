//! Directories of files that hold one value each, as sysfs is made of them, within bounds.

use crate::words::only_line;
use crate::{Fault, Host};
use hostward_model::{Batch, Metric};

/// More entries of a class or a bus than this are left out; a kernel can be built for 8192 CPUs.
const ENTRIES_MAX: usize = 8192 + 64;

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

/// What a label says of an attribute: its text, or nothing when there is none or it may not be read.
pub fn label(host: &mut Host, directory: &str, file: &str) -> String {
    let text = host.attribute(format_args!("{directory}/{file}"));
    text.ok().flatten().unwrap_or_default().trim().to_owned()
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

/// The same, and none where the kernel has no such directory.
pub fn names_if_there(
    host: &Host,
    directory: &str,
    names_max: usize,
    wanted: impl Fn(&str) -> bool,
    out: &mut Batch,
) -> Result<Vec<String>, Fault> {
    match names(host, directory, names_max, wanted, out) {
        Err(Fault::Missing { .. }) => Ok(Vec::new()),
        names => names,
    }
}

/// All names in the directory of a class or a bus.
pub fn entries(host: &Host, directory: &str, out: &mut Batch) -> Result<Vec<String>, Fault> {
    names(host, directory, ENTRIES_MAX, |_| true, out)
}

/// The names in `directory` that are `prefix` and a number, without the prefix: the numbers as text.
pub fn numbered(host: &Host, directory: &str, prefix: &str, out: &mut Batch) -> Result<Vec<String>, Fault> {
    let names = entries(host, directory, out)?;
    Ok(names.iter().filter_map(|name| number_after(name, prefix)).map(str::to_owned).collect())
}

/// What follows `prefix` in `name`, when that is a number.
pub fn number_after<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    let rest = name.strip_prefix(prefix)?;
    (!rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit())).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Tree, check};
    use expect_test::expect;

    static A: Metric = Metric::gauge("a_bytes", "A.", &["device"]);
    static B: Metric = Metric::gauge("b", "B.", &["device"]);

    #[test]
    fn one_broken_file_does_not_hide_the_others() {
        let tree = Tree::new(&[("/d/a", "8\n"), ("/d/x", "lots\n"), ("/d/y", "\n"), ("/d/b", "-1 (2)\n")]);
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
        let tree = Tree::new(&[("/d/a", ""), ("/d/b", ""), ("/d/c", "")]);
        let mut batch = Batch::new();
        assert_eq!(names(&tree.host(), "/d", 3, |name| name != "b", &mut batch).unwrap(), ["a", "c"]);
        assert!(batch.gaps().is_empty());
        assert!(names(&tree.host(), "/d", 2, |_| true, &mut batch).unwrap().len() == 2);
        assert_eq!(batch.gaps()[0].reason, "more than 2 names, the rest is not looked at");
    }

    #[test]
    fn a_directory_that_is_not_there_is_missing_or_empty() {
        let (host, mut out) = (Host::new("/nonexistent"), Batch::new());
        assert_eq!(numbered(&host, "/sys/x", "cpu", &mut out).unwrap_err().reason(), "missing");
        assert!(names_if_there(&host, "/sys/x", 9, |_| true, &mut out).unwrap().is_empty());
    }

    #[test]
    fn only_a_number_may_follow() {
        assert_eq!(number_after("cpu0", "cpu"), Some("0"));
        assert_eq!(number_after("cpu127", "cpu"), Some("127"));
        for name in ["cpu", "cpufreq", "cpu1a", "cpu-1", "xcpu1", "node0"] {
            assert_eq!(number_after(name, "cpu"), None, "{name}");
        }
    }
}
