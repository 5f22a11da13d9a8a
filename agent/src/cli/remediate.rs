//! `hostward remediate`: from what was found to scripts. It writes them, or has the daemon put them into the outbox.

mod case;

use super::output::{self, message, table};
use super::{Common, Failure, Found, Outcome, daemon, findings};
use crate::known::{self, Known};
use crate::visible::visible;
use crate::{catalogue, clock, look};
use case::{Case, cases};
use clap::{Args, ValueEnum};
use hostward_harden::finding::state::Event;
use hostward_harden::fix::{self, Cause, Fix, FixError, Library};
use hostward_harden::scanner::Format;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// What `remediate` takes.
#[derive(Args)]
pub struct Remediate {
    /// A file that a scanner wrote, the id of a finding, a check, an alert's name, or the name of a fix.
    what: String,
    /// The scripts' language.
    #[arg(long, value_enum, default_value_t = Language::Bash)]
    lang: Language,
    /// Write the scripts there [default: a single one to standard output].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Put the scripts into the daemon's outbox, to be approved and applied.
    #[arg(long, conflicts_with_all = ["out", "lang"])]
    propose: bool,
    /// A value that the fix takes, as NAME=VALUE; can be given again.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair)]
    values: Vec<(String, String)>,
    /// Where the files that a scanner names relative to its start lie.
    #[arg(long, value_name = "DIR", value_parser = super::directory)]
    base: Option<PathBuf>,
    /// The format of the file [default: what it looks like].
    #[arg(id = "written_as", long = "as", value_name = "FORMAT", value_parser = findings::format)]
    format: Option<&'static Format>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    /// Bash.
    Bash,
    /// Python 3, with its standard library alone.
    Python,
    /// An Ansible playbook that takes the Bash script to many hosts.
    Ansible,
}

impl Language {
    fn script(self, fix: &Fix, cause: &Cause, values: &BTreeMap<String, String>) -> Result<String, FixError> {
        match self {
            Language::Bash => fix.script(fix::Language::Bash, cause, values),
            Language::Python => fix.script(fix::Language::Python, cause, values),
            Language::Ansible => fix.playbook(cause, values),
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Language::Bash => fix::Language::Bash.ending(),
            Language::Python => fix::Language::Python.ending(),
            Language::Ansible => "yml",
        }
    }
}

/// What became of it.
struct Written {
    id: String,
    about: String,
    fix: String,
    values: BTreeMap<String, String>,
    lines: Vec<(String, String)>,
    file: String,
    result: Result<String, String>,
}

/// `NAME=VALUE`.
pub fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Writes what can be written; exits with 1 when something has no script.
pub fn act(common: &Common, own: &Remediate) -> Outcome {
    let library = catalogue::fixes(Path::new(catalogue::DIRECTORY)).map_err(Failure::Usage)?;
    let cases = cases(common, own, &library)?;
    let written: Vec<_> = cases.into_iter().map(|case| written(&library, own, case)).collect();
    propose(common, &written)?;
    if own.propose {
        return into_outbox(common, &own.what, &written);
    }
    let whole = written.iter().all(|own| own.result.is_ok());
    match (&own.out, written.as_slice()) {
        (Some(dir), _) => keep(dir, &written)?,
        (None, [one]) => return alone(one),
        (None, _) => message("--out DIR writes the scripts there"),
    }
    output::either(
        common.format,
        &json!({ "scripts": written.iter().map(value).collect::<Vec<_>>() }),
        |_| table(&written.iter().map(row).collect::<Vec<_>>()),
    );
    Ok(if whole { Found::Well } else { Found::Wrong })
}

/// Each that can be rendered; the daemon renders it anew, from its own catalogue.
fn into_outbox(common: &Common, what: &str, written: &[Written]) -> Outcome {
    let mut proposed = Vec::new();
    for own in written.iter().filter(|own| own.result.is_ok()) {
        let (finding, saw) = seen(common, what, own)?;
        let wish = json!({ "fix": own.fix, "values": own.values, "answers": what, "about": own.lines,
                           "finding": finding, "saw": saw });
        proposed.push(daemon::post(common, "outbox", &wish)?["artifact"].take());
    }
    let whole = proposed.len() == written.len();
    output::either(common.format, &json!({ "artifacts": proposed }), |_| {
        let row = |own: &serde_json::Value| {
            ["id", "state", "playbook"].map(|name| output::field(own, name)).to_vec()
        };
        table(&proposed.iter().map(row).collect::<Vec<_>>())
    });
    for own in written.iter().filter(|own| own.result.is_err()) {
        message(&row(own).join("  "));
    }
    Ok(if whole { Found::Well } else { Found::Wrong })
}

/// The finding that is answered, and what is seen of it before anything is done; a check is looked at now.
fn seen(common: &Common, what: &str, own: &Written) -> Result<(String, String), Failure> {
    let known = (own.id.clone(), own.about.clone());
    if !own.id.is_empty() {
        return Ok(known);
    }
    Ok(look::at_check(what, &findings::directory(common)?).unwrap_or(known))
}

/// Those of them that are known have a script from now on.
fn propose(common: &Common, written: &[Written]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Failed(error.to_string());
    let dir = findings::directory(common)?;
    let ready = |own: &&Written| own.result.is_ok() && !own.id.is_empty();
    if known::read(&dir).map_err(failed)?.is_empty() || !written.iter().any(|own| ready(&own)) {
        return Ok(());
    }
    let mut known = Known::open(&dir).map_err(failed)?;
    for own in written.iter().filter(ready) {
        if let Some(tracked) = known.findings.get_mut(&own.id) {
            tracked.note(
                Event::Proposed,
                clock::now().wall_ms,
                &format!("a script was written: {}", own.fix),
            );
        }
    }
    known.keep().map_err(failed)
}

fn alone(one: &Written) -> Outcome {
    match &one.result {
        Ok(script) => {
            output::data(script);
            Ok(Found::Well)
        }
        Err(why) => Err(Failure::Usage(why.clone())),
    }
}

fn written(library: &Library, own: &Remediate, case: Case) -> Written {
    let Case { id, about, lines, fix } = case;
    let Some((name, mut values)) = fix else {
        let result = Err("no fix is known for this".to_owned());
        let (values, file) = (BTreeMap::new(), String::new());
        return Written { file, id, about, fix: "-".to_owned(), values, lines, result };
    };
    rebase(&mut values, own.base.as_deref());
    values.extend(own.values.iter().cloned());
    let cause = Cause { id: id.clone(), version: env!("CARGO_PKG_VERSION").to_owned(), lines: lines.clone() };
    let script = library.get(&name).ok_or_else(|| format!("there is no fix {name}"));
    let result =
        script.and_then(|fix| own.lang.script(fix, &cause, &values).map_err(|error| error.to_string()));
    Written { file: file_name(&name, &id, own.lang), id, about, fix: name, values, lines, result }
}

/// Scanners name files as they saw them; a script needs to know where that was.
fn rebase(values: &mut BTreeMap<String, String>, base: Option<&Path>) {
    let here = || std::env::current_dir().unwrap_or_default();
    if let Some(path) = values.get_mut("path").filter(|path| !path.starts_with('/')) {
        let base =
            base.map_or_else(here, |base| std::path::absolute(base).unwrap_or_else(|_| base.to_owned()));
        *path = base.join(&*path).display().to_string();
    }
}

fn file_name(fix: &str, id: &str, language: Language) -> String {
    let ending = language.ending();
    if id.is_empty() { format!("{fix}.{ending}") } else { format!("{fix}-{id}.{ending}") }
}

/// A file that is there stays there: it may have been read and approved.
fn keep(dir: &Path, written: &[Written]) -> Result<(), Failure> {
    let failed = |path: &Path, error: std::io::Error| Failure::Failed(format!("{}: {error}", path.display()));
    std::fs::create_dir_all(dir).map_err(|error| failed(dir, error))?;
    for own in written {
        let Ok(script) = &own.result else { continue };
        let path = dir.join(&own.file);
        let made = OpenOptions::new().write(true).create_new(true).mode(0o700).open(&path);
        match made.and_then(|mut file| file.write_all(script.as_bytes())) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                message(&format!("{} is there already, and stays as it is", path.display()));
            }
            result => result.map_err(|error| failed(&path, error))?,
        }
    }
    Ok(())
}

fn row(own: &Written) -> Vec<String> {
    let result = match &own.result {
        Ok(_) => own.file.clone(),
        Err(why) => format!("no script: {why}"),
    };
    vec![own.fix.clone(), visible(&result), visible(&own.about)]
}

fn value(own: &Written) -> serde_json::Value {
    json!({ "finding": own.id, "about": own.about, "fix": own.fix, "file": own.result.is_ok().then_some(&own.file),
            "refused": own.result.as_ref().err() })
}
