//! `hostward events`: what happens, as it is noted in the audit log.

use super::output::{field, items, table};
use super::{Common, Format, Found, Outcome, daemon, output};
use clap::Args;
use serde_json::Value;

/// What `events` takes.
#[derive(Args)]
pub struct Events {
    /// Go on until you are told to stop.
    #[arg(long)]
    follow: bool,
    /// Begin after the event of this number [default: show the last 100].
    #[arg(long, value_name = "NUMBER")]
    after: Option<u64>,
}

/// Shows them; as JSON, one on each line.
pub fn act(common: &Common, own: &Events) -> Outcome {
    let first = own.after.map_or("events".to_owned(), |number| format!("events?after={number}"));
    let mut answer = daemon::get(common, &first)?;
    loop {
        shown(common, &answer);
        if !own.follow {
            return Ok(Found::Well);
        }
        answer = daemon::get(common, &format!("events?wait=20&after={}", field(&answer, "last")))?;
    }
}

fn shown(common: &Common, answer: &Value) {
    let events = items(answer, "events");
    let text = match common.format {
        Format::Text => {
            let words = ["at", "what", "object", "said"];
            table(&events.iter().map(|own| words.map(|name| field(own, name)).to_vec()).collect::<Vec<_>>())
        }
        _ => events.iter().map(|own| format!("{own}\n")).collect::<String>(),
    };
    output::data(&text);
}
