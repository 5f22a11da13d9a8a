//! `hostward outbox`: scripts that wait for a person.

use super::output::{field, items, table};
use super::{Common, Failure, Found, Outcome, daemon, output, verify};
use crate::apply::{self, Mode, Ran};
use crate::outbox::{Kind, Stage, sha256};
use crate::percent::encode;
use clap::Subcommand;
use hostward_model::time;
use serde_json::{Value, json};
use std::fs::Permissions;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};

/// What `outbox` can do.
#[derive(Subcommand)]
pub enum Outbox {
    /// List the scripts, newest first.
    List,
    /// Print a script.
    Show {
        /// Its id.
        id: String,
    },
    /// Run a script with --dry-run, as you: it says what it would change, and changes nothing.
    Diff {
        /// Its id.
        id: String,
    },
    /// Say that a script may be applied, as it is and for what it would change now.
    Approve {
        /// Its id.
        id: String,
        /// Why, for the audit log.
        #[arg(long, default_value = "")]
        comment: String,
    },
    /// Look afresh whether what a script was to mend is mended: nothing else verifies it.
    Verify {
        /// Its id.
        id: String,
    },
    /// Say that a script is not to be applied.
    Reject {
        /// Its id.
        id: String,
        /// Why, for the audit log.
        #[arg(long, default_value = "")]
        comment: String,
    },
}

/// Lists or shows.
pub fn act(common: &Common, own: &Outbox) -> Outcome {
    match own {
        Outbox::List => {
            let outbox = daemon::get(common, "outbox")?;
            output::either(common.format, &outbox, list);
            if items(&outbox, "artifacts").is_empty() {
                output::message("the outbox is empty");
            }
        }
        Outbox::Show { id } => {
            let artifact = daemon::get(common, &format!("outbox/{}", encode(id)))?;
            output::either(common.format, &artifact, |own| own["script"].as_str().unwrap_or("").to_owned());
            output::message(&format!("from {}\n{}", field(&artifact, "path"), course(&artifact["artifact"])));
        }
        Outbox::Diff { id } => {
            let ran = rehearse(&found(common, id)?)?;
            let value = json!({ "code": ran.code, "stdout": ran.stdout, "stderr": ran.stderr });
            output::either(common.format, &value, |_| ran.stdout.clone());
            ran.good("--dry-run").map_err(Failure::Usage)?;
        }
        Outbox::Verify { id } => return verify::act(common, id),
        Outbox::Approve { id, comment } => approve(common, id, comment)?,
        Outbox::Reject { id, comment } => reject(common, id, comment)?,
    }
    Ok(Found::Well)
}

/// What was seen before, and each step since.
fn course(artifact: &Value) -> String {
    let before = vec![field(artifact, "created"), "proposed".to_owned(), field(artifact, "before")];
    let row = |own: &Value| {
        let at = time::rfc3339(own["at_ms"].as_i64().unwrap_or(0));
        vec![at, field(own, "stage"), format!("{}: {}", field(own, "by"), field(own, "comment"))]
    };
    let rows: Vec<_> = std::iter::once(before).chain(items(artifact, "steps").iter().map(row)).collect();
    table(&rows).trim_end().to_owned()
}

/// A script with its description.
pub fn found(common: &Common, id: &str) -> Result<Value, Failure> {
    daemon::get(common, &format!("outbox/{}", encode(id)))
}

/// Whoever approves has seen what would change, and nothing else is applied.
pub fn approve(common: &Common, id: &str, comment: &str) -> Result<(), Failure> {
    let found = found(common, id)?;
    if found["artifact"]["kind"] == json!(Kind::Diagnostic) {
        return Err(Failure::Usage(format!("{id} changes nothing; read it and run it yourself")));
    }
    let ran = rehearse(&found)?;
    ran.good("--dry-run").map_err(Failure::Usage)?;
    output::message(ran.stdout.trim_end());
    let diff = sha256(ran.stdout.as_bytes());
    step(common, &found, json!({ "stage": Stage::Approved, "comment": comment, "diffSha256": diff }))
}

/// Says that a script is not to be applied.
pub fn reject(common: &Common, id: &str, comment: &str) -> Result<(), Failure> {
    step(common, &found(common, id)?, json!({ "stage": Stage::Rejected, "comment": comment }))
}

fn step(common: &Common, found: &Value, mut step: Value) -> Result<(), Failure> {
    let artifact = &found["artifact"];
    step["sha256"] = artifact["sha256"].clone();
    let answer = daemon::post(common, &format!("outbox/{}/step", field(artifact, "id")), &step)?;
    output::either(common.format, &answer, |answer| {
        format!("{} is {}\n", field(&answer["artifact"], "id"), field(&answer["artifact"], "state"))
    });
    Ok(())
}

/// Runs a copy that only the caller can write.
fn rehearse(found: &Value) -> Result<Ran, Failure> {
    let failed = |error: std::io::Error| Failure::Failed(error.to_string());
    let id = field(&found["artifact"], "id");
    let dir = std::env::temp_dir().join(format!("hostward-{}-{id}", std::process::id()));
    std::fs::DirBuilder::new().mode(0o700).create(&dir).map_err(failed)?;
    let script = dir.join("script");
    let text = found["script"].as_str().unwrap_or_default();
    let written = std::fs::write(&script, text)
        .and_then(|()| std::fs::set_permissions(&script, Permissions::from_mode(0o700)));
    let ran = written.and_then(|()| apply::run(&script, Mode::DryRun, &dir.join("undo")));
    std::fs::remove_dir_all(&dir).map_err(failed)?;
    ran.map_err(failed)
}

fn list(outbox: &Value) -> String {
    let columns = ["id", "state", "playbook", "alert_name", "created"];
    let row = |own: &Value| columns.iter().map(|name| field(own, name)).collect();
    table(&items(outbox, "artifacts").iter().map(row).collect::<Vec<_>>())
}
