//! The servers of a root, started in it and asked over the loopback interface of a network of our own.

use super::program::good;
use crate::Outcome;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a server may take to answer.
const START_MAX: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Headers that both web servers should send over TLS.
const HEADERS: [&str; 6] = [
    "x-frame-options",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "content-security-policy",
    "strict-transport-security",
];

/// A server that ends with us.
struct Server(Child);

impl Server {
    fn start(root: &Path, user: &str, words: &[&str]) -> Outcome<Self> {
        let mut command = Command::new("chroot");
        command
            .arg(format!("--userspec={user}:{user}"))
            .arg(root)
            .args(words)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.spawn().map(Server).map_err(|error| format!("{}: {error}", words.join(" ")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = self.0.id().to_string();
        // Orderly, so that its children end, too; by force if it does not.
        let _ = Command::new("kill").arg(&pid).status();
        let end = Instant::now() + START_MAX;
        while Instant::now() < end && !matches!(self.0.try_wait(), Ok(Some(_)) | Err(_)) {
            sleep(LOOK_EVERY);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts each server, asks it what it is for, and ends it; says what was answered.
pub fn all(root: &Path, key: &Path) -> Outcome<Vec<String>> {
    for directory in ["run/sshd", "run/postgresql", "run/mysqld", "run/apache2", "run/lock/apache2"] {
        fs::create_dir_all(root.join(directory)).map_err(|error| format!("{directory}: {error}"))?;
    }
    let firewall = root.join("etc/nftables.conf");
    let loaded = fs::read_to_string(&firewall).is_ok_and(|text| text.contains("hostward"));
    if loaded {
        good(Command::new("chroot").arg(root).args(["/usr/sbin/nft", "-f", "/etc/nftables.conf"]))?;
    }
    let answers = vec![ssh(root, key)?, nginx(root)?, apache(root)?, postgresql(root)?, mariadb(root)?];
    if loaded {
        good(Command::new("chroot").arg(root).args(["/usr/sbin/nft", "flush", "ruleset"]))?;
    }
    Ok(answers)
}

/// Asks again until it is answered.
fn answered(mut asked: impl FnMut() -> Outcome<String>) -> Outcome<String> {
    let end = Instant::now() + START_MAX;
    loop {
        match asked() {
            Err(_) if Instant::now() < end => sleep(LOOK_EVERY),
            answer => return answer,
        }
    }
}

fn ssh(root: &Path, key: &Path) -> Outcome<String> {
    let _server = Server::start(root, "root", &["/usr/sbin/sshd", "-D"])?;
    let sign_in = |user: &str| {
        let mut command = Command::new("ssh");
        command.args([
            "-F",
            "none",
            "-o",
            "BatchMode=yes",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
        ]);
        command
            .args(["-o", "ConnectTimeout=5", "-i"])
            .arg(key)
            .arg(format!("{user}@127.0.0.1"))
            .args(["id", "-un"]);
        good(&mut command)
    };
    let name = answered(|| sign_in("ann"))?;
    Ok(format!("ssh: a new session of {} by key", name.trim()))
}

fn curl(url: &str) -> Outcome<String> {
    let mut command = Command::new("curl");
    command.args([
        "--silent",
        "--insecure",
        "--include",
        "--max-time",
        "5",
        "--resolve",
        "a.example:443:127.0.0.1",
    ]);
    let text = good(command.args(["--resolve", "a.example:8443:127.0.0.1", url]))?;
    let first = text.lines().next().unwrap_or("");
    if first.contains(" 200") { Ok(text) } else { Err(format!("{url}: {first}")) }
}

fn headers(text: &str) -> usize {
    let text = text.to_ascii_lowercase();
    HEADERS.iter().filter(|name| text.lines().any(|line| line.starts_with(&format!("{name}:")))).count()
}

fn web(name: &str, plain: &str, tls: &str) -> Outcome<String> {
    answered(|| curl(plain))?;
    let text = answered(|| curl(tls))?;
    Ok(format!("{name}: 200, 200 over TLS, {} of {} headers", headers(&text), HEADERS.len()))
}

fn nginx(root: &Path) -> Outcome<String> {
    let _server = Server::start(root, "root", &["/usr/sbin/nginx", "-g", "daemon off;"])?;
    web("nginx", "http://127.0.0.1/", "https://a.example/")
}

fn apache(root: &Path) -> Outcome<String> {
    let _server = Server::start(root, "root", &["/usr/sbin/apache2ctl", "-DFOREGROUND"])?;
    web("apache", "http://127.0.0.1:8080/", "https://a.example:8443/")
}

fn postgresql(root: &Path) -> Outcome<String> {
    good(Command::new("chroot").arg(root).args(["chown", "postgres:postgres", "/run/postgresql"]))?;
    let binary = "/usr/lib/postgresql/15/bin/postgres";
    let config = "config_file=/etc/postgresql/15/main/postgresql.conf";
    let _server =
        Server::start(root, "postgres", &[binary, "-D", "/var/lib/postgresql/15/main", "-c", config])?;
    let mut command = Command::new("chroot");
    command.arg("--userspec=postgres:postgres").arg(root).args(["/usr/bin/psql", "-tAc", "select 6 * 7"]);
    let answer = answered(|| good(&mut command))?;
    Ok(format!("postgresql: psql answers {}", answer.trim()))
}

fn mariadb(root: &Path) -> Outcome<String> {
    good(Command::new("chroot").arg(root).args(["chown", "mysql:mysql", "/run/mysqld"]))?;
    let _server = Server::start(root, "root", &["/usr/sbin/mariadbd", "--user=mysql"])?;
    let mut command = Command::new("chroot");
    command.arg(root).args(["/usr/bin/mariadb", "-N", "-e", "select 6 * 7"]);
    let answer = answered(|| good(&mut command))?;
    Ok(format!("mariadb: the client answers {}", answer.trim()))
}
