//! `cargo xtask remedy-e2e`: each fix that changes something, in both languages, in a booted Debian that was broken for it.
//! A rehearsal changes nothing, applying mends, a second time changes nothing, services and logins go on, and the way back
//! leaves nothing behind.

mod cases;
mod trial;

use crate::boot::{Host, alone, layers};
use crate::live::agent;
use crate::options::Options;
use crate::{Outcome, content, table};
use cases::{CASES, NOT_HERE};
use hostward_harden::fix::{Fix, Language};
use std::path::{Path, PathBuf};
use trial::{COLUMNS, Row, trial};

/// Runs all of it; `--root DIR` takes a root that is there, `--binary FILE` a hostward that is built.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["root", "binary", "only"])?;
    let binary = options.text("binary").map_or_else(agent::build, |path| Ok(PathBuf::from(path)))?;
    let layers = layers(options.text("root"))?;
    let words = ["--binary".to_owned(), binary.display().to_string()];
    alone(&words.each_ref().map(String::as_str), || all(&layers, &binary, options.text("only")))
}

fn all(layers: &str, binary: &Path, only: Option<&str>) -> Outcome<()> {
    let fixes = fixes()?;
    let host = Host::start(layers, binary, |_| Ok(()))?;
    // Its services are there from the first fix on.
    host.must(
        "a2enmod --quiet headers; systemctl enable --quiet --now nftables.service; systemctl restart apache2",
    )?;
    let mut rows: Vec<Row> = Vec::new();
    for case in CASES.iter().filter(|own| only.is_none_or(|only| only == own.fix)) {
        let fix = fixes
            .iter()
            .find(|fix| fix.name == case.fix)
            .ok_or_else(|| format!("there is no fix {}", case.fix))?;
        for language in Language::ALL {
            let row = trial(&host, case, fix, language).map_err(|why| format!("{}: {why}", case.fix))?;
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
