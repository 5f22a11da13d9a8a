//! `cargo xtask harden-e2e`: hardened configurations in a Debian 12 with OpenSSH, nginx, Apache, PostgreSQL, MariaDB and Redis, at
//! each level: our readers say what the servers' own dumps say, what is predicted is what an audit then measures, a second time changes nothing, every parser accepts, and the
//! servers start under systemd and answer. It takes root's rights; mounts and the network are its own and end with it.

mod agree;
mod exposure;
mod firewall;
pub mod here;
mod locking;
pub mod oscap;
mod plan;
mod serve;
mod waf;

use crate::boot::laid::Laid;
use crate::boot::machine::{self, Machine};
use crate::boot::root::{self, Keys};
use crate::boot::{alone, over};
use crate::live::agent;
use crate::options::Options;
use crate::{Outcome, table};
use plan::Tried;
use serve::Answer;
use std::path::{Path, PathBuf};

/// How strictly, from what hardly breaks anything on.
pub const LEVELS: [&str; 3] = ["basic", "moderate", "strict"];

/// Runs all of it; `--root DIR` takes a root that is there, `--binary FILE` a hostward that is built, `--level NAME` tries one
/// level; `--here` is the part that takes the host's own tree.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["root", "binary", "level", "here"])?;
    let levels: Vec<&'static str> =
        LEVELS.into_iter().filter(|own| options.text("level").is_none_or(|level| level == *own)).collect();
    if options.has("here") {
        return on_this_host(options, &levels);
    }
    let binary = options.text("binary").map_or_else(agent::build, |path| Ok(PathBuf::from(path)))?;
    let stock = root::stock(options.text("root"))?;
    let layers = PathBuf::from(over(&stock, "waf", &waf::NEEDS)?);
    let shown = |path: &Path| path.display().to_string();
    let words = ["--root", &shown(&stock), "--binary", &shown(&binary)];
    alone(&words, || {
        println!("{}", agree::all(&stock)?);
        all(&layers, &binary, &levels)
    })
}

fn on_this_host(options: &Options, levels: &[&'static str]) -> Outcome<()> {
    here::possible()?;
    let binary = options.text("binary").map_or_else(agent::build, |path| Ok(PathBuf::from(path)))?;
    here::tried(&binary, levels)?.iter().for_each(|own| println!("not asked: {own}"));
    Ok(())
}

/// The first part of it alone: our readers beside the servers' own dumps.
pub fn readers(options: &Options) -> Outcome<()> {
    options.only(&["root"])?;
    let stock = root::stock(options.text("root"))?;
    alone(&["--root", &stock.display().to_string()], || {
        println!("{}", agree::all(&stock)?);
        Ok(())
    })
}

fn all(stock: &Path, binary: &Path, levels: &[&'static str]) -> Outcome<()> {
    let learnt = waf::learnt(stock, binary)?;
    let laid = Laid::new(stock)?;
    let keys = root::prepare(&laid)?;
    let mut columns = vec![("stock", asked(laid.root(), &keys).map_err(|why| format!("stock: {why}"))?)];
    drop(laid);
    let mut tries = Vec::new();
    for level in levels {
        let (tried, answers) =
            trial(stock, binary, level, &learnt).map_err(|why| format!("{level}: {why}"))?;
        columns.push((level, answers));
        tries.push(tried);
    }
    println!("{}\n{}\n{}", plan::scores(&tries), plan::parsers(&tries), answers(&columns));
    Ok(())
}

/// Plans, deploys, measures and asks one level.
fn trial(stock: &Path, binary: &Path, level: &str, learnt: &str) -> Outcome<(Tried, Vec<Answer>)> {
    let laid = Laid::new(stock)?;
    let keys = root::prepare(&laid)?;
    waf::remember(laid.root(), learnt)?;
    let tried = plan::tried(&laid, binary, level)?.accepted()?;
    Ok((tried, asked(laid.root(), &keys)?))
}

/// Boots a root and asks all that is to be asked of it.
fn asked(root: &Path, keys: &Keys) -> Outcome<Vec<Answer>> {
    let machine = Machine::boot(root)?;
    let mut answers = serve::all(&machine, keys)?;
    answers.extend(waf::answers(&machine)?);
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
