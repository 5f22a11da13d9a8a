//! The languages of a fix, and how each is run against a host: scripts within it, a playbook from outside, as its administrator.

use crate::Outcome;
use crate::boot::program::{Ran, ask};
use crate::boot::root::{ADMIN, PASSWORD};
use crate::boot::{ADDRESS, Host};
use crate::live::scratch::Scratch;
use hostward_harden::fix::{Cause, Fix, FixError, Language};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What a fix is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tongue {
    Script(Language),
    Ansible,
}

impl Tongue {
    pub const ALL: [Tongue; 3] =
        [Tongue::Script(Language::Bash), Tongue::Script(Language::Python), Tongue::Ansible];

    pub fn name(self) -> &'static str {
        match self {
            Tongue::Script(language) => language.ending(),
            Tongue::Ansible => "ansible",
        }
    }

    /// Whether it can be run here.
    pub fn is_here(self) -> bool {
        self != Tongue::Ansible || ask(Command::new("ansible-playbook").arg("--version")).is_ok()
    }

    /// Writes a fix down where it is run from.
    pub fn write(
        self,
        host: &Host,
        scratch: &Scratch,
        fix: &Fix,
        cause: &Cause,
        values: &BTreeMap<String, String>,
    ) -> Outcome<()> {
        let text = self.text(fix, cause, values).map_err(|error| error.to_string())?;
        let file = match self {
            Tongue::Script(language) => host.root().join(format!("root/fix.{}", language.ending())),
            Tongue::Ansible => scratch.path().join("fix.yml"),
        };
        fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))
    }

    fn text(self, fix: &Fix, cause: &Cause, values: &BTreeMap<String, String>) -> Result<String, FixError> {
        match self {
            Tongue::Script(language) => fix.script(language, cause, values),
            Tongue::Ansible => fix.playbook(cause, values),
        }
    }

    /// Runs what was written, in one of the modes of the contract.
    pub fn run(self, host: &Host, scratch: &Scratch, mode: &str) -> Outcome<Ended> {
        let ran = match self {
            Tongue::Script(Language::Bash) => host.shell(&format!("bash /root/fix.sh --{mode}"))?,
            Tongue::Script(Language::Python) => host.shell(&format!("python3 /root/fix.py --{mode}"))?,
            Tongue::Ansible => return played(host, &scratch.path().join("fix.yml"), mode),
        };
        Ok(Ended { code: ran.code, last: last(&ran), changed: None })
    }
}

/// How a run ended.
pub struct Ended {
    pub code: i32,
    /// Its last words.
    pub last: String,
    /// What Ansible says of it: whether it changed anything.
    pub changed: Option<bool>,
}

fn last(ran: &Ran) -> String {
    let lines = |text: &str| text.trim().lines().last().map(str::to_owned);
    lines(&ran.complaint).or_else(|| lines(&ran.text)).unwrap_or_default()
}

/// A rehearsal is Ansible's own; the code is the script's, which Ansible tells of.
fn played(host: &Host, file: &Path, mode: &str) -> Outcome<Ended> {
    let mut command = Command::new("ansible-playbook");
    command
        .env("ANSIBLE_STDOUT_CALLBACK", "minimal")
        .env("ANSIBLE_NOCOLOR", "1")
        .env("ANSIBLE_PIPELINING", "1");
    command.env("ANSIBLE_HOME", file.with_file_name("ansible")).env("ANSIBLE_SSH_ARGS", "-F none");
    command.args(["--inventory", &format!("{ADDRESS},"), "--user", ADMIN, "--private-key"]).arg(host.key());
    command.args(["--ssh-common-args", "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"]);
    command.args([
        "--extra-vars",
        &format!("ansible_become_password={PASSWORD} ansible_python_interpreter=/usr/bin/python3"),
    ]);
    match mode {
        "dry-run" => command.arg("--check"),
        mode => command.args(["--extra-vars", &format!("hostward_mode={mode}")]),
    };
    let ran = ask(command.arg(file))?;
    let line = ran.text.lines().find(|line| line.starts_with(ADDRESS) && line.contains(" | rc="));
    let line = line.ok_or_else(|| format!("ansible-playbook {mode}: {}{}", ran.text, ran.complaint))?;
    let code = line.split("rc=").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap_or(-1);
    Ok(Ended { code, last: last(&ran), changed: Some(line.contains("CHANGED")) })
}
