//! `cargo xtask lint-scripts`: every fix as a script in each language, before the linters that people run over what they are asked
//! to trust: bash -n, shellcheck, ruff, bandit.

use crate::boot::program::{ask, good};
use crate::live::scratch::Scratch;
use crate::options::Options;
use crate::{Outcome, remedy, root, table};
use hostward_harden::fix::{Cause, Fix, Language};
use hostward_harden::render::Type;
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
    let (mut bash, mut python) = (Vec::new(), Vec::new());
    for fix in remedy::fixes()? {
        for language in Language::ALL {
            let file = write(scratch.path(), &fix, language)?;
            if language == Language::Bash { bash.push(file) } else { python.push(file) }
        }
    }
    let own = |name: &str, words: &[&str], files: &[PathBuf]| linted(linters.join(name), words, files);
    let rows = [
        linted("bash".into(), &["-n"], &bash)?,
        linted("shellcheck".into(), &["--shell=bash"], &bash)?,
        own("ruff", &["check", "--no-cache", "--isolated"], &python)?,
        own("bandit", &["--quiet"], &python)?,
    ];
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

fn write(dir: &Path, fix: &Fix, language: Language) -> Outcome<PathBuf> {
    let value = |kind| match kind {
        Type::Path => "/etc/a 'b'",
        Type::Integer | Type::Number | Type::Port => "22",
        Type::Unit => "ssh.service",
        Type::Host => "192.0.2.7",
        Type::Text => "$(id) `id` \"x\" 'y' \\",
        _ => "word",
    };
    let values =
        fix.inputs().iter().map(|input| (input.name.clone(), value(input.kind).to_owned())).collect();
    let cause = Cause { id: "lint".to_owned(), version: "lint".to_owned(), lines: Vec::new() };
    let script = fix.script(language, &cause, &values).map_err(|error| error.to_string())?;
    let file = dir.join(format!("{}.{}", fix.name, language.ending()));
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
