//! `cargo xtask remedy-e2e`: each fix that changes something, in each language, in a booted Debian that was broken for it.
//! A rehearsal changes nothing, applying mends, a second time changes nothing, services and logins go on, and the way back
//! leaves nothing behind.

mod auto;
mod cases;
mod tongue;
mod trial;

use crate::boot::{Host, alone, layers};
use crate::live::agent;
use crate::options::Options;
use crate::{Outcome, content, table};
use cases::{CASES, Case, NOT_HERE};
use hostward_harden::fix::Fix;
use std::path::{Path, PathBuf};
use tongue::Tongue;
use trial::{COLUMNS, Row, trial};

/// Runs all of it; `--root DIR` takes a root that is there, `--binary FILE` a hostward that is built, `--only FIX,FIX` and
/// `--lang sh|py|ansible` a part; `--auto` is the drill of what is applied by itself.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["root", "binary", "only", "lang", "auto"])?;
    let binary = options.text("binary").map_or_else(agent::build, |path| Ok(PathBuf::from(path)))?;
    let layers = layers(options.text("root"))?;
    let words = ["--binary".to_owned(), binary.display().to_string()];
    let words = words.each_ref().map(String::as_str);
    if options.has("auto") {
        return alone(&words, || auto::drill(&layers, &binary));
    }
    alone(&words, || all(&layers, &binary, options.text("only"), options.text("lang")))
}

fn all(layers: &str, binary: &Path, only: Option<&str>, lang: Option<&str>) -> Outcome<()> {
    let tongues = tongues(lang);
    let fixes = fixes()?;
    let host = Host::start(layers, binary, |_| Ok(()))?;
    // Its services are there from the first fix on.
    host.must(
        "a2enmod --quiet headers; systemctl enable --quiet --now nftables.service; systemctl restart apache2",
    )?;
    // sudo leaves this behind where an administrator has used it once, as Ansible does.
    host.must("runuser -u ann -- touch /home/ann/.sudo_as_admin_successful")?;
    let mut rows: Vec<Row> = Vec::new();
    let wanted = |own: &&Case| only.is_none_or(|only| only.split(',').any(|only| only == own.fix));
    for case in CASES.iter().filter(wanted) {
        let fix = fixes
            .iter()
            .find(|fix| fix.name == case.fix)
            .ok_or_else(|| format!("there is no fix {}", case.fix))?;
        for tongue in &tongues {
            let row = trial(&host, case, fix, *tongue).map_err(|why| format!("{}: {why}", case.fix))?;
            eprintln!("{}", row.line());
            rows.push(row);
        }
    }
    println!("{}", table::markdown(&COLUMNS, &rows.iter().map(Row::cells).collect::<Vec<_>>()));
    NOT_HERE.iter().for_each(|(fix, why)| println!("{fix}: not here, {why}"));
    let failed: Vec<_> = rows.iter().filter(|row| !row.holds()).map(Row::line).collect();
    if failed.is_empty() {
        Ok(())
    } else {
        Err(format!("{} of {} do not hold:\n{}", failed.len(), rows.len(), failed.join("\n")))
    }
}

/// Those that are asked for and can be run here.
fn tongues(lang: Option<&str>) -> Vec<Tongue> {
    let wanted = Tongue::ALL.into_iter().filter(|own| lang.is_none_or(|lang| lang == own.name()));
    let (here, missing): (Vec<_>, Vec<_>) = wanted.partition(|own| own.is_here());
    missing.iter().for_each(|own| eprintln!("{}: not here, ansible-playbook is not on PATH", own.name()));
    here
}

pub(crate) fn fixes() -> Outcome<Vec<Fix>> {
    let parse = |(path, text): (PathBuf, String)| {
        Fix::parse(&path.display().to_string(), &text).map_err(|error| error.to_string())
    };
    content::texts("fixes")?.into_iter().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::{CASES, NOT_HERE, fixes};
    use std::collections::BTreeSet;

    #[test]
    fn every_fix_that_changes_something_is_tried_or_it_is_said_why_not() {
        let fixes = fixes().unwrap();
        let changing: BTreeSet<_> =
            fixes.iter().filter(|fix| !fix.only_tells()).map(|fix| fix.name.as_str()).collect();
        let named = CASES.iter().map(|case| case.fix).chain(NOT_HERE.iter().map(|(fix, _)| *fix));
        assert_eq!(changing, named.collect());
    }
}
