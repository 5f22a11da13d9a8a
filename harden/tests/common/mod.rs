//! What the tests of rendered scripts have in common: the playbooks, an alert, and real processes.

#![allow(dead_code, reason = "each test file uses its part")]
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "these tests run the scripts that the crate renders"
)]

use hostward_harden::render::{Evidence, Header, Playbook, Type};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// Every file in the folder of playbooks, so that a new one is tested because it is there.
pub fn playbooks() -> Vec<Playbook> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../content/playbooks");
    let mut paths: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| playbook(path)).collect()
}

fn playbook(path: &Path) -> Playbook {
    let text = std::fs::read_to_string(path).unwrap();
    Playbook::parse(path.to_str().unwrap(), &text).unwrap_or_else(|error| panic!("{error}"))
}

pub fn header(text: &str) -> Header {
    Header {
        artifact: "20261121T041000Z-0123456789abcdef".to_owned(),
        alert: text.to_owned(),
        labels: vec![("mountpoint".to_owned(), text.to_owned()), (text.to_owned(), "x".to_owned())],
        expr: text.to_owned(),
        value: 0.97,
        summary: text.to_owned(),
        description: text.to_owned(),
        evidence: vec![Evidence {
            series: text.to_owned(),
            value: 97.0,
            expected: Some(40.0),
            band: Some((35.0, 45.5)),
            confidence: Some(0.999),
        }],
        at_ms: 1_795_234_200_000,
        version: "0.1.0".to_owned(),
        host: text.to_owned(),
    }
}

/// A value for every input of a playbook.
pub fn labels(playbook: &Playbook, value: impl Fn(Type) -> String) -> BTreeMap<String, String> {
    playbook.inputs().iter().map(|input| (input.name.clone(), value(input.kind))).collect()
}

pub fn ordinary(kind: Type) -> String {
    let value = match kind {
        Type::Path => "/etc",
        Type::Device => "sda",
        Type::Interface => "lo",
        Type::Unit => "ssh.service",
        Type::User => "root",
        Type::Host => "192.0.2.7",
        Type::Integer | Type::Number | Type::Port => "22",
        Type::Word | Type::Text => "sshd",
    };
    value.to_owned()
}

/// The worst that each type lets in.
pub fn hostile(kind: Type) -> String {
    let attack = "'\"`touch canary`$(touch canary)\n; touch canary #\u{1b}]0;x\u{7}\u{202e}\r\\' %s -rf *";
    match kind {
        Type::Path => format!("/tmp/{attack}"),
        Type::Device => "../../x".replace("..", "./-") + ":!!/--help",
        Type::Interface => "-$(id)'`;\u{1b}\u{7}".to_owned(),
        Type::Unit => "-\\x2d\\@-.service".to_owned(),
        Type::User => format!("-{attack}"),
        Type::Host => "%--help::".to_owned(),
        Type::Integer | Type::Number => "-1".to_owned(),
        Type::Port => "65535".to_owned(),
        Type::Word => "/--help:@+".to_owned(),
        Type::Text => format!("--{attack}{attack}"),
    }
}

/// An empty directory that is removed with its value.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("hostward-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Scratch(path)
    }

    pub fn names(&self) -> Vec<String> {
        let entries = self.0.read_dir().unwrap();
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs a program with text on its standard input; a missing program fails with the package that has it.
pub fn run(program: &str, package: &str, args: &[&str], input: &str, directory: &Path) -> Output {
    let child = Command::new(program)
        .args(args)
        .current_dir(directory)
        .env("TMPDIR", directory)
        .env("HOME", directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.unwrap_or_else(|error| {
        panic!("cannot run {program} ({error}); this test needs it: apt-get install {package}")
    });
    // In a thread, because a child that writes before it has read all would wait for us and we for it.
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// A process that keeps a CPU busy under a name of the test's choice, until its value goes.
pub struct Hog(Child);

impl Hog {
    pub fn start(path: &Path) -> Hog {
        // A copy could still be open for writing in a child that another test is just starting.
        std::os::unix::fs::symlink("/bin/bash", path).unwrap();
        Hog(Command::new(path).args(["-c", "while :; do :; done"]).spawn().unwrap())
    }
}

impl Drop for Hog {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The text of a file that a test made.
pub fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()
}

/// True when the tests run as root, and so can become somebody else.
pub fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout == b"0\n"
}
