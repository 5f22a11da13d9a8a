//! Bytes as one file of a small captured host, which the first byte chooses: no probe may panic, and what it yields
//! are numbers.
#![no_main]

use hostward_model::Batch;
use hostward_probes::{Host, PROBES, Pace, Spec};
use libfuzzer_sys::fuzz_target;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// What the capture lacks.
const ADDED: [(&str, &str); 10] = [
    (
        "var/lib/dpkg/status",
        "Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:2.3-4\n",
    ),
    ("var/lib/apt/lists/x_InRelease", "Origin: Debian\nLabel: Debian-Security\nSuite: stable-security\n"),
    ("var/lib/apt/lists/x_main_binary-amd64_Packages", "Package: a\nArchitecture: amd64\nVersion: 1:2.4-1\n"),
    ("etc/apt/preferences", "Package: *\nPin: release a=stable\nPin-Priority: 900\n"),
    ("etc/nginx/nginx.conf", "http { include *.part; ssl_certificate /etc/cert.pem; }"),
    ("etc/apache2/apache2.conf", "ServerRoot /etc/apache2\nSSLCertificateFile /etc/cert.pem\n"),
    ("etc/postfix/main.cf", "smtpd_tls_cert_file = /etc/cert.pem\n"),
    ("etc/haproxy/haproxy.cfg", "frontend f\n bind :443 ssl crt /etc/cert.pem\n"),
    ("etc/cert.pem", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"),
    (
        "var/log/auth.log",
        "2026-11-21T07:00:00Z h sshd[1]: Failed password for root from 192.0.2.1 port 2 ssh2\n",
    ),
];

struct Captured {
    root: PathBuf,
    files: Vec<PathBuf>,
}

static CAPTURED: LazyLock<Captured> = LazyLock::new(|| {
    let root = std::env::temp_dir().join(format!("hostward-fuzz-{}", std::process::id()));
    let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("../probes/tests/hosts/linux-6.18");
    copy(&original, &root);
    for (path, text) in ADDED {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        std::fs::write(path, text).expect("a file");
    }
    let mut files = Vec::new();
    list(&root, &mut files);
    files.sort();
    Captured { root, files }
});

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).expect("the capture").map(|entry| entry.expect("an entry")) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().expect("its kind");
        if kind.is_dir() {
            copy(&from, &to);
        } else if kind.is_file() {
            std::fs::copy(&from, &to).expect("a copy");
        } else if let Ok(target) = std::fs::read_link(&from) {
            let _ = std::os::unix::fs::symlink(target, &to);
        }
    }
}

fn list(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("the copy").map(|entry| entry.expect("an entry")) {
        let kind = entry.file_type().expect("its kind");
        if kind.is_dir() {
            list(&entry.path(), files);
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
}

/// Mounts and processes are asked of the kernel, whatever the root is.
fn of_text(spec: &&&Spec) -> bool {
    spec.pace == Pace::Inline || !["filesystem", "processes"].contains(&spec.name)
}

/// A link or a configuration may lead from what a probe reads to another file of the same tree.
fn leads_to(read: &str, seen: &Path) -> bool {
    let linked = |from: &str, to: &str| read.starts_with(from) && seen.starts_with(to);
    seen.starts_with(read) || linked("/sys", "/sys/devices") || linked("/etc", "/etc")
}

fn look(spec: &Spec, root: &Path) {
    let mut batch = Batch::new();
    let result = spec.instance().collect(&mut Host::new(root), &mut batch);
    for sample in batch.samples() {
        assert!(sample.value.is_finite(), "{}: {} of {}", spec.name, sample.value, sample.metric.name);
        assert!(
            spec.metrics.contains(&sample.metric),
            "{}: {} is not declared",
            spec.name,
            sample.metric.name
        );
    }
    if let Err(fault) = result {
        assert!(fault.to_string().len() < 1000, "{}: {fault}", spec.name);
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((which, text)) = bytes.split_first_chunk::<2>() else { return };
    let Captured { root, files } = &*CAPTURED;
    let file = &files[usize::from(u16::from_le_bytes(*which)) % files.len()];
    let before = std::fs::read(file).expect("the file");
    std::fs::write(file, text).expect("the file");
    let seen = Path::new("/").join(file.strip_prefix(root).expect("below the root"));
    let reads = |spec: &&&Spec| spec.reads.iter().any(|read| leads_to(read, &seen));
    PROBES.iter().filter(of_text).filter(reads).for_each(|spec| look(spec, root));
    std::fs::write(file, before).expect("the file");
});
