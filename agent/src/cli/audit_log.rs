//! `hostward audit-log`: what happened to alerts, and who changed what.

use super::output::{field, items, table};
use super::{Common, Found, Outcome, daemon, output};
use clap::Subcommand;
use serde_json::Value;

/// What `audit-log` can do.
#[derive(Subcommand)]
pub enum AuditLog {
    /// List the last entries, the newest first.
    List,
    /// Follow the chain of hashes through all entries, and print the last one.
    Verify,
}

/// Lists or verifies.
pub fn act(common: &Common, own: &AuditLog) -> Outcome {
    match own {
        AuditLog::List => {
            let all = daemon::get(common, "audit-log")?;
            let words = ["at", "by", "verb", "object", "reason"];
            let row = |own: &Value| words.map(|name| field(own, name)).to_vec();
            let rows: Vec<_> = items(&all, "entries").iter().map(row).collect();
            output::either(common.format, &all, |_| table(&rows));
            Ok(Found::Well)
        }
        AuditLog::Verify => {
            let chain = daemon::get(common, "audit-log/verify")?;
            output::either(common.format, &chain, shown);
            Ok(if items(&chain, "broken").is_empty() { Found::Well } else { Found::Wrong })
        }
    }
}

fn shown(chain: &Value) -> String {
    let words = [("linked", "linked"), ("unlinked", "of before there was a chain"), ("head", "head")];
    let mut rows: Vec<_> =
        words.iter().map(|(name, shown)| vec![(*shown).to_owned(), field(chain, name)]).collect();
    for broken in items(chain, "broken") {
        rows.push(vec!["broken".to_owned(), format!("{}: {}", field(broken, "at"), field(broken, "what"))]);
    }
    table(&rows)
}
