//! When the TLS certificates of this host's services expire.
//!
//! Which files they use is taken from their configurations, so that a certificate that nobody thought of is
//! watched, too. Nothing is remembered: a renewed file is seen in the next run.

mod service;
mod tree;
mod words;
mod x509;

use crate::{Fault, Host, Preset, Probe, Setting, Settings, Spec};
use hostward_model::{Batch, Metric};
use service::SERVICES;
use std::collections::BTreeSet;
use tree::Tree;

static NOT_AFTER: Metric = Metric::gauge(
    "hostward_certificate_not_after_timestamp_seconds",
    "When the first certificate of the file expires, which is the one of the service itself.",
    &["path", "service", "subject"],
);
static CHAIN: Metric = Metric::gauge(
    "hostward_certificate_chain_not_after_timestamp_seconds",
    "When the first of all certificates of the file expires, those of the authorities included.",
    &["path", "service"],
);

/// More files than this are not read.
const CERTIFICATES_MAX: usize = 500;
/// A bundle of all public authorities has some 250 kB.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// The service of the files that the configuration of hostward names.
const OURS: &str = "hostward";

pub static SPEC: Spec = Spec {
    name: "certificates",
    about: "expiry of the TLS certificates that nginx, Apache, Postfix and HAProxy use",
    doc: "x509(7ssl), nginx, Apache (mod_ssl), postconf(5), HAProxy's configuration manual",
    reads: &["/etc/nginx", "/etc/apache2", "/etc/httpd", "/etc/postfix", "/etc/haproxy"],
    metrics: &[&NOT_AFTER, &CHAIN],
    every_ms: 300_000,
    deadline_ms: 20_000,
    settings: &[Setting {
        name: "files",
        about: "Further certificates: paths in PEM or DER, with * and ? in their parts.",
        default: Preset::List(&[]),
    }],
    start: |settings| Box::new(Certificates::new(settings)),
    ..Spec::ASIDE
};

/// The probe: what the configuration adds.
struct Certificates {
    files: Vec<String>,
}

impl Certificates {
    fn new(settings: &Settings) -> Self {
        Certificates { files: settings.list("files").to_vec() }
    }
}

impl Probe for Certificates {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        let mut tree = Tree::new(host, out);
        let mut files = BTreeSet::new();
        let mut configured = !self.files.is_empty();
        for service in SERVICES {
            configured |= service.certificates(&mut tree, &mut files);
        }
        for pattern in &self.files {
            files.extend(tree.expand(pattern).into_iter().map(|path| (OURS, path)));
        }
        if !configured {
            let mains: Vec<_> = SERVICES.iter().map(|service| service.main).collect();
            return Err(Fault::Missing { what: mains.join(", ") });
        }
        if files.len() > CERTIFICATES_MAX {
            tree.gap("certificates", "the first 500 files are watched, the others are not", "");
        }
        files.iter().take(CERTIFICATES_MAX).for_each(|(service, path)| read(&mut tree, service, path));
        Ok(())
    }
}

/// A file that cannot be read or makes no sense is told and does not hide the others.
fn read(tree: &mut Tree<'_>, service: &str, path: &str) {
    let Some(bytes) = tree.bytes(path, FILE_BYTES_MAX) else { return };
    match x509::certificates(path, &bytes) {
        Ok(chain) => push(tree, service, path, &chain),
        Err(fault) => tree.fault(path, fault),
    }
}

fn push(tree: &mut Tree<'_>, service: &str, path: &str, chain: &[x509::Certificate]) {
    let Some(leaf) = chain.first() else { return };
    let earliest = chain.iter().map(|certificate| certificate.not_after_seconds).min();
    tree.out.push(&NOT_AFTER, &[path, service, &leaf.subject], leaf.not_after_seconds as f64);
    tree.out.push(&CHAIN, &[path, service], earliest.unwrap_or(leaf.not_after_seconds) as f64);
}

#[cfg(test)]
mod tests;
