//! `hostward` without arguments: what to do next.

use super::{Common, Found, Outcome, daemon, output, status};

const NEXT_RUNNING: &str = "\nnext:\n\
    \x20 hostward alerts list        what is wrong now\n\
    \x20 hostward outbox list        scripts that wait for you\n\
    \x20 hostward query 'node_load1' --range 10m\n\
    \x20 hostward doctor             what cannot be seen, and what to type\n";

const NEXT_IDLE: &str = "no hostward runs here.\n\nnext:\n\
    \x20 hostward run                start watching this host; Ctrl-C ends it\n\
    \x20 hostward metrics            one look at this host\n\
    \x20 hostward doctor             what could not be seen, and what to type\n\
    \x20 hostward check-config --reference   everything that can be set\n\
    \x20 hostward --help\n";

/// Shows how it is if a daemon runs, and what can be typed.
pub fn show(common: &Common) -> Outcome {
    if daemon::get(common, "status").is_err() {
        output::data(NEXT_IDLE);
        return Ok(Found::Well);
    }
    let found = status::act(common)?;
    output::data(NEXT_RUNNING);
    Ok(found)
}
