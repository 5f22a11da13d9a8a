//! The command line: a file or a folder for each verb.
//!
//! Data goes to stdout, messages to stderr. Exit codes: 0 all is well, 1 something is wrong with the host,
//! 2 used wrongly, 3 hostward itself failed.

mod alerts;
mod apply;
mod audit;
mod audit_log;
mod backtest;
mod baseline;
mod chart;
mod check_config;
mod daemon;
mod detect;
mod detectors;
mod doctor;
mod events;
mod explain;
mod findings;
mod harden;
mod metric;
mod metrics;
mod outbox;
mod output;
mod plugin;
mod plugin_host;
mod probes;
mod profile;
mod query;
mod remediate;
mod rules;
mod run;
mod silence;
mod status;
mod survey;
mod verify;
mod welcome;
mod workflow;

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

/// Watches this host, judges what it sees, proposes what to do, and tells.
#[derive(Parser)]
#[command(name = "hostward", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    verb: Option<Verb>,
}

const EXIT_CODES: &str = "Exit codes: 0 all is well, 1 something is wrong with the host, 2 used wrongly, 3 hostward itself failed.";

/// What every verb takes.
#[derive(Args, Clone)]
struct Common {
    /// How data is written.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The configuration file; conf.d/*.toml beside it is read, too [default: /etc/hostward/hostward.toml].
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The state directory [default: /var/lib/hostward for root, else ~/.local/state/hostward].
    #[arg(long, global = true, value_name = "DIR")]
    state_dir: Option<PathBuf>,
    /// The daemon's unix socket.
    #[arg(long, global = true, value_name = "PATH")]
    socket: Option<PathBuf>,
}

/// How data is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people; rows of a series as CSV, which csv asks for, too.
    #[value(alias = "csv")]
    Text,
    /// For programs.
    Json,
    // These are of audits alone, whose help has them.
    /// SARIF 2.1.0, of an audit.
    #[value(hide = true)]
    Sarif,
    /// OSCAL assessment results, of an audit.
    #[value(hide = true)]
    Oscal,
    /// JUnit XML, of an audit.
    #[value(hide = true)]
    Junit,
    /// A page with pictures, of an audit.
    #[value(hide = true)]
    Html,
}

impl Format {
    /// Whether only an audit can be written so.
    fn is_of_audits(self) -> bool {
        !matches!(self, Format::Text | Format::Json)
    }
}

#[derive(Subcommand)]
enum Verb {
    /// Run the daemon in the foreground.
    Run(run::Run),
    /// Check the configuration and the rules.
    CheckConfig(check_config::CheckConfig),
    /// Show how the daemon and the host are.
    Status,
    /// Sample this host twice and print the metrics; no daemon is needed.
    Metrics(metrics::Metrics),
    /// List the probes, or show one.
    #[command(subcommand)]
    Probes(probes::Probes),
    /// Evaluate a PromQL expression over what the daemon remembers.
    Query(query::Query),
    /// List alerts, show one, say that you have seen it, silence some, see who was told.
    #[command(subcommand)]
    Alerts(alerts::Alerts),
    /// Show what is usual for a series, accept it as it is, or have it learnt anew.
    #[command(subcommand)]
    Baseline(baseline::Baseline),
    /// Say what is unusual, since when, together with what, and what came first.
    Explain(explain::Explain),
    /// List the scripts that wait for you, show one, say what it would change, approve or reject it.
    #[command(subcommand)]
    Outbox(outbox::Outbox),
    /// Apply an approved script, as root: rehearse, change, verify, and undo unless it is confirmed.
    Apply(apply::Apply),
    /// Let what was applied stand.
    Confirm(apply::Confirm),
    /// Undo what was applied.
    Rollback(apply::Rollback),
    /// Say what answers on this host; hostward-ports.service does.
    #[command(hide = true)]
    Ports,
    /// Say what is unusual in series that lie in files; no daemon is needed.
    Detect(detect::Detect),
    /// Keep detectors with a name: train them on one file, run them on others.
    #[command(subcommand)]
    Detectors(detectors::Detectors),
    /// Say what a series is like: its sampling, spread, trend, seasons and quality.
    Profile(profile::Profile),
    /// Judge how hardened this host, or an image of one, is; no daemon is needed.
    Audit(audit::Audit),
    /// List the plugins, try one out, or write a new one.
    #[command(subcommand)]
    Plugin(plugin::Plugin),
    /// Take in what scanners found, list it, or show one of it; no daemon is needed.
    #[command(subcommand)]
    Findings(findings::Findings),
    /// Write scripts that mend what was found; no daemon is needed.
    Remediate(remediate::Remediate),
    /// Render hardened configurations for this host, or an image of one; no daemon is needed.
    #[command(subcommand)]
    Harden(harden::Harden),
    /// Start, follow and end workflows: from what is wrong to what is known to be well again, in steps.
    #[command(subcommand)]
    Workflow(workflow::Workflow),
    /// Show what happens: alerts, scripts, steps of workflows.
    Events(events::Events),
    /// Show who changed what, or whether that record is as it was written.
    #[command(subcommand)]
    AuditLog(audit_log::AuditLog),
    /// List the rules, or run their unit tests.
    #[command(subcommand)]
    Rules(rules::Rules),
    /// Say what hostward cannot see or do here, why, and what to type.
    Doctor(doctor::Doctor),
}

/// What a verb found out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    /// Nothing to complain of.
    Well,
    /// Something is wrong with the host.
    Wrong,
}

/// Why a verb could not do its work.
enum Failure {
    /// Used wrongly.
    Usage(String),
    /// hostward failed.
    Failed(String),
}

type Outcome = Result<Found, Failure>;

/// A directory on the command line; one that is not there would look like a host without anything.
fn directory(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if path.is_dir() { Ok(path) } else { Err("no such directory".to_owned()) }
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    if let Some(code) = plugin_host::divert() {
        return code;
    }
    let cli = Cli::parse();
    let outcome = match cli.verb {
        verb if cli.common.format.is_of_audits() && !matches!(verb, Some(Verb::Audit(_))) => {
            Err(Failure::Usage("only hostward audit has this format; others have text and json".to_owned()))
        }
        Some(verb) => act(&cli.common, verb),
        None => welcome::show(&cli.common),
    };
    match outcome {
        Ok(Found::Well) => ExitCode::SUCCESS,
        Ok(Found::Wrong) => ExitCode::from(1),
        Err(Failure::Usage(message)) => fail(&message, 2),
        Err(Failure::Failed(message)) => fail(&message, 3),
    }
}

fn act(common: &Common, verb: Verb) -> Outcome {
    match verb {
        Verb::Run(run) => run::act(common, run),
        Verb::CheckConfig(check) => check_config::act(common, &check),
        Verb::Status => status::act(common),
        Verb::Metrics(metrics) => metrics::act(common, &metrics),
        Verb::Probes(probes) => probes::act(common, &probes),
        Verb::Query(query) => query::act(common, &query),
        Verb::Alerts(alerts) => alerts::act(common, &alerts),
        Verb::Baseline(baseline) => baseline::act(common, &baseline),
        Verb::Explain(explain) => explain::act(common, &explain),
        Verb::Outbox(outbox) => outbox::act(common, &outbox),
        Verb::Apply(own) => apply::apply(common, &own),
        Verb::Confirm(own) => apply::confirm(common, &own),
        Verb::Rollback(own) => apply::rollback(common, &own),
        Verb::Ports => apply::ports(),
        Verb::Detect(detect) => detect::act(common, &detect),
        Verb::Detectors(detectors) => detectors::act(common, &detectors),
        Verb::Profile(profile) => profile::act(common, &profile),
        Verb::Audit(audit) => audit::act(common, &audit),
        Verb::Plugin(plugin) => plugin::act(common, &plugin),
        Verb::Findings(findings) => findings::act(common, &findings),
        Verb::Remediate(remediate) => remediate::act(common, &remediate),
        Verb::Harden(harden) => harden::act(common, &harden),
        Verb::Workflow(own) => workflow::act(common, &own),
        Verb::Events(own) => events::act(common, &own),
        Verb::AuditLog(own) => audit_log::act(common, &own),
        Verb::Rules(rules) => rules::act(common, &rules),
        Verb::Doctor(doctor) => doctor::act(common, &doctor),
    }
}

fn fail(message: &str, code: u8) -> ExitCode {
    output::message(&format!("hostward: {message}"));
    ExitCode::from(code)
}
