//! Directories of `/sys`: what lies in a class or below a bus, within a bound.

use crate::{Fault, Host};
use hostward_model::Batch;

/// More entries than this are left out, and a gap says so; a kernel can be built for 8192 CPUs.
const ENTRIES_MAX: usize = 8192 + 64;

/// The names in `directory`.
pub fn entries(host: &Host, directory: &str, out: &mut Batch) -> Result<Vec<String>, Fault> {
    let names = host.names(directory, ENTRIES_MAX)?;
    if names.len() == ENTRIES_MAX {
        out.push_gap(directory, "the first 8256 entries are watched, the others are not", "");
    }
    Ok(names)
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

/// What a label says of an attribute: its text, or nothing when there is none or it may not be read.
pub fn label(host: &mut Host, directory: &str, file: &str) -> String {
    let text = host.attribute(format_args!("{directory}/{file}"));
    text.ok().flatten().unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_number_may_follow() {
        assert_eq!(number_after("cpu0", "cpu"), Some("0"));
        assert_eq!(number_after("cpu127", "cpu"), Some("127"));
        for name in ["cpu", "cpufreq", "cpu1a", "cpu-1", "xcpu1", "node0"] {
            assert_eq!(number_after(name, "cpu"), None, "{name}");
        }
    }

    #[test]
    fn a_directory_that_is_not_there_is_missing() {
        let listed = numbered(&Host::new("/nonexistent"), "/sys/x", "cpu", &mut Batch::new());
        assert_eq!(listed.unwrap_err().reason(), "missing");
    }
}
