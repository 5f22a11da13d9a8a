//! Files that configurations name: patterns, links and what may not be read.

use crate::{Fault, Host};
use hostward_model::Batch;
use regex::Regex;
use std::io::Read;

/// Names of a directory that a pattern is held against.
const NAMES_MAX: usize = 1000;
/// Paths that one pattern may stand for.
const PATHS_MAX: usize = 1000;
const LINKS_MAX: usize = 8;

/// The host, and where gaps go.
pub struct Tree<'a> {
    pub host: &'a Host,
    pub out: &'a mut Batch,
}

impl<'a> Tree<'a> {
    pub fn new(host: &'a Host, out: &'a mut Batch) -> Self {
        Tree { host, out }
    }

    pub fn gap(&mut self, what: &str, reason: &str, grant: &str) {
        if !self.out.gaps().iter().any(|gap| gap.what == what) {
            self.out.push_gap(what, reason, grant);
        }
    }

    /// A fault of one file, which is a gap among the others.
    pub fn fault(&mut self, path: &str, fault: Fault) {
        match fault {
            Fault::Denied { .. } => self.gap(path, "permission", &grant(self.host, path)),
            Fault::Missing { .. } => self.gap(path, "missing", ""),
            Fault::Malformed { line, word, expected, .. } => {
                self.gap(path, &format!("line {line}: expected {expected}, found {word:?}"), "");
            }
            Fault::Unreadable { error, .. } => self.gap(path, &error, ""),
            other @ Fault::Timeout { .. } => self.gap(path, &other.to_string(), ""),
        }
    }

    /// The bytes of a regular file of that size at most; nothing when it cannot be had, and a gap says why.
    pub fn bytes(&mut self, path: &str, bytes_max: u64) -> Option<Vec<u8>> {
        match read(self.host, path, bytes_max) {
            Ok(bytes) => Some(bytes),
            Err(fault) => {
                self.fault(path, fault);
                None
            }
        }
    }

    /// The paths that a pattern stands for, in order; one without `*`, `?` and `[` stands for itself.
    pub fn expand(&mut self, pattern: &str) -> Vec<String> {
        let mut paths = vec![String::new()];
        for part in pattern.split('/').filter(|part| !part.is_empty()) {
            paths = match part.contains(['*', '?', '[']).then(|| compiled(part)) {
                None => paths.into_iter().map(|path| format!("{path}/{part}")).collect(),
                Some(None) => Vec::new(),
                Some(Some(glob)) => paths.iter().flat_map(|path| self.matching(path, part, &glob)).collect(),
            };
            paths.truncate(PATHS_MAX);
        }
        paths
    }

    fn matching(&mut self, directory: &str, part: &str, glob: &Regex) -> Vec<String> {
        let real = real(self.host, directory);
        let names = match self.host.names(&real, NAMES_MAX) {
            Ok(names) => names,
            Err(Fault::Missing { .. }) => Vec::new(),
            Err(fault) => {
                self.fault(directory, fault);
                Vec::new()
            }
        };
        // As in a shell, a star does not stand for the dot of hidden files.
        let visible = |name: &&String| part.starts_with('.') || !name.starts_with('.');
        let taken = names.iter().filter(visible).filter(|name| glob.is_match(name));
        taken.map(|name| format!("{directory}/{name}")).collect()
    }

    pub fn is_directory(&self, path: &str) -> bool {
        self.host.path(&real(self.host, path)).is_dir()
    }

    pub fn exists(&self, path: &str) -> bool {
        self.host.path(&real(self.host, path)).exists()
    }
}

fn read(host: &Host, path: &str, bytes_max: u64) -> Result<Vec<u8>, Fault> {
    let real = host.path(&real(host, path));
    let io = |error: std::io::Error| Fault::io(path, &error);
    let unreadable = |error: String| Fault::Unreadable { what: path.to_owned(), error };
    // Opening a pipe would wait for somebody to write.
    if !std::fs::metadata(&real).map_err(io)?.is_file() {
        return Err(unreadable("not a regular file".to_owned()));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(real).map_err(io)?;
    file.take(bytes_max + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > bytes_max {
        Err(unreadable(format!("larger than {bytes_max} bytes")))
    } else {
        Ok(bytes)
    }
}

/// Where a path leads: the links of a captured host are those of its own tree.
fn real(host: &Host, path: &str) -> String {
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        let Some(target) = host.link(&path) else { break };
        let target = target.to_string_lossy();
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
        path = if target.starts_with('/') { target.into_owned() } else { format!("{directory}/{target}") };
    }
    path
}

fn compiled(part: &str) -> Option<Regex> {
    let mut pattern = String::from("^");
    let (mut buffer, mut before) = ([0; 4], ' ');
    for c in part.chars() {
        match c {
            '*' => pattern.push_str(".*"),
            '?' => pattern.push('.'),
            '[' | ']' | '-' => pattern.push(c),
            '!' if before == '[' => pattern.push('^'),
            c => pattern.push_str(&regex::escape(c.encode_utf8(&mut buffer))),
        }
        before = c;
    }
    Regex::new(&(pattern + "$")).ok()
}

/// The directory on the way that may not be passed, else the file.
fn grant(host: &Host, path: &str) -> String {
    let parts: Vec<usize> = path.match_indices('/').map(|(at, _)| at).skip(1).collect();
    let closed = parts.into_iter().find(|at| {
        let entry = format!("{}/.", &path[..*at]);
        std::fs::metadata(host.path(&entry)).is_err()
    });
    match closed {
        Some(at) => format!("setfacl -m u:hostward:x {}", &path[..at]),
        None => format!(
            "setfacl -m u:hostward:r {path} (if it holds the private key as well, give a copy without it to `files` instead)"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_links_and_refusals() {
        let root = std::env::temp_dir().join(format!("hostward-tree-{}", std::process::id()));
        for name in ["a/x.conf", "a/y.conf", "a/.hidden.conf", "a/z.bak", "b/x.conf"] {
            let path = root.join("etc").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, name).unwrap();
        }
        std::os::unix::fs::symlink("/etc/a/x.conf", root.join("etc/b/link.conf")).unwrap();
        std::os::unix::fs::symlink("loop", root.join("etc/b/loop")).unwrap();
        let (host, mut out) = (Host::new(&root), Batch::new());
        let mut tree = Tree::new(&host, &mut out);
        assert_eq!(tree.expand("/etc/*/[!y].conf"), ["/etc/a/x.conf", "/etc/b/x.conf"]);
        assert_eq!(tree.expand("/etc/a/?.conf"), ["/etc/a/x.conf", "/etc/a/y.conf"]);
        assert_eq!(tree.expand("/etc/a/none"), ["/etc/a/none"]);
        assert!(tree.expand("/none/*").is_empty() && tree.expand("/etc/[z-a]").is_empty());
        assert_eq!(tree.bytes("/etc/b/link.conf", 8).as_deref(), Some(&b"a/x.conf"[..]));
        for path in ["/etc/a", "/etc/a/x.conf", "/etc/none", "/etc/b/loop"] {
            assert_eq!(tree.bytes(path, 7), None, "{path}");
        }
        std::fs::remove_dir_all(&root).unwrap();
        let reasons: Vec<_> = out.gaps().iter().map(|gap| gap.reason.as_str()).collect();
        assert_eq!(reasons[..3], ["not a regular file", "larger than 7 bytes", "missing"]);
        assert!(reasons[3].contains("os error 40"), "{}", reasons[3]);
    }

    #[test]
    fn what_is_to_be_granted() {
        let host = Host::new("/");
        assert_eq!(grant(&host, "/nonexistent/live/a.pem"), "setfacl -m u:hostward:x /nonexistent");
        assert!(grant(&host, "/etc/passwd").starts_with("setfacl -m u:hostward:r /etc/passwd "));
    }
}
