//! From files to what the daemon runs by: the configuration with the command line laid over it, and the rules.

use super::Options;
use crate::config::{self, Config};
use crate::content;
use crate::{auditing, plugin, sampler};
use hostward_engine::Labels;
use hostward_engine::rules::RuleSet;
use hostward_probes::PROBES;
use std::path::PathBuf;
use std::sync::Arc;

/// What the daemon runs by.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The configuration.
    pub config: Config,
    /// The files that it came from.
    pub files: Vec<PathBuf>,
    /// The rules.
    pub rules: Arc<RuleSet>,
    /// Their text, to see whether they changed.
    pub texts: Vec<(String, String)>,
    /// What is wrong with rule files.
    pub complaints: Vec<String>,
}

/// Reads everything anew. Rules with errors are left out and complained of; an error in the configuration
/// itself leaves nothing to run by.
pub fn take(options: &Options) -> Result<Taken, String> {
    let loaded = config::paths(options.config.as_deref());
    let loaded = Config::load(&loaded).map_err(|error| error.to_string())?;
    let config = override_by(loaded.config, options);
    let (texts, errors) = rule_texts(&config);
    let (mut rules, rule_errors) = RuleSet::parse(&texts);
    let specs = PROBES.iter().copied().chain([&sampler::SPEC, &plugin::SPEC, &auditing::SPEC]);
    rules.declared = specs.flat_map(|spec| spec.metrics.iter().copied()).collect();
    rules.external_labels = Labels::new(config.rules.external_labels.clone());
    let complaints = errors.into_iter().chain(rule_errors.iter().map(ToString::to_string)).collect();
    Ok(Taken { config, files: loaded.files, rules: Arc::new(rules), texts, complaints })
}

fn override_by(mut config: Config, options: &Options) -> Config {
    if let Some(address) = &options.listen {
        config.listen.metrics = address.clone().into();
    }
    config.sampling.interval = options.interval.unwrap_or(config.sampling.interval);
    // Somebody who asks for a shorter interval wants to see alerts at that pace, too.
    config.rules.evaluation = options.interval.unwrap_or(config.rules.evaluation);
    if options.socket.is_some() {
        config.listen.socket.clone_from(&options.socket);
    }
    config
}

fn rule_texts(config: &Config) -> (Vec<(String, String)>, Vec<String>) {
    if !config.rules.enabled {
        return (Vec::new(), Vec::new());
    }
    let (texts, errors) = content::rules(config.rules.builtin, &config.rules.dirs);
    let texts = texts.into_iter().map(|text| (text.origin.to_string(), text.text.to_string()));
    (texts.collect(), errors.iter().map(ToString::to_string).collect())
}
