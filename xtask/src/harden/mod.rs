//! `cargo xtask harden-e2e`: hardened configurations in a Debian 12 with OpenSSH, nginx, Apache, PostgreSQL, MariaDB and Redis, at
//! each level: our readers say what the servers' own dumps say, what is predicted is what an audit then measures, a second time changes nothing, every parser accepts, and the
//! servers start under systemd and answer. It takes root's rights; mounts and the network are its own and end with it.

mod agree;
mod boot;
mod exposure;
mod firewall;
mod locking;
mod plan;
pub(crate) mod program;
pub(crate) mod root;
mod serve;

use crate::live::agent;
use crate::options::Options;
use crate::{Outcome, table};
use boot::Machine;
use plan::Tried;
use program::good;
use root::{Keys, Laid};
use serve::Answer;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Set in the process that has mounts and a network of its own, to the number of the one that started it.
const INSIDE: &str = "HOSTWARD_HARDEN_E2E";
const LEVELS: [&str; 3] = ["basic", "moderate", "strict"];

/// Runs all of it; `--root DIR` takes a root that is there, `--binary FILE` a hostward that is built, `--level NAME` tries one
/// level.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["root", "binary", "level"])?;
    let binary = options.text("binary").map_or_else(agent::build, |path| Ok(PathBuf::from(path)))?;
    let stock = root::stock(options.text("root"))?;
    let levels: Vec<&str> =
        LEVELS.into_iter().filter(|own| options.text("level").is_none_or(|level| level == *own)).collect();
    if std::env::var_os(INSIDE).is_none() {
        return alone(&stock, &binary, options.text("level"));
    }
    good(Command::new("ip").args(["link", "set", "lo", "up"]))?;
    println!("{}", agree::all(&stock)?);
    let laid = Laid::new(&stock)?;
    let keys = root::prepare(&laid)?;
    let mut columns = vec![("stock", asked(laid.root(), &keys).map_err(|why| format!("stock: {why}"))?)];
    drop(laid);
    let mut tries = Vec::new();
    for level in levels {
        let (tried, answers) = trial(&stock, &binary, level).map_err(|why| format!("{level}: {why}"))?;
        columns.push((level, answers));
        tries.push(tried);
    }
    println!("{}\n{}\n{}", plan::scores(&tries), plan::parsers(&tries), answers(&columns));
    Ok(())
}

/// The same again, where mounts, processes and ports are nobody else's.
fn alone(stock: &Path, binary: &Path, level: Option<&str>) -> Outcome<()> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new("unshare");
    command.args([
        "--mount",
        "--net",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
        "--propagation",
        "private",
    ]);
    command
        .arg(own)
        .arg("harden-e2e")
        .arg("--root")
        .arg(stock)
        .arg("--binary")
        .arg(binary)
        .env(INSIDE, std::process::id().to_string());
    command.args(level.iter().flat_map(|level| ["--level", level]));
    let status = command.status().map_err(|error| format!("unshare: {error}"))?;
    if status.success() { Ok(()) } else { Err("harden-e2e failed".to_owned()) }
}

/// Plans, deploys, measures and asks one level.
fn trial(stock: &Path, binary: &Path, level: &str) -> Outcome<(Tried, Vec<Answer>)> {
    let laid = Laid::new(stock)?;
    let keys = root::prepare(&laid)?;
    let tried = plan::tried(&laid, binary, level)?;
    Ok((tried, asked(laid.root(), &keys)?))
}

/// Boots a root and asks all that is to be asked of it.
fn asked(root: &Path, keys: &Keys) -> Outcome<Vec<Answer>> {
    let machine = Machine::boot(root)?;
    let mut answers = serve::all(&machine, keys)?;
    answers.extend(firewall::answers(&machine)?);
    answers.extend(exposure::answers(&machine)?);
    answers.extend(locking::answers(&machine, keys)?);
    answers.push(serve::job(&machine)?);
    Ok(answers)
}

/// What was asked, and the answers beside each other.
fn answers(columns: &[(&str, Vec<Answer>)]) -> String {
    let mut questions: Vec<&String> = Vec::new();
    for (question, _) in columns.iter().flat_map(|(_, answers)| answers) {
        if !questions.contains(&question) {
            questions.push(question);
        }
    }
    let head: Vec<&str> = std::iter::once("asked").chain(columns.iter().map(|(name, _)| *name)).collect();
    let answer = |question: &String, answers: &[Answer]| {
        let own = answers.iter().find(|(own, _)| own == question);
        own.map_or("-".to_owned(), |(_, answer)| answer.clone())
    };
    let row = |question: &&String| {
        let cells = columns.iter().map(|(_, answers)| answer(question, answers));
        std::iter::once((*question).clone()).chain(cells).collect()
    };
    table::markdown(&head, &questions.iter().map(row).collect::<Vec<_>>())
}
