//! `hostward detectors`: detectors with a name, which remember what they learnt.

mod shelf;
mod text;
mod work;

use super::detect::{LEVEL, level};
use super::{Common, Failure, Found, Outcome, output};
use crate::clock;
use crate::state::{KeepError, NamedDetector, check_name};
use clap::Subcommand;
use serde_json::json;
use shelf::Shelf;
use std::path::PathBuf;

/// What `detectors` can do.
#[derive(Subcommand)]
pub enum Detectors {
    /// Make a detector that has learnt nothing yet.
    Create {
        /// Letters, digits, - _ and .
        #[arg(value_parser = name)]
        name: String,
        /// The score from which it calls a row an anomaly, from 0 to 1.
        #[arg(long, value_name = "SCORE", default_value_t = LEVEL, value_parser = level)]
        level: f64,
        /// Its files have the values of a counter, judged by what that counts in a second; resets are known.
        #[arg(long)]
        rate: bool,
        /// What it is for.
        #[arg(long, value_name = "TEXT", default_value = "")]
        about: String,
    },
    /// Let it learn from a file, on top of what it learnt before: rows that are newer, and all understood.
    Train {
        /// Its name.
        #[arg(value_parser = name)]
        name: String,
        /// A file with the columns timestamp and value; `-` for standard input.
        file: PathBuf,
        /// Forget what was learnt before.
        #[arg(long)]
        afresh: bool,
    },
    /// Judge a file by what it learnt, and print the rows as `detect` does. What it learns from that file is not kept.
    Run {
        /// Its name.
        #[arg(value_parser = name)]
        name: String,
        /// A file with the columns timestamp and value; `-` for standard input.
        file: PathBuf,
    },
    /// List all.
    List,
    /// Show one.
    Show {
        /// Its name.
        #[arg(value_parser = name)]
        name: String,
    },
    /// Forget one and what it learnt.
    Remove {
        /// Its name.
        #[arg(value_parser = name)]
        name: String,
    },
}

fn name(text: &str) -> Result<String, String> {
    check_name(text).map(|()| text.to_owned())
}

/// Does it.
pub fn act(common: &Common, own: &Detectors) -> Outcome {
    let mut shelf = Shelf::reach(common)?;
    match own {
        Detectors::Create { name, level, rate, about } => {
            let (name, about) = (name.clone(), about.clone());
            let created_ms = clock::now().wall_ms;
            let own = NamedDetector { name, about, level: *level, rate: *rate, created_ms, training: None };
            create(&mut shelf, &own)
        }
        Detectors::Train { name, file, afresh } => work::train(&mut shelf, name, file, *afresh),
        Detectors::Run { name, file } => {
            let detector = shelf.get(name)?;
            // A long run must not keep the daemon from starting.
            drop(shelf);
            work::run(common.format, &detector, file)
        }
        Detectors::List => list(common, &shelf),
        Detectors::Show { name } => {
            let detector = shelf.get(name)?;
            output::either(common.format, &text::value(&detector), |_| text::one(&detector));
            Ok(Found::Well)
        }
        Detectors::Remove { name } => {
            shelf.remove(name)?;
            output::message(&format!("removed {name}"));
            Ok(Found::Well)
        }
    }
}

fn create(shelf: &mut Shelf<'_>, own: &NamedDetector) -> Outcome {
    shelf.put(own, true)?;
    output::message(&format!("made {0}; next: hostward detectors train {0} FILE", own.name));
    Ok(Found::Well)
}

fn list(common: &Common, shelf: &Shelf<'_>) -> Outcome {
    let all = shelf.all()?;
    let value = json!({ "detectors": all.iter().map(text::value).collect::<Vec<_>>() });
    output::either(common.format, &value, |_| text::all(&all));
    if all.is_empty() {
        output::message("no detectors; next: hostward detectors create NAME");
    }
    Ok(Found::Well)
}

impl From<KeepError> for Failure {
    fn from(error: KeepError) -> Self {
        match error {
            KeepError::Store(_) => Failure::Failed(error.to_string()),
            _ => Failure::Usage(error.to_string()),
        }
    }
}
