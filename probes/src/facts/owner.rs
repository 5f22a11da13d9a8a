//! Which package a file belongs to, by dpkg's lists.

use super::Image;
use crate::Host;
use std::io::{BufRead, BufReader, Read};

const DIRECTORY: &str = "/var/lib/dpkg/info";
/// More of one list is not read; the kernel's headers have the longest, of 3 MiB.
const LIST_BYTES_MAX: u64 = 16 << 20;

/// The name of the package; nothing when the file is nobody's, or the host has no dpkg.
pub fn package_of(host: &Host, file: &str) -> Option<String> {
    let image = Image::new(host).ok()?;
    let names = image.names(DIRECTORY).ok()?;
    let lists = names.iter().filter_map(|name| name.strip_suffix(".list"));
    let package = lists.into_iter().find(|name| has(&image, name, file))?;
    // Where several architectures are installed, the list says which.
    Some(package.split(':').next().unwrap_or(package).to_owned())
}

fn has(image: &Image<'_>, name: &str, file: &str) -> bool {
    let Ok(list) = image.file(&format!("{DIRECTORY}/{name}.list")) else { return false };
    BufReader::new(list.take(LIST_BYTES_MAX))
        .split(b'\n')
        .map_while(Result::ok)
        .any(|line| line == file.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;

    #[test]
    fn files_have_packages_or_none() {
        let tree = Tree::new(&[
            ("/var/lib/dpkg/info/a.list", "/.\n/etc\n/etc/a.conf.d\n"),
            ("/var/lib/dpkg/info/b:amd64.list", "/etc/a.conf\n"),
            ("/var/lib/dpkg/info/c.conffiles", "/etc/c.conf\n"),
        ]);
        let owner = |file| package_of(&tree.host(), file);
        assert_eq!(owner("/etc/a.conf").as_deref(), Some("b"));
        assert_eq!(owner("/etc/c.conf"), None);
        assert_eq!(package_of(&Tree::new(&[]).host(), "/etc/a"), None);
    }
}
