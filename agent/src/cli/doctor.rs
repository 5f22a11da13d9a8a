//! `hostward doctor`: what hostward cannot see or do here, why, and what to type.

use super::output::{field, items, table};
use super::{Common, Format, Found, Outcome, daemon, output, survey};
use crate::config::Address;
use crate::run::{Options, Taken, take};
use crate::state::Place;
use crate::visible::visible;
use clap::Args;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

/// What `doctor` takes.
#[derive(Args)]
pub struct Doctor {
    /// Look at the host whose files lie there.
    #[arg(long, value_name = "DIR", default_value = "/", value_parser = super::directory)]
    root: PathBuf,
}

/// One thing that was looked at.
struct Finding {
    what: String,
    /// What is wrong; nothing when all is well.
    trouble: Option<String>,
    /// What to type, or what was found.
    advice: String,
}

/// Looks at everything and exits with 1 if something should be done.
pub fn act(common: &Common, own: &Doctor) -> Outcome {
    let running = daemon::get(common, "status").ok();
    let file = common.config.clone().or_else(|| running.as_ref().and_then(main_file));
    let options = Options { config: file, root: own.root.clone(), ..Options::default() };
    let taken = take(&options);
    let mut findings = vec![config(&taken), state_dir(common), socket(common, running.as_ref())];
    findings.extend(taken.as_ref().ok().map(|taken| listener(taken, running.as_ref())));
    findings.extend(unseen(common, &own.root, running.is_some())?);
    show(common.format, &findings);
    Ok(if findings.iter().any(|finding| finding.trouble.is_some()) { Found::Wrong } else { Found::Well })
}

/// The file that the daemon was started with; the one that hostward takes by itself is none to name.
fn main_file(status: &Value) -> Option<PathBuf> {
    let file = items(status, "config").first()?.as_str()?;
    Path::new(file).is_file().then(|| PathBuf::from(file))
}

fn config(taken: &Result<Taken, String>) -> Finding {
    let what = "config".to_owned();
    match taken {
        Ok(taken) if taken.complaints.is_empty() => {
            let advice = format!("{} files, {} rules", taken.files.len(), taken.rules.rules().count());
            Finding { what, trouble: None, advice }
        }
        Ok(taken) => Finding {
            what,
            trouble: Some(taken.complaints.join("; ")),
            advice: "correct the rule".to_owned(),
        },
        Err(error) => Finding { what, trouble: Some(error.clone()), advice: "correct the file".to_owned() },
    }
}

fn state_dir(common: &Common) -> Finding {
    let what = "state directory".to_owned();
    let place = match Place::choose(common.state_dir.as_deref()) {
        Ok(place) => place,
        Err(error) => return Finding { what, trouble: Some(error.to_string()), advice: String::new() },
    };
    let there = place.dir.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"));
    let writable = nix::unistd::access(there, nix::unistd::AccessFlags::W_OK);
    let shown = place.dir.display().to_string();
    match writable {
        Ok(()) => Finding { what, trouble: None, advice: shown },
        Err(error) => {
            let advice = "use sudo, or another directory with --state-dir DIR".to_owned();
            Finding { what, trouble: Some(format!("{shown}: {}", error.desc())), advice }
        }
    }
}

fn socket(common: &Common, running: Option<&Value>) -> Finding {
    let what = "daemon".to_owned();
    let path = daemon::socket(common).map_or_else(|_| String::new(), |path| path.display().to_string());
    match running {
        Some(status) => {
            Finding { what, trouble: None, advice: format!("pid {} answers at {path}", status["pid"]) }
        }
        None => {
            let advice = "systemctl start hostward   (or, by hand: hostward run)".to_owned();
            Finding { what, trouble: Some(format!("nobody answers at {path}")), advice }
        }
    }
}

/// Whether the address is free, unless it is the daemon itself that has it.
fn listener(taken: &Taken, running: Option<&Value>) -> Finding {
    let what = "metrics".to_owned();
    if let Some(status) = running {
        return Finding { what, trouble: None, advice: field(status, "metrics") };
    }
    let advice = "set [listen] metrics to another address, or use --listen".to_owned();
    let trouble = |address: &Address| match address {
        Address::Tcp(address) => TcpListener::bind(address).err().map(|error| format!("{address}: {error}")),
        Address::Unix(_) => None,
    };
    match taken.config.listen.metrics.iter().find_map(trouble) {
        Some(trouble) => Finding { what, trouble: Some(trouble), advice },
        None => {
            let all: Vec<_> = taken.config.listen.metrics.iter().map(ToString::to_string).collect();
            Finding { what, trouble: None, advice: format!("{} is free", all.join(", ")) }
        }
    }
}

/// What the daemon cannot see, for it runs as another user; without one, what we cannot.
fn unseen(common: &Common, root: &Path, running: bool) -> Result<Vec<Finding>, super::Failure> {
    if running {
        let probes = daemon::get(common, "probes")?;
        let all = items(&probes, "probes").iter();
        let each = |own: &Value| -> Vec<Finding> {
            let probe = field(own, "probe");
            let parts = items(own, "unseen").iter();
            parts
                .map(|own| gap(&probe, &field(own, "what"), &field(own, "reason"), &field(own, "grant")))
                .collect()
        };
        return Ok(all.flat_map(each).collect());
    }
    let report = survey::look(common, root, None, 1, |_| {})?;
    Ok(report.unseen().map(|(probe, (what, reason, grant))| gap(probe, what, reason, grant)).collect())
}

/// A kernel or host without a feature is as it is; everything else is worth a complaint.
fn gap(probe: &str, what: &str, reason: &str, grant: &str) -> Finding {
    let told = visible(&format!("{what}: {reason}"));
    let fine = reason == "missing";
    Finding {
        what: format!("probe {probe}"),
        trouble: (!fine).then(|| told.clone()),
        advice: if fine { told } else { visible(grant) },
    }
}

fn show(format: Format, findings: &[Finding]) {
    let one = |own: &Finding| json!({ "what": own.what, "trouble": own.trouble, "advice": own.advice });
    let value = json!({ "findings": findings.iter().map(one).collect::<Vec<_>>() });
    output::either(format, &value, |_| {
        let row = |own: &Finding| {
            let mark = if own.trouble.is_some() { "!!" } else { "ok" };
            let parts = [own.trouble.as_deref().unwrap_or(""), &own.advice];
            let text = parts
                .iter()
                .filter(|part| !part.is_empty())
                .copied()
                .collect::<Vec<_>>()
                .join("\n    type: ");
            vec![mark.to_owned(), own.what.clone(), text]
        };
        table(&findings.iter().map(row).collect::<Vec<_>>())
    });
}
