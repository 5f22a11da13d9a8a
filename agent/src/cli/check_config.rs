//! `hostward check-config`: is the configuration what it should be?

use super::{Common, Failure, Format, Found, Outcome, output};
use crate::config;
use crate::outlet::check_web;
use crate::run::{Options, Taken, take};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// What `check-config` takes.
#[derive(Args)]
pub struct CheckConfig {
    /// Print every key with its default and what it means, and check nothing.
    #[arg(long)]
    reference: bool,
}

/// Checks the configuration and the rules, and prints what is in effect.
pub fn act(common: &Common, own: &CheckConfig) -> Outcome {
    if own.reference {
        output::data(&config::reference());
        return Ok(Found::Well);
    }
    let options = Options { config: common.config.clone(), root: PathBuf::from("/"), ..Options::default() };
    let taken = take(&options).map_err(Failure::Usage)?;
    if !taken.complaints.is_empty() {
        return Err(Failure::Usage(taken.complaints.join("\n")));
    }
    if let Some(path) = &taken.config.listen.web_config {
        check_web(path).map_err(Failure::Usage)?.iter().for_each(|warning| output::message(warning));
    }
    show(common.format, &taken)
}

fn show(format: Format, taken: &Taken) -> Outcome {
    let rules = taken.rules.rules().count();
    if format == Format::Json {
        let value = json!({ "files": taken.files, "rules": rules, "config": taken.config });
        output::data(&format!("{value:#}\n"));
        return Ok(Found::Well);
    }
    let files: Vec<_> = taken.files.iter().map(|file| file.display().to_string()).collect();
    let files = if files.is_empty() { "no files, all defaults".to_owned() } else { files.join(", ") };
    output::message(&format!("the configuration is good ({files}); {rules} rules"));
    let effective = toml::to_string(&taken.config);
    output::data(&effective.map_err(|error| Failure::Failed(error.to_string()))?);
    Ok(Found::Well)
}
