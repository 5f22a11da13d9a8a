//! `cargo xtask lint-scripts`: every fix as a script in each language, before the linters that people run over what they are asked
//! to trust: bash -n, shellcheck, ruff, bandit, and ansible-lint where it is installed.

use crate::boot::program::{ask, good};
use crate::live::scratch::Scratch;
use crate::options::Options;
use crate::{Outcome, remedy, root, table};
use hostward_harden::fix::{Cause, Fix, Language};
use hostward_harden::render::Type;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What Debian does not have, in the versions that it is known to be clean for.
const FROM_PIP: [&str; 2] = ["ruff==0.14.5", "bandit==1.8.6"];

/// Runs all linters over all scripts, and says how many are clean.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&[])?;
    let linters = linters()?;
    let scratch = Scratch::new("lint")?;
    let (mut bash, mut python, mut ansible) = (Vec::new(), Vec::new(), Vec::new());
    for fix in remedy::fixes()? {
        for language in Language::ALL {
            let script = fix.script(language, &cause(), &values(&fix)).map_err(|error| error.to_string())?;
            let file = write(scratch.path(), &fix, language.ending(), &script)?;
            if language == Language::Bash { bash.push(file) } else { python.push(file) }
        }
        if !fix.only_tells() {
            let playbook = fix.playbook(&cause(), &values(&fix)).map_err(|error| error.to_string())?;
            ansible.push(write(scratch.path(), &fix, "yml", &playbook)?);
        }
    }
    let own = |name: &str, words: &[&str], files: &[PathBuf]| linted(linters.join(name), words, files);
    let mut rows = vec![
        linted("bash".into(), &["-n"], &bash)?,
        linted("shellcheck".into(), &["--shell=bash"], &bash)?,
        own("ruff", &["check", "--no-cache", "--isolated"], &python)?,
        own("bandit", &["--quiet"], &python)?,
    ];
    match playbooks(&ansible)? {
        Some(row) => rows.push(row),
        None => println!(
            "ansible-lint is not on PATH, so playbooks were not looked at: pip install ansible-lint\n"
        ),
    }
    println!("{}", table::markdown(&["linter", "scripts", "clean"], &rows));
    let clean = rows.iter().all(|row| row[1] == row[2]);
    if clean { Ok(()) } else { Err("not every script is clean".to_owned()) }
}

/// Where ruff and bandit are; they are fetched once.
fn linters() -> Outcome<PathBuf> {
    let place = root().join("target/linters");
    if !place.join("bin/bandit").exists() {
        good(Command::new("python3").args(["-m", "venv"]).arg(&place))?;
        good(Command::new(place.join("bin/pip")).args(["install", "--quiet"]).args(FROM_PIP))?;
    }
    Ok(place.join("bin"))
}

/// One run for all, for it takes long to start; none where it is not installed.
fn playbooks(files: &[PathBuf]) -> Outcome<Option<Vec<String>>> {
    let mut command = Command::new("ansible-lint");
    command.args(["--offline", "--profile=production", "-q", "--nocolor", "--format=json"]).args(files);
    let Ok(ran) = ask(&mut command) else { return Ok(None) };
    let said: Value = serde_json::from_str(&ran.text)
        .map_err(|error| format!("ansible-lint: {error}: {}{}", ran.text, ran.complaint))?;
    let found = said.as_array().map_or(&[][..], Vec::as_slice);
    let place = |own: &Value| own["location"]["path"].as_str().unwrap_or_default().to_owned();
    found.iter().for_each(|own| eprintln!("{}: {}", place(own), own["description"]));
    let dirty: BTreeSet<String> = found.iter().map(place).collect();
    let clean = files.len().saturating_sub(dirty.len());
    Ok(Some(vec!["ansible-lint".to_owned(), files.len().to_string(), clean.to_string()]))
}

fn values(fix: &Fix) -> BTreeMap<String, String> {
    let value = |kind| match kind {
        Type::Path => "/etc/a 'b'",
        Type::Integer | Type::Number | Type::Port => "22",
        Type::Unit => "ssh.service",
        Type::Host => "192.0.2.7",
        Type::Text => "$(id) `id` \"x\" 'y' \\",
        _ => "word",
    };
    fix.inputs().iter().map(|input| (input.name.clone(), value(input.kind).to_owned())).collect()
}

fn cause() -> Cause {
    Cause { id: "lint".to_owned(), version: "lint".to_owned(), lines: Vec::new() }
}

fn write(dir: &Path, fix: &Fix, ending: &str, script: &str) -> Outcome<PathBuf> {
    let file = dir.join(format!("{}.{ending}", fix.name));
    fs::write(&file, script).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(file)
}

/// One linter over each file; what it complains of goes to standard error.
fn linted(program: PathBuf, words: &[&str], files: &[PathBuf]) -> Outcome<Vec<String>> {
    let mut clean = 0;
    for file in files {
        let ran = ask(Command::new(&program).args(words).arg(file))?;
        if ran.code == 0 { clean += 1 } else { eprintln!("{}{}", ran.text, ran.complaint) }
    }
    let name = program.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Ok(vec![name, files.len().to_string(), clean.to_string()])
}
