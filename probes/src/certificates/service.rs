//! Where services name their certificates.

use super::tree::Tree;
use super::words::{End, assignments, statements};
use std::collections::BTreeSet;

/// Configuration files of one service; more are not read.
const FILES_MAX: usize = 500;
const FILE_BYTES_MAX: u64 = 4 << 20;
/// Files that include each other.
const DEPTH_MAX: usize = 10;
/// Beside certificates in a directory of HAProxy's.
const NO_CERTIFICATES: [&str; 4] = [".key", ".ocsp", ".issuer", ".sctl"];

/// A service and how its configuration is read.
pub struct Service {
    name: &'static str,
    pub main: &'static str,
    /// What relative paths start from.
    base: &'static str,
    split: fn(&str) -> Vec<Vec<String>>,
    take: fn(&mut Walk<'_, '_>, &[String], usize),
}

pub static SERVICES: &[Service] = &[
    Service {
        name: "nginx",
        main: "/etc/nginx/nginx.conf",
        base: "/etc/nginx",
        split: |text| statements(text, End::Mark),
        take: nginx,
    },
    Service {
        name: "apache2",
        main: "/etc/apache2/apache2.conf",
        base: "/etc/apache2",
        split: |text| statements(text, End::Line),
        take: apache,
    },
    Service {
        name: "httpd",
        main: "/etc/httpd/conf/httpd.conf",
        base: "/etc/httpd",
        split: |text| statements(text, End::Line),
        take: apache,
    },
    Service {
        name: "postfix",
        main: "/etc/postfix/main.cf",
        base: "/etc/postfix",
        split: assignments,
        take: postfix,
    },
    Service {
        name: "haproxy",
        main: "/etc/haproxy/haproxy.cfg",
        base: "/etc/haproxy",
        split: |text| statements(text, End::Line),
        take: haproxy,
    },
];

impl Service {
    /// Adds the files that the service uses; false when it is not installed here.
    pub fn certificates(&self, tree: &mut Tree<'_>, found: &mut BTreeSet<(&'static str, String)>) -> bool {
        let is_here = tree.exists(self.main);
        if is_here {
            let base = self.base.to_owned();
            Walk { service: self, tree, found, base, seen: BTreeSet::new() }.visit(self.main, 0);
        }
        is_here
    }
}

/// One reading of the configuration of a service.
struct Walk<'w, 't> {
    service: &'w Service,
    tree: &'w mut Tree<'t>,
    found: &'w mut BTreeSet<(&'static str, String)>,
    base: String,
    seen: BTreeSet<String>,
}

impl Walk<'_, '_> {
    /// A file is read once, however many include it.
    fn visit(&mut self, path: &str, depth: usize) {
        if self.seen.len() == FILES_MAX || depth > DEPTH_MAX {
            self.tree.gap(path, "too many configuration files include each other: this one is not read", "");
            return;
        }
        if !self.seen.insert(path.to_owned()) {
            return;
        }
        let Some(bytes) = self.tree.bytes(path, FILE_BYTES_MAX) else { return };
        for words in (self.service.split)(&String::from_utf8_lossy(&bytes)) {
            (self.service.take)(self, &words, depth);
        }
    }

    fn include(&mut self, pattern: &str, depth: usize) {
        let mut pattern = self.absolute(pattern);
        if self.tree.is_directory(&pattern) {
            pattern.push_str("/*");
        }
        for path in self.tree.expand(&pattern) {
            if self.tree.is_directory(&path) {
                self.include(&path, depth + 1);
            } else if self.tree.exists(&path) {
                self.visit(&path, depth + 1);
            }
        }
    }

    fn certificate(&mut self, path: &str) {
        if path.contains('$') || path.starts_with("data:") || path.starts_with("engine:") {
            let grant = "name the file in `files` of [probes.certificates]";
            self.tree.gap(path, "is known to the service only while it runs", grant);
            return;
        }
        let path = self.absolute(path);
        self.found.insert((self.service.name, path));
    }

    fn absolute(&self, path: &str) -> String {
        if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", self.base) }
    }
}

fn nginx(walk: &mut Walk<'_, '_>, words: &[String], depth: usize) {
    match words {
        [word, path] if word == "include" => walk.include(path, depth),
        [word, path] if word.ends_with("ssl_certificate") => walk.certificate(path),
        _ => {}
    }
}

/// Directives in any case; paths start from `ServerRoot`.
fn apache(walk: &mut Walk<'_, '_>, words: &[String], depth: usize) {
    let [word, path, ..] = words else { return };
    match word.to_ascii_lowercase().as_str() {
        "serverroot" => walk.base.clone_from(path),
        "include" | "includeoptional" => words[1..].iter().for_each(|path| walk.include(path, depth)),
        "sslcertificatefile" | "sslcertificatechainfile" | "sslproxymachinecertificatefile" => {
            walk.certificate(path)
        }
        _ => {}
    }
}

fn postfix(walk: &mut Walk<'_, '_>, words: &[String], _: usize) {
    let Some((name, paths)) = words.split_first() else { return };
    let tls = name.starts_with("smtpd_tls_") || name.starts_with("smtp_tls_");
    if tls && (name.ends_with("cert_file") || name.ends_with("_chain_files")) {
        paths.iter().filter(|path| *path != "none").for_each(|path| walk.certificate(path));
    }
}

/// `bind :443 ssl crt PATH`, where the path may be a directory; `crt-list` names a file with a path in each line.
fn haproxy(walk: &mut Walk<'_, '_>, words: &[String], _: usize) {
    for pair in words.windows(2) {
        match pair[0].as_str() {
            "crt-base" => walk.base.clone_from(&pair[1]),
            "crt" => haproxy_files(walk, &pair[1]),
            "crt-list" => haproxy_list(walk, &pair[1]),
            _ => {}
        }
    }
}

fn haproxy_files(walk: &mut Walk<'_, '_>, path: &str) {
    let path = walk.absolute(path);
    if !walk.tree.is_directory(&path) {
        return walk.certificate(&path);
    }
    let files = walk.tree.expand(&format!("{path}/*"));
    let wanted = |file: &&String| !NO_CERTIFICATES.iter().any(|end| file.ends_with(end));
    files.iter().filter(wanted).for_each(|file| walk.certificate(file));
}

fn haproxy_list(walk: &mut Walk<'_, '_>, path: &str) {
    let path = if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", walk.service.base) };
    let Some(bytes) = walk.tree.bytes(&path, FILE_BYTES_MAX) else { return };
    let lines = statements(&String::from_utf8_lossy(&bytes), End::Line);
    lines.iter().filter_map(|words| words.first()).for_each(|file| haproxy_files(walk, file));
}
