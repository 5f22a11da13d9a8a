//! `hostward audit`: how hardened this host is, or an image of one.

mod look;
mod text;

use super::{Common, Failure, Format, Found, Outcome, output};
use crate::auditing::{self, Ran};
use crate::clock;
use clap::{Args, ValueEnum};
use hostward_harden::audit::{Change, Drift, Record, html, junit, oscal, sarif};
use hostward_harden::check::{Level, Severity, Verdict};
use hostward_probes::facts::Walk;
pub use look::named;
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};

/// A larger file is no audit of ours.
const OLD_BYTES_MAX: u64 = 64 << 20;

/// What `audit` takes.
#[derive(Args)]
#[command(
    after_help = "Formats beside text and json: sarif (SARIF 2.1.0), oscal (assessment results), junit (XML), html (a page with pictures)."
)]
pub struct Audit {
    /// Look at the host whose files lie there.
    #[arg(long, value_name = "DIR", default_value = "/", value_parser = super::directory)]
    root: PathBuf,
    /// How strictly [default: as the profile says, else moderate].
    #[arg(long, value_enum)]
    level: Option<Strictness>,
    /// What the host is for, as `harden targets` lists it [default: as /etc/hostward/tailoring.toml says].
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Ask for what this framework asks for beyond the level, and show its score only; can be given again [default: those of
    /// the profile, else all scores, by the level].
    #[arg(long, value_name = "NAME")]
    framework: Vec<String>,
    /// What the host serves, as web-server or router: checks that forbid it do not apply; can be given again.
    #[arg(long, value_name = "PURPOSE")]
    declare: Vec<String>,
    /// Judge by checks of this area or id only; can be given again [default: all].
    #[arg(long, value_name = "ID")]
    check: Vec<String>,
    /// Failures that somebody answers for [default: /etc/hostward/waivers.toml, if it is there].
    #[arg(long, value_name = "FILE")]
    waivers: Option<PathBuf>,
    /// Show what passes, does not apply or was not selected, too.
    #[arg(long)]
    all: bool,
    /// Exit with 1 only for failures that matter at least so much.
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Low)]
    fail_on: FailOn,
    /// Show what has changed since this audit, as --format json wrote it; exit with 1 only for what got worse.
    #[arg(long, value_name = "OLD.json")]
    diff: Option<PathBuf>,
    /// Do not walk over the file system: what only that can tell is an error.
    #[arg(long)]
    no_walk: bool,
    /// Take more time and less of the processor.
    #[arg(long, conflicts_with = "no_walk")]
    gentle: bool,
    /// Keep what was found in this state directory and print a summary: the daemon's child.
    #[arg(long, value_name = "DIR", hide = true)]
    keep: Option<PathBuf>,
    /// Keep failed checks as findings, too.
    #[arg(long, hide = true, requires = "keep")]
    findings: bool,
}

/// A level on the command line.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Strictness {
    /// What hardly ever breaks anything.
    Basic,
    /// What a server should have.
    Moderate,
    /// What costs comfort.
    Strict,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Any failure.
    Low,
    /// What makes an attack easier, or harder to find out about.
    Medium,
    /// What lets somebody in, or lets them become root.
    High,
    /// None: only the record counts.
    Never,
}

impl From<Strictness> for Level {
    fn from(own: Strictness) -> Level {
        match own {
            Strictness::Basic => Level::Basic,
            Strictness::Moderate => Level::Moderate,
            Strictness::Strict => Level::Strict,
        }
    }
}

impl FailOn {
    fn counts(self, severity: Severity) -> bool {
        match self {
            FailOn::Low => true,
            FailOn::Medium => severity >= Severity::Medium,
            FailOn::High => severity >= Severity::High,
            FailOn::Never => false,
        }
    }
}

impl Audit {
    fn walk(&self) -> Walk {
        match (self.no_walk, self.gentle) {
            (true, _) => Walk::Never,
            (_, true) => Walk::Gentle,
            _ => Walk::Quick,
        }
    }
}

/// Judges the host; exits with 1 when a check fails that counts.
pub fn act(common: &Common, own: &Audit) -> Outcome {
    let old = own.diff.as_deref().map(read).transpose()?;
    let begun = clock::read();
    let record = look::record(own)?;
    if let Some(dir) = &own.keep {
        return keep(own, record, begun, dir);
    }
    let drift = old.map(|old| Drift::between(&old, &record));
    write(common.format, own, &record, drift.as_ref());
    let failed = match &drift {
        Some(drift) => drift.worse.iter().any(|change| is_failure(change, own.fail_on)),
        None => record.of(Verdict::Fail).iter().any(|check| own.fail_on.counts(check.severity)),
    };
    Ok(if failed { Found::Wrong } else { Found::Well })
}

/// What the daemon's child does; failed checks are no failure of it.
fn keep(own: &Audit, record: Record, begun: clock::Reading, dir: &Path) -> Outcome {
    let at = clock::read();
    let ran = Ran { at_ms: at.now().wall_ms, seconds: (at.mono_us - begun.mono_us) as f64 / 1e6 };
    let kept = auditing::keep(record, &own.root, dir, ran, own.findings);
    let summary = kept.map_err(|error| Failure::Failed(format!("{}: {error}", dir.display())))?;
    output::data(&json(&summary));
    Ok(Found::Well)
}

fn is_failure(own: &Change, fail_on: FailOn) -> bool {
    own.now == Some(Verdict::Fail) && fail_on.counts(own.severity)
}

fn write(format: Format, own: &Audit, record: &Record, drift: Option<&Drift>) {
    let text = match (format, drift) {
        (Format::Text, None) => text::record(record, own.all),
        (Format::Text, Some(drift)) => text::drift(drift),
        (Format::Json, None) => json(record),
        (Format::Json, Some(drift)) => json(drift),
        (Format::Sarif, _) => sarif(record),
        (Format::Oscal, _) => oscal(record),
        (Format::Junit, _) => junit(record),
        (Format::Html, drift) => html(record, drift),
    };
    output::data(&text);
}

/// All keys and values are text and numbers, so this cannot fail.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

fn read(path: &Path) -> Result<Record, Failure> {
    let failed = |why: String| Failure::Usage(format!("{}: {why}", path.display()));
    let length = fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    if length > OLD_BYTES_MAX {
        return Err(failed(format!("larger than {OLD_BYTES_MAX} bytes")));
    }
    let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    serde_json::from_str(&text)
        .map_err(|error| failed(format!("{error}; hostward audit --format json writes such files")))
}
