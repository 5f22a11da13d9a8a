//! systemd-sysctl(8), which sets what it reads: the parameters of our own network have the values that we say.

use super::{Compared, proc, said};
use hostward_model::Fact;
use std::fs;
use std::path::Path;

pub fn compare(root: &Path, facts: &[Fact]) -> Compared {
    proc(root)?;
    said(root, &["/lib/systemd/systemd-sysctl", "--prefix=/net"])?;
    let mut agreed = 0;
    for fact in facts.iter().filter(|fact| fact.key.starts_with("net.") && !fact.key.contains('*')) {
        let path = format!("/proc/sys/{}", fact.key.replace('.', "/"));
        let Ok(theirs) = fs::read_to_string(&path) else { continue };
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        if words(&theirs) != words(&fact.value) {
            return Err(format!("{}: we say {}, the kernel has {}", fact.key, fact.value, theirs.trim()));
        }
        agreed += 1;
    }
    Ok(agreed)
}
