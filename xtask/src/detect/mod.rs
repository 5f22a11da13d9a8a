//! `cargo xtask bench detect DIR`: how well `hostward detect` finds what is labelled, in public corpora.
//!
//! DIR holds the corpora and the scripts that score them; none of it is part of this checkout. All series go through the same
//! binary with the same parameters. The scores are printed, never asserted: a threshold here would be tuned for.

mod corpus;
mod score;

use crate::live::agent::build;
use crate::live::scratch::Scratch;
use crate::options::Options;
use crate::{Outcome, table};
use corpus::Corpus;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Runs every corpus that is there, prints the table, and fails when a part of DIR is missing.
pub fn run(dir: Option<String>, options: &Options) -> Outcome<()> {
    options.only(&["keep"])?;
    let dir = PathBuf::from(dir.ok_or("which directory? cargo xtask bench detect DIR [--keep DIR]")?);
    let (binary, scratch) = (build()?, Scratch::new("detect")?);
    let keep = options.text("keep").map_or_else(|| scratch.path().join("results"), PathBuf::from);
    let (mut rows, mut missing) = (Vec::new(), Vec::new());
    for corpus in corpus::ALL {
        match corpus.missing(&dir) {
            parts if parts.is_empty() => rows.push(one(corpus, &binary, &dir, scratch.path(), &keep)?),
            parts => missing.extend(parts),
        }
    }
    if !rows.is_empty() {
        println!("{}", table::markdown(&["corpus", "score", "rows", "rows per second"], &rows));
    }
    match missing.is_empty() {
        true => Ok(()),
        false => Err(format!("{} lacks {}", dir.display(), missing.join(", "))),
    }
}

fn one(corpus: &Corpus, binary: &Path, dir: &Path, scratch: &Path, keep: &Path) -> Outcome<Vec<String>> {
    let data = corpus.unpacked(dir, scratch)?;
    let results = keep.join(corpus.name);
    let begun = Instant::now();
    let output = Command::new(binary).arg("detect").arg(&data).arg("--out").arg(&results).output();
    let took_s = begun.elapsed().as_secs_f64();
    let output = output.map_err(|error| format!("{}: {error}", binary.display()))?;
    if !output.status.success() {
        return Err(format!(
            "hostward detect {}: {}",
            data.display(),
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    let rows = corpus::rows(&results)?;
    let score = score::score(corpus, dir, &results, &data)?;
    Ok(vec![corpus.name.to_owned(), score, rows.to_string(), format!("{:.0}", rows as f64 / took_s)])
}
