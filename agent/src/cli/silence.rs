//! `hostward alerts silence`: timed requests not to be told.

use super::output::{field, items, table};
use super::{Common, Found, Outcome, daemon, output};
use crate::visible::visible;
use clap::Subcommand;
use serde_json::{Value, json};

/// What `alerts silence` can do.
#[derive(Subcommand)]
pub enum Silence {
    /// Ask not to be told of alerts that match, once or every week at the same time.
    Add {
        /// Conditions on labels that must all hold, such as alertname=DiskFull or mountpoint=~"/srv/.*".
        #[arg(required = true)]
        matchers: Vec<String>,
        /// Why.
        #[arg(long, required = true)]
        comment: String,
        /// For how long, such as 2h.
        #[arg(long, value_name = "SPAN")]
        r#for: Option<String>,
        /// From when, as 2026-11-21T14:00:00Z; now unless given.
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        /// Until when; for one that comes again, when that ends.
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        /// Days on which it comes again, such as mon-fri or sat,sun.
        #[arg(long)]
        days: Option<String>,
        /// Times between which it holds on those days, such as 22:00-06:00.
        #[arg(long, value_name = "HH:MM-HH:MM")]
        between: Option<String>,
        /// Time zone of these, such as Europe/Berlin; the host's own unless given.
        #[arg(long)]
        zone: Option<String>,
    },
    /// List those that hold or will hold, and those that are over.
    List,
    /// End one now.
    Expire {
        /// Its id.
        id: String,
    },
}

/// Lists, adds or ends.
pub fn act(common: &Common, own: &Silence) -> Outcome {
    match own {
        Silence::Add { matchers, comment, r#for, from, until, days, between, zone } => {
            let body = json!({
                "matchers": matchers, "comment": comment, "for": r#for, "from": from, "until": until,
                "days": days, "between": between, "zone": zone,
            });
            let answer = daemon::post(common, "silences", &body)?;
            output::either(common.format, &answer, |own| format!("{}\n", field(own, "id")));
        }
        Silence::List => {
            let all = daemon::get(common, "silences")?;
            let rows: Vec<_> = items(&all, "silences").iter().map(row).collect();
            output::either(common.format, &all, |_| table(&rows));
            if rows.is_empty() {
                output::message("no silences");
            }
        }
        Silence::Expire { id } => {
            let answer = daemon::delete(common, &format!("silences/{}", crate::percent::encode(id)))?;
            output::either(common.format, &answer, |own| format!("{} is over\n", field(own, "id")));
        }
    }
    Ok(Found::Well)
}

fn row(own: &Value) -> Vec<String> {
    let window = &own["window"];
    let days: Vec<_> = items(window, "days").iter().filter_map(Value::as_str).collect();
    let when = match window["zone"].is_null() {
        true => format!("{} to {}", field(window, "from"), field(window, "until")),
        false => format!("{} {} {}", days.join(","), field(window, "between"), field(window, "zone")),
    };
    let matchers: Vec<_> = items(own, "matchers").iter().filter_map(Value::as_str).map(visible).collect();
    let words = ["id", "state"].map(|name| field(own, name)).to_vec();
    [words, vec![when, field(own, "by"), matchers.join(" "), field(own, "comment")]].concat()
}
