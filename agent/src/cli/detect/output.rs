//! Where the rows go: to standard output, to a file, or nowhere.

use super::super::Failure;
use super::{Detect, Form, Stop};
use crate::dataset::Input;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

const BUFFER_BYTES: usize = 64 << 10;

/// Where the rows of one file go.
#[derive(Debug, PartialEq, Eq)]
pub enum Output {
    Stdout,
    File(PathBuf),
    Nowhere,
}

/// An open output.
pub struct Sink {
    to: Option<Box<dyn Write>>,
    name: String,
}

/// Decides for each input where its rows go, before anything is written.
pub fn plan(own: &Detect, inputs: &[Input], form: Form) -> Result<Vec<Output>, Failure> {
    let Some(out) = &own.out else {
        let to = || if own.compare.is_some() { Output::Nowhere } else { Output::Stdout };
        let is_one = inputs.len() == 1 && !own.paths.iter().any(|path| path.is_dir());
        return match is_one || own.compare.is_some() {
            true => Ok(inputs.iter().map(|_| to()).collect()),
            false => Err(Failure::Usage(format!(
                "{} files need --out DIR, where each gets a file of its name",
                inputs.len()
            ))),
        };
    };
    let paths: Vec<PathBuf> = inputs.iter().map(|input| out.join(named(&input.name, form))).collect();
    collisions(inputs, &paths).map_err(Failure::Usage)?;
    Ok(paths.into_iter().map(Output::File).collect())
}

/// The name of the input without `.gz`; lines of JSON are called so.
fn named(name: &Path, form: Form) -> PathBuf {
    let plain = if name.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz")) {
        name.with_extension("")
    } else {
        name.to_owned()
    };
    match form {
        Form::Csv if name == Path::new("-") => PathBuf::from("stdin.csv"),
        Form::Json if name == Path::new("-") => PathBuf::from("stdin.jsonl"),
        Form::Csv => plain,
        Form::Json => plain.with_extension("jsonl"),
    }
}

/// Two files must not write one, and none may be written over what is read.
fn collisions(inputs: &[Input], paths: &[PathBuf]) -> Result<(), String> {
    let identity = |path: &Path| fs::metadata(path).ok().map(|file| (file.dev(), file.ino()));
    let sources: Vec<_> = inputs.iter().filter_map(|input| identity(&input.path)).collect();
    let mut taken = BTreeMap::new();
    for (input, path) in inputs.iter().zip(paths) {
        if let Some(other) = taken.insert(path, &input.path) {
            return Err(format!(
                "{} and {} would both be written to {}; name them in two calls",
                other.display(),
                input.path.display(),
                path.display()
            ));
        }
        if identity(path).is_some_and(|file| sources.contains(&file)) {
            return Err(format!(
                "{} is one of the files to be read; name another directory with --out",
                path.display()
            ));
        }
    }
    Ok(())
}

impl Output {
    /// Opens it, and makes the directories on its way.
    pub fn open(&self) -> Result<Sink, Stop> {
        let (to, name): (Option<Box<dyn Write>>, _) = match self {
            Output::Nowhere => (None, String::new()),
            Output::Stdout => (
                Some(Box::new(BufWriter::with_capacity(BUFFER_BYTES, io::stdout()))),
                "standard output".to_owned(),
            ),
            Output::File(path) => (
                Some(Box::new(BufWriter::with_capacity(BUFFER_BYTES, create(path)?))),
                path.display().to_string(),
            ),
        };
        Ok(Sink { to, name })
    }
}

fn create(path: &Path) -> Result<File, Stop> {
    let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| File::create(path));
    made.map_err(|error| Stop::Output(format!("{}: {error}", path.display())))
}

impl Sink {
    /// Writes text.
    pub fn write(&mut self, text: &str) -> Result<(), Stop> {
        let written = self.to.as_mut().map_or(Ok(()), |to| to.write_all(text.as_bytes()));
        written.map_err(|error| self.stop(&error))
    }

    /// Writes what is still held.
    pub fn end(mut self) -> Result<(), Stop> {
        let written = self.to.as_mut().map_or(Ok(()), |to| to.flush());
        written.map_err(|error| self.stop(&error))
    }

    fn stop(&self, error: &io::Error) -> Stop {
        match error.kind() {
            ErrorKind::BrokenPipe => Stop::Reader,
            _ => Stop::Output(format!("{}: {error}", self.name)),
        }
    }
}
