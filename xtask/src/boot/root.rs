//! The Debian that is hardened: made once, and furnished anew for each trial.

use super::laid::Laid;
use super::program::good;
use crate::Outcome;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

const CACHE: &str = "/var/cache/hostward/harden-e2e";
const PACKAGES: &str = "systemd-sysv,dbus,libpam-systemd,openssh-server,openssh-client,nginx,apache2,postgresql,mariadb-server,\
                        redis-server,sudo,rsyslog,cron,nftables,iptables,fail2ban,python3-systemd,procps,kmod,ssl-cert";
/// Who administers, with a key; and who signs in with a password alone.
pub const ADMIN: &str = "ann";
pub const OTHER: &str = "bob";
/// Of both.
pub const PASSWORD: &str = "Corr3ct-Horse-Battery";
const MACHINE_ID: &str = "0123456789abcdef0123456789abcdef\n";
/// What ssh asks for a password: it says the one that is in its environment.
const ASKED: &str = "#!/bin/sh\nprintf '%s\\n' \"$E2E_PASSWORD\"\n";
/// A job that shows that cron runs jobs.
const JOB: &str = "* * * * * root touch /run/e2e-job\n";

/// The root that was named, or one of our own, which debootstrap makes when it is not there.
pub fn stock(named: Option<&str>) -> Outcome<PathBuf> {
    if let Some(named) = named {
        return Ok(PathBuf::from(named));
    }
    let path = PathBuf::from(CACHE);
    let made = path.join("made");
    if !made.exists() {
        fs::create_dir_all(&path).map_err(|error| format!("{CACHE}: {error}"))?;
        let mut command = Command::new("debootstrap");
        command
            .args(["--variant=minbase", &format!("--include={PACKAGES}"), "bookworm"])
            .arg(path.join("root"));
        good(&mut command)?;
        fs::write(&made, "").map_err(|error| format!("{CACHE}: {error}"))?;
    }
    Ok(path.join("root"))
}

/// What signs in.
pub struct Keys {
    pub private: PathBuf,
    pub asked: PathBuf,
}

/// An administrator with a key, somebody with a password, and a virtual host with TLS on each web server, on ports that do
/// not meet.
pub fn prepare(laid: &Laid) -> Outcome<Keys> {
    let root = laid.root();
    let chroot = |words: &[&str]| good(Command::new("chroot").arg(root).args(words)).map(drop);
    for (user, group) in [(ADMIN, "sudo"), (OTHER, "users")] {
        chroot(&["useradd", "--create-home", "--shell", "/bin/bash", "--groups", group, user])?;
        chroot(&["/bin/sh", "-c", &format!("echo {user}:{PASSWORD} | chpasswd")])?;
    }
    let keys = keys(laid)?;
    certificate(root)?;
    write(root, "etc/machine-id", MACHINE_ID)?;
    write(root, "etc/cron.d/e2e", JOB)?;
    write(root, "etc/nginx/sites-enabled/tls", NGINX)?;
    write(root, "etc/nginx/sites-available/default", NGINX_PLAIN)?;
    write(root, "etc/apache2/ports.conf", "Listen 8080\n<IfModule ssl_module>\nListen 8443\n</IfModule>\n")?;
    write(root, "etc/apache2/sites-enabled/tls.conf", APACHE)?;
    chroot(&["/usr/sbin/a2enmod", "--quiet", "ssl"])?;
    write(root, "var/www/html/index.html", "hello\n")?;
    Ok(keys)
}

const NGINX_PLAIN: &str = "server {\n\tlisten 80 default_server;\n\tlisten [::]:80 default_server;\n\troot /var/www/html;\n\tserver_name _;\n\tlocation / {\n\t\ttry_files $uri $uri/ =404;\n\t}\n}\n";
const NGINX: &str = "server {\n\tlisten 443 ssl;\n\tlisten [::]:443 ssl;\n\tserver_name a.example;\n\tssl_certificate /etc/ssl/e2e.pem;\n\tssl_certificate_key /etc/ssl/private/e2e.key;\n\troot /var/www/html;\n}\n";
const APACHE: &str = "<VirtualHost *:8443>\n\tServerName a.example\n\tDocumentRoot /var/www/html\n\tSSLEngine on\n\tSSLCertificateFile /etc/ssl/e2e.pem\n\tSSLCertificateKeyFile /etc/ssl/private/e2e.key\n</VirtualHost>\n";

fn keys(laid: &Laid) -> Outcome<Keys> {
    let said = |error: std::io::Error| error.to_string();
    let (private, asked) = (laid.scratch().join("key"), laid.scratch().join("asked"));
    good(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&private))?;
    fs::write(&asked, ASKED).map_err(said)?;
    fs::set_permissions(&asked, Permissions::from_mode(0o700)).map_err(said)?;
    let directory = laid.root().join("home").join(ADMIN).join(".ssh");
    let owner = fs::metadata(directory.with_file_name("")).map_err(said)?;
    fs::create_dir_all(&directory).map_err(said)?;
    fs::copy(private.with_extension("pub"), directory.join("authorized_keys")).map_err(said)?;
    for path in [&directory, &directory.join("authorized_keys")] {
        fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(said)?;
        chown(path, Some(owner.uid()), Some(owner.gid())).map_err(said)?;
    }
    Ok(Keys { private, asked })
}

fn certificate(root: &Path) -> Outcome<()> {
    let (key, certificate) = (root.join("etc/ssl/private/e2e.key"), root.join("etc/ssl/e2e.pem"));
    let mut command = Command::new("openssl");
    command.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]);
    command.args(["-subj", "/CN=a.example", "-keyout"]).arg(&key).arg("-out").arg(certificate);
    good(&mut command)?;
    fs::set_permissions(&key, Permissions::from_mode(0o400)).map_err(|error| error.to_string())
}

fn write(root: &Path, path: &str, text: &str) -> Outcome<()> {
    fs::write(root.join(path), text).map_err(|error| format!("{path}: {error}"))
}

/// Puts a tree of `hostward harden plan --out` where it belongs: what a person would do with it.
pub fn deploy(tree: &Path, root: &Path) -> Outcome<()> {
    let list = |name: &str| fs::read_to_string(tree.join(name)).unwrap_or_default();
    let (removed, modes) = (list("removed"), list("modes"));
    good(Command::new("cp").arg("--archive").arg(tree.join(".")).arg(root))?;
    let below = |path: &str| root.join(path.trim_start_matches('/'));
    for path in removed.lines() {
        fs::remove_file(below(path)).map_err(|error| format!("{path}: {error}"))?;
    }
    for (mode, path) in modes.lines().filter_map(|line| line.split_once(' ')) {
        good(Command::new("chmod").arg(mode).arg(below(path)))?;
    }
    Ok(())
}
