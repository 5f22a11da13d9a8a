//! The servers of a machine, asked from outside for what they are for, by an administrator and by somebody with a password.

use super::machine::{ADDRESSES, Machine};
use crate::Outcome;
use crate::boot::program::{Ran, ask, good};
use crate::boot::root::{ADMIN, Keys, OTHER, PASSWORD};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a server may take to answer.
const ANSWER_MAX: Duration = Duration::from_secs(30);
const JOB_MAX: Duration = Duration::from_secs(90);
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Headers that both web servers should send over TLS.
const HEADERS: [&str; 6] = [
    "x-frame-options",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "content-security-policy",
    "strict-transport-security",
];

/// What was asked, and the answer.
pub type Answer = (String, String);

/// Asks each server what it is for; an error is one that does not do it.
pub fn all(machine: &Machine, keys: &Keys) -> Outcome<Vec<Answer>> {
    let mut answers = sessions(machine, keys)?;
    for (name, plain, tls) in [("nginx", 80, 443), ("apache", 8080, 8443)] {
        answers.push((format!("{name}: plain, over TLS, headers"), web(plain, tls)?));
    }
    let as_postgres = ["runuser", "-u", "postgres", "--", "psql", "-tAc", "select 6 * 7"];
    answers.push(("postgresql: psql, 6 * 7".to_owned(), answered(|| machine.said(&as_postgres))?));
    let as_root = ["mariadb", "-N", "-e", "select 6 * 7"];
    answers.push(("mariadb: the client, 6 * 7".to_owned(), answered(|| machine.said(&as_root))?));
    if machine.ran(&["redis-cli", "--version"]).is_ok_and(|ran| ran.code == 0) {
        answers.push(("redis: PING".to_owned(), answered(|| machine.said(&["redis-cli", "ping"]))?));
    }
    answers.push(("rsyslog: a line is written".to_owned(), logged(machine)?));
    let failed = machine.said(&["systemctl", "list-units", "--failed", "--plain", "--no-legend"])?;
    let failed: Vec<&str> = failed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    answers.push((
        "units that failed".to_owned(),
        if failed.is_empty() { "-".to_owned() } else { failed.join(" ") },
    ));
    Ok(answers)
}

/// Asks again until it is answered.
pub fn answered(mut asked: impl FnMut() -> Outcome<String>) -> Outcome<String> {
    let end = Instant::now() + ANSWER_MAX;
    loop {
        match asked() {
            Err(_) if Instant::now() < end => sleep(LOOK_EVERY),
            answer => return answer,
        }
    }
}

fn sessions(machine: &Machine, keys: &Keys) -> Outcome<Vec<Answer>> {
    let mut answers = Vec::new();
    for (address, family) in ADDRESSES.iter().zip(["IPv4", "IPv6"]) {
        let name = answered(|| good(&mut by_key(keys, ADMIN, address, "id -un")))?;
        answers.push((format!("ssh by key over {family}"), name.trim().to_owned()));
    }
    let become_root = format!("echo {PASSWORD} | sudo -S -p '' id -un");
    let root = good(&mut by_key(keys, ADMIN, ADDRESSES[0], &become_root))?;
    answers.push(("sudo in that session".to_owned(), root.trim().to_owned()));
    let other = good(&mut by_password(keys, OTHER, PASSWORD))?;
    answers.push(("ssh by password, of one without a key".to_owned(), other.trim().to_owned()));
    let root = ask(&mut by_key(keys, "root", ADDRESSES[0], "id -un"))?;
    answers.push(("ssh as root".to_owned(), verdict(&root)));
    let su = machine.ran(&[
        "runuser",
        "-u",
        OTHER,
        "--",
        "/bin/sh",
        "-c",
        &format!("echo {PASSWORD} | su {ADMIN} -c 'id -un'"),
    ])?;
    answers.push(("su, of one who is no administrator".to_owned(), verdict(&su)));
    Ok(answers)
}

/// What a program printed, or that it was refused.
pub fn verdict(ran: &Ran) -> String {
    if ran.code == 0 { ran.text.trim().to_owned() } else { "refused".to_owned() }
}

fn ssh(keys: &Keys) -> Command {
    // One whose address is shut out in the middle of a session hangs.
    let mut command = Command::new("timeout");
    command.args(["30", "ssh"]);
    let options =
        ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "ConnectTimeout=10", "LogLevel=ERROR"];
    command.args(["-F", "none"]).args(options.iter().flat_map(|option| ["-o", option]));
    command.env("SSH_ASKPASS", &keys.asked).env("SSH_ASKPASS_REQUIRE", "force").env_remove("SSH_AUTH_SOCK");
    command
}

fn by_key(keys: &Keys, user: &str, address: &str, act: &str) -> Command {
    let mut command = ssh(keys);
    command.args(["-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-i"]).arg(&keys.private);
    command.args(["-l", user, address, act]);
    command
}

/// One attempt with a password.
pub fn by_password(keys: &Keys, user: &str, password: &str) -> Command {
    let mut command = ssh(keys);
    command
        .args(["-o", "PubkeyAuthentication=no", "-o", "NumberOfPasswordPrompts=1"])
        .env("E2E_PASSWORD", password);
    command.args(["-l", user, ADDRESSES[0], "id -un"]);
    command
}

fn curl(url: &str) -> Outcome<String> {
    let mut command = Command::new("curl");
    command.args(["--silent", "--insecure", "--include", "--max-time", "5"]);
    for port in [443, 8443] {
        command.args(["--resolve", &format!("a.example:{port}:{}", ADDRESSES[0])]);
    }
    let text = good(command.arg(url))?;
    let first = text.lines().next().unwrap_or("");
    if first.contains(" 200") { Ok(text) } else { Err(format!("{url}: {first}")) }
}

fn headers(text: &str) -> usize {
    let text = text.to_ascii_lowercase();
    HEADERS.iter().filter(|name| text.lines().any(|line| line.starts_with(&format!("{name}:")))).count()
}

fn web(plain: u16, tls: u16) -> Outcome<String> {
    answered(|| curl(&format!("http://{}:{plain}/", ADDRESSES[0])))?;
    answered(|| curl(&format!("http://[{}]:{plain}/", ADDRESSES[1])))?;
    let text = answered(|| curl(&format!("https://a.example:{tls}/")))?;
    Ok(format!("200, 200, {} of {}", headers(&text), HEADERS.len()))
}

/// Whether cron has run a job: it looks once a minute.
pub fn job(machine: &Machine) -> Outcome<Answer> {
    let end = Instant::now() + JOB_MAX;
    while machine.said(&["test", "-e", "/run/e2e-job"]).is_err() {
        if Instant::now() > end {
            return Err("cron runs no jobs".to_owned());
        }
        sleep(LOOK_EVERY);
    }
    Ok(("cron: a job ran".to_owned(), "yes".to_owned()))
}

fn logged(machine: &Machine) -> Outcome<String> {
    machine.said(&["logger", "--tag", "e2e", "hello"])?;
    let found = || machine.said(&["grep", "--count", "e2e: hello", "/var/log/syslog"]);
    answered(found).map(|_| "yes".to_owned())
}
