//! PostgreSQL: a drop-in for each cluster, without what somebody set for it.

use crate::config::draft::{Draft, Given};
use crate::config::host::is_written;
use hostward_model::Fact;

const DIRECTORY: &str = "/etc/postgresql/";
const END: &str = "/postgresql.conf";
/// What Debian's own file says.
const PREFIX: &str = "%m [%p] %q%u@%d";

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    let paths = draft.host.texts.keys().filter(|path| path.ends_with(END));
    let clusters: Vec<String> = paths.map(|path| path.trim_end_matches(END).to_owned()).collect();
    let Some(first) = clusters.first() else { return Err("there is no cluster".to_owned()) };
    let reads = |own: &String| {
        let text = &draft.host.texts[&format!("{own}{END}")].text;
        text.lines().any(|line| line.trim_start().starts_with("include_dir") && line.contains("conf.d"))
    };
    if let Some(other) = clusters.iter().find(|own| !reads(own)) {
        return Err(format!("{other}{END} does not include its conf.d"));
    }
    let wanted =
        ["log_line_prefix", "password_encryption"].map(|name| (name, draft.value(name).map(str::to_owned)));
    // The first comes last: what it is given is what the main part is filled with.
    for own in clusters.iter().rev() {
        for (name, value) in wanted.iter().filter_map(|(name, value)| Some((name, value.clone()?))) {
            draft.give(name, Given::One(value));
        }
        settled(draft, own.trim_start_matches(DIRECTORY));
        let path = format!("{own}/conf.d/zz-hostward.conf");
        if own == first {
            draft.path = path;
        } else {
            let body = draft.part("main")?;
            draft.file(&path, body, draft.front.mode());
        }
    }
    Ok(())
}

/// What is particular to a cluster: its log, and what somebody set.
fn settled(draft: &mut Draft<'_>, cluster: &str) {
    let name = draft.parameter("log_filename").map(str::to_owned);
    let name = name.unwrap_or_else(|| format!("postgresql-{}-%a.log", cluster.replace('/', "-")));
    draft.give("log_filename", Given::One(name));
    let own = |key: &str| theirs(draft, cluster, key);
    let log = own("log_directory").or_else(|| own("log_filename"));
    let prefix = own("log_line_prefix").filter(|fact| fact.value.trim() != PREFIX);
    let hash = own("password_encryption").filter(|fact| fact.value != "scram-sha-256");
    let kept = [
        (log, "log_filename", "its log goes where it is looked for"),
        (prefix, "log_line_prefix", "something may read the log by it"),
        (hash, "password_encryption", "clients may know nothing else"),
    ];
    for (fact, name, why) in kept {
        let Some(fact) = fact else { continue };
        draft.keep(
            format!("{cluster}: {} {}", fact.key, fact.value),
            format!("{} says so: {why}", fact.origin),
        );
        draft.leave_out(name);
    }
}

fn theirs<'h>(draft: &Draft<'h>, cluster: &str, key: &str) -> Option<&'h Fact> {
    let mut all = draft.host.area("postgresql").iter();
    all.find(|fact| fact.scope == cluster && fact.key == key && is_written(&fact.origin))
}
