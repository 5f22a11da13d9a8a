//! `hostward findings`: what scanners found, taken in and followed.

use super::audit::Strictness;
use super::output::{self, message, table};
use super::{Common, Failure, Found, Outcome};
use crate::clock;
use crate::known::{self, Known};
use crate::look::Look;
use crate::state::Place;
use crate::visible::visible;
use clap::{Args, Subcommand};
use hostward_harden::finding::Severity;
use hostward_harden::finding::state::State;
use hostward_harden::finding::track::{Changes, Tracked, lay_over};
use hostward_harden::scanner::{self, FILE_BYTES_MAX, FORMATS, Format, Report};
use hostward_model::time;
use serde_json::json;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What `findings` can do.
#[derive(Subcommand)]
pub enum Findings {
    /// Take in what scanners wrote: SARIF, bandit, semgrep, Trivy, Grype, npm, pip-audit, ZAP, nuclei, OSV, OpenSCAP, Lynis.
    Import(Import),
    /// Judge this host, or an image of one: what fails becomes a finding, and what holds now closes its finding.
    Audit(Audit),
    /// List what is known, the worst first.
    List(List),
    /// Show one of them.
    Show {
        /// Its id, or the beginning of it.
        id: String,
    },
}

/// What `import` takes.
#[derive(Args)]
pub struct Import {
    /// Files that scanners wrote.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The files' format [default: what they look like].
    #[arg(id = "written_as", long = "as", value_name = "FORMAT", value_parser = format)]
    format: Option<&'static Format>,
    /// These files are all that their scanners see: what is known of them and not in here is closed.
    #[arg(long)]
    complete: bool,
}

/// What `audit` takes.
#[derive(Args)]
pub struct Audit {
    /// Look at the host whose files lie there.
    #[arg(long, value_name = "DIR", default_value = "/", value_parser = super::directory)]
    root: PathBuf,
    /// How strictly.
    #[arg(long, value_enum, default_value_t = Strictness::Moderate)]
    level: Strictness,
}

/// What `list` takes.
#[derive(Args)]
pub struct List {
    /// Only those in this state; can be given again [default: all but closed].
    #[arg(long, value_name = "STATE", value_parser = state)]
    state: Vec<State>,
    /// Only those that are at least so bad.
    #[arg(long, value_parser = severity)]
    severity: Option<Severity>,
}

/// A format by its name.
pub fn format(word: &str) -> Result<&'static Format, String> {
    let known: Vec<_> = FORMATS.iter().map(|format| format.name).collect();
    scanner::find(word).ok_or_else(|| format!("expected one of {}", known.join(", ")))
}

fn state(word: &str) -> Result<State, String> {
    State::ALL
        .into_iter()
        .find(|own| own.as_str() == word)
        .ok_or_else(|| format!("expected one of {}", State::ALL.map(State::as_str).join(", ")))
}

fn severity(word: &str) -> Result<Severity, String> {
    Severity::ALL
        .into_iter()
        .find(|own| own.as_str() == word)
        .ok_or_else(|| format!("expected one of {}", Severity::ALL.map(Severity::as_str).join(", ")))
}

/// Imports, lists or shows.
pub fn act(common: &Common, own: &Findings) -> Outcome {
    match own {
        Findings::Import(own) => import(common, own),
        Findings::Audit(own) => audit(common, own),
        Findings::List(own) => list(common, own),
        Findings::Show { id } => show(common, id),
    }
}

/// The directory that findings are kept in.
pub fn directory(common: &Common) -> Result<PathBuf, Failure> {
    let place =
        Place::choose(common.state_dir.as_deref()).map_err(|error| Failure::Usage(error.to_string()))?;
    Ok(place.dir)
}

/// Reads one file of findings, and no more of it than an import takes.
pub fn report(path: &Path, format: Option<&'static Format>) -> Result<Report, Failure> {
    let failed = |error: std::io::Error| Failure::Usage(format!("{}: {error}", path.display()));
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    let name = path.display().to_string();
    scanner::import(&name, &bytes, format).map_err(|error| Failure::Usage(error.to_string()))
}

/// All files are read before anything is kept.
fn import(common: &Common, own: &Import) -> Outcome {
    let reports = own.files.iter().map(|path| report(path, own.format)).collect::<Result<Vec<_>, _>>()?;
    let failed = |error: std::io::Error| Failure::Failed(error.to_string());
    let mut known = Known::open(&directory(common)?).map_err(failed)?;
    let found: Vec<_> = reports.iter().flat_map(|own| own.findings.clone()).collect();
    let complete = if own.complete { complete(&reports)? } else { Vec::new() };
    let changes = lay_over(&mut known.findings, &found, &complete, clock::now().wall_ms);
    known.keep().map_err(failed)?;
    let value = json!({ "files": own.files.iter().zip(&reports).map(|(path, own)| counts(path, own)).collect::<Vec<_>>(),
                        "changes": changes });
    output::either(common.format, &value, |_| imported(&own.files, &reports, changes));
    Ok(if found.is_empty() { Found::Well } else { Found::Wrong })
}

fn audit(common: &Common, own: &Audit) -> Outcome {
    let look = Look { root: own.root.clone(), level: own.level.into(), ..Look::default() };
    let judged = look.judge().map_err(Failure::Usage)?;
    let changes = judged.keep(&directory(common)?).map_err(|error| Failure::Failed(error.to_string()))?;
    output::either(common.format, &json!({ "changes": changes }), |_| said(changes));
    Ok(if changes.new + changes.known > 0 { Found::Wrong } else { Found::Well })
}

/// The programs of which these are whole scans.
fn complete(reports: &[Report]) -> Result<Vec<&str>, Failure> {
    match reports.iter().find(|own| own.dropped > 0) {
        Some(own) => Err(Failure::Usage(format!(
            "{} results are beyond the bounds, so this is not complete",
            own.dropped
        ))),
        None => Ok(reports.iter().flat_map(|own| &own.tools).map(String::as_str).collect()),
    }
}

fn counts(path: &Path, own: &Report) -> serde_json::Value {
    json!({ "file": path, "format": own.format, "results": own.results, "findings": own.findings.len(),
            "repeated": own.repeated, "suppressed": own.suppressed, "dropped": own.dropped })
}

fn imported(files: &[PathBuf], reports: &[Report], changes: Changes) -> String {
    let head = ["file", "format", "results", "findings", "repeated", "suppressed", "beyond bounds"];
    let row = |(path, own): (&PathBuf, &Report)| {
        let counts = [own.results, own.findings.len(), own.repeated, own.suppressed, own.dropped];
        let words = [visible(&path.display().to_string()), own.format.to_owned()];
        words.into_iter().chain(counts.map(|count| count.to_string())).collect()
    };
    let rows: Vec<Vec<String>> =
        std::iter::once(head.map(str::to_owned).to_vec()).chain(files.iter().zip(reports).map(row)).collect();
    table(&rows) + &said(changes)
}

fn said(Changes { new, known, reopened, closed }: Changes) -> String {
    format!("{new} new, {known} known ({reopened} of them opened again), {closed} closed\n")
}

fn list(common: &Common, own: &List) -> Outcome {
    let all = known::read(&directory(common)?).map_err(|error| Failure::Failed(error.to_string()))?;
    let fits = |tracked: &&Tracked| {
        let asked = if own.state.is_empty() {
            tracked.state != State::Closed
        } else {
            own.state.contains(&tracked.state)
        };
        asked && tracked.finding.severity >= own.severity
    };
    let mut listed: Vec<&Tracked> = all.values().filter(fits).collect();
    listed.sort_by_key(|own| (std::cmp::Reverse(own.finding.severity), own.finding.location.to_string()));
    output::either(common.format, &json!({ "findings": listed }), |_| {
        table(&listed.iter().map(|own| row(own)).collect::<Vec<_>>())
    });
    if listed.is_empty() {
        message("nothing is known that fits; hostward findings import FILE takes in what a scanner wrote");
    }
    Ok(if listed.is_empty() { Found::Well } else { Found::Wrong })
}

fn row(own: &Tracked) -> Vec<String> {
    let finding = &own.finding;
    let severity = finding.severity.map_or("-", Severity::as_str);
    let words = [finding.id.as_str(), severity, own.state.as_str(), finding.kind.as_str(), &finding.tool];
    words
        .map(str::to_owned)
        .into_iter()
        .chain([finding.location.to_string(), finding.title.clone()])
        .collect()
}

/// The finding whose id begins so.
pub fn find(common: &Common, id: &str) -> Result<Option<Tracked>, Failure> {
    let all = known::read(&directory(common)?).map_err(|error| Failure::Failed(error.to_string()))?;
    let mut fitting = all.into_values().filter(|own| own.finding.id.starts_with(id));
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => Ok(Some(one)),
        (Some(_), Some(_)) => {
            Err(Failure::Usage(format!("several findings begin with {id}; type more of the id")))
        }
        _ => Ok(None),
    }
}

fn show(common: &Common, id: &str) -> Outcome {
    let own = find(common, id)?
        .ok_or_else(|| Failure::Usage(format!("no finding is called {id}; see hostward findings list")))?;
    output::either(common.format, &json!(own), |_| text(&own));
    Ok(if own.state == State::Closed { Found::Well } else { Found::Wrong })
}

fn text(own: &Tracked) -> String {
    let finding = &own.finding;
    let cwe: Vec<_> = finding.cwe.iter().map(|number| format!("CWE-{number}")).collect();
    let rows = [
        ("id", finding.id.clone()),
        ("title", finding.title.clone()),
        ("severity", finding.severity.map_or("not said", Severity::as_str).to_owned()),
        ("kind", format!("{} {}", finding.kind.as_str(), cwe.join(" "))),
        ("found by", format!("{}, {}", finding.tool, finding.rule)),
        ("where", finding.location.to_string()),
        ("state", format!("{}, opened again {} times", own.state.as_str(), own.reopened)),
        ("seen", format!("{} to {}", time::rfc3339(own.first_ms), time::rfc3339(own.last_ms))),
        ("read on", finding.references.join(" ")),
    ];
    let head = table(&rows.map(|(name, text)| vec![name.to_owned(), text.trim().to_owned()]));
    let parts = [("Evidence", &finding.evidence), ("Advice", &finding.advice)];
    let parts = parts.iter().filter(|(_, text)| !text.is_empty());
    let notes = own
        .notes
        .iter()
        .map(|own| vec![time::rfc3339(own.at_ms), own.state.as_str().to_owned(), own.saw.clone()]);
    let notes = format!("\nWhat became of it\n{}", table(&notes.collect::<Vec<_>>()));
    head + &notes + &parts.map(|(name, text)| format!("\n{name}\n{text}\n")).collect::<String>()
}
