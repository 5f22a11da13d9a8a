//! An audit, strict configurations of SSH and Apache laid over a root, and what PCI DSS says before and after.

use super::play::{await_end, await_step, gave, said, start};
use super::support::{Daemon, Scratch};
use std::fs;
use std::path::Path;

const SSHD: &str =
    "PermitRootLogin yes\nPermitEmptyPasswords yes\nMaxAuthTries 20\nX11Forwarding yes\nUsePAM yes\n";
const APACHE: &str = "ServerRoot \"/etc/apache2\"\nListen 80\nTimeout 300\nServerTokens Full\nServerSignature On\n\
                      TraceEnable On\n<Directory />\n    Options Indexes\n    AllowOverride None\n</Directory>\n\
                      IncludeOptional mods-enabled/*.load\nIncludeOptional conf-enabled/*.conf\n";

/// A host with a lax SSH server and a lax Apache.
pub fn lax(scratch: &Scratch, root: &str) -> std::path::PathBuf {
    scratch.write(&format!("{root}/etc/ssh/sshd_config"), SSHD);
    scratch.write(&format!("{root}/usr/sbin/sshd"), "");
    scratch.write(&format!("{root}/etc/apache2/apache2.conf"), APACHE);
    scratch.write(&format!("{root}/usr/sbin/apache2"), "");
    for folder in ["mods-enabled", "conf-enabled", "sites-enabled"] {
        fs::create_dir_all(scratch.path(&format!("{root}/etc/apache2/{folder}"))).unwrap();
    }
    scratch.path(root)
}

/// Renders strict configurations for a root, and lays them over it.
pub fn deploy(scratch: &Scratch, root: &Path, targets: &[&str]) {
    let place = root.display().to_string();
    for target in targets {
        let tree = root.with_extension(target).display().to_string();
        said(scratch, &["harden", "render", target, "--root", &place, "--level", "strict", "--out", &tree]);
        lay(Path::new(&tree), root);
    }
}

fn lay(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => lay(&path, &target),
            false => assert!(fs::copy(&path, &target).is_ok()),
        }
    }
}

#[test]
fn strict_configurations_are_deployed_and_pci_dss_sees_it() {
    let scratch = Scratch::new("workflow-web");
    let root = lax(&scratch, "web");
    let _daemon = Daemon::start(&scratch);
    let run = start(&scratch, "harden-web-server", &[("root", &root.display().to_string())]);
    await_step(&scratch, &run, "before");
    deploy(&scratch, &root, &["sshd", "apache"]);
    await_end(&scratch, &run, "done");
    let number = |step: &str, name: &str| gave(&scratch, &run, step, name).parse::<f64>().unwrap();
    let (before, after) = (number("before", "score"), number("after", "score"));
    println!("PCI DSS before {before} %, after {after} %");
    assert!(after > before, "{before} {after}");
    assert!(number("after", "failed") + 10.0 <= number("before", "failed"));
}
