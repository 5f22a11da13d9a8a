//! Reading the configuration files: which, in what order, and how they are laid over each other.

use super::error::ConfigError;
use super::{Config, check};
use std::io::ErrorKind::NotFound;
use std::path::{Path, PathBuf};
use std::{fs, io};
use toml::{Table, Value};

/// Where the configuration is unless `--config` says otherwise.
pub const FILE: &str = "/etc/hostward/hostward.toml";

/// The files that make up a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// The main file.
    pub file: PathBuf,
    /// The directory whose `*.toml` are laid over it, in the order of their names.
    pub dir: PathBuf,
    /// Whether the main file must be there: somebody asked for it by name.
    pub required: bool,
}

/// A configuration and the files that it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// The files that were there, in the order in which they were read.
    pub files: Vec<PathBuf>,
}

/// The files of the configuration; `flag` is the value of `--config`.
pub fn paths(flag: Option<&Path>) -> Paths {
    let file = flag.unwrap_or(Path::new(FILE));
    let beside = file.parent().unwrap_or(Path::new(""));
    Paths { file: file.to_owned(), dir: beside.join("conf.d"), required: flag.is_some() }
}

impl Config {
    /// Reads, merges and checks the files; no file at all gives the defaults.
    ///
    /// Each file is checked on its own first, so that an error has a line even for a key that a later file
    /// overrides.
    pub fn load(paths: &Paths) -> Result<Loaded, ConfigError> {
        let texts = read(paths)?;
        let mut merged = Table::new();
        for (file, text) in &texts {
            merge(&mut merged, parse(file, text)?);
        }
        let config: Config =
            merged.try_into().map_err(|error| ConfigError::refused(&paths.file, "", &error))?;
        match check::first_complaint(&config) {
            Some(complaint) => Err(ConfigError::complaint(&texts, complaint)),
            None => Ok(Loaded { config, files: texts.into_iter().map(|(file, _)| file).collect() }),
        }
    }
}

fn parse(file: &Path, text: &str) -> Result<Table, ConfigError> {
    let refused = |error| ConfigError::refused(file, text, &error);
    toml::from_str::<Config>(text).map_err(refused)?;
    toml::from_str::<Table>(text).map_err(refused)
}

fn read(paths: &Paths) -> Result<Vec<(PathBuf, String)>, ConfigError> {
    let mut texts = Vec::new();
    match fs::read_to_string(&paths.file) {
        Ok(text) => texts.push((paths.file.clone(), text)),
        Err(error) if error.kind() == NotFound && !paths.required => {}
        Err(error) => return Err(ConfigError::unreadable(&paths.file, &error)),
    }
    let extra = listed(&paths.dir).map_err(|error| ConfigError::unreadable(&paths.dir, &error))?;
    for file in extra {
        let text = fs::read_to_string(&file).map_err(|error| ConfigError::unreadable(&file, &error))?;
        texts.push((file, text));
    }
    Ok(texts)
}

/// The `*.toml` of a directory by name; files that start with a dot are an editor's.
fn listed(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|ext| ext == "toml") && !hidden(file));
    files.sort();
    Ok(files)
}

fn hidden(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// Tables are merged key by key; any other value replaces the one before.
fn merge(base: &mut Table, over: Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(base)), Value::Table(over)) => merge(base, over),
            (_, value) => drop(base.insert(key, value)),
        }
    }
}
