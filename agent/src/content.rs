//! The rules and playbooks that come with hostward, and those of the administrator that take their place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

/// Where an administrator's rules are unless the configuration says otherwise; it need not exist.
pub const RULE_DIR: &str = "/etc/hostward/rules";
/// Where an administrator's playbooks are.
pub const PLAYBOOK_DIR: &str = "/etc/hostward/playbooks";
/// Larger files are refused: nobody writes such rules by hand.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Where embedded text says that it comes from.
const BUILTIN: &str = "built-in";

/// Names a file of `content/` and embeds its text.
macro_rules! embed {
    ($dir:literal: $($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../content/", $dir, "/", $name)))),*]
    };
}

/// Every rule file that comes with hostward.
static RULES: &[(&str, &str)] = embed!(
    "rules": "anomalies.yml", "certificates.yml", "compliance.yml", "cpu.yml", "disk.yml", "filesystem.yml", "hostward.yml", "integrity.yml", "logins.yml", "memory.yml",
    "network.yml", "packages.yml", "plugins.yml", "time.yml",
);

/// Every playbook that comes with hostward.
static PLAYBOOKS: &[(&str, &str)] = embed!(
    "playbooks": "cpu.sh", "disk-full.sh", "disk-io.sh", "failed-logins.sh", "memory.sh", "network.sh",
);

/// Who reads which metric, besides the rules.
static READERS: &str = include_str!("../../content/readers.tsv");

/// A rule file or a playbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// File name, with its ending.
    pub name: String,
    /// The path that it was read from, or `built-in`.
    pub origin: String,
    /// What is in it.
    pub text: String,
}

/// A file that could not be read. The others are used.
#[derive(Debug)]
pub struct ContentError {
    /// Which.
    pub path: PathBuf,
    /// The system's words.
    pub error: io::Error,
}

/// The dashboards and rules of others that are known to read a metric.
pub fn readers(metric: &str) -> impl Iterator<Item = &'static str> {
    let line = READERS.lines().find_map(|line| line.strip_prefix(metric)?.strip_prefix('\t'));
    line.unwrap_or("").split_whitespace()
}

/// The rule files (`*.yml` and `*.yaml`) in the order of their names: of several with one name the last directory's counts.
///
/// An empty file (or a link to /dev/null) switches off the one whose name it has. A directory that does not exist is an error, but for [`RULE_DIR`].
pub fn rules(builtin: bool, dirs: &[PathBuf]) -> (Vec<Text>, Vec<ContentError>) {
    let embedded = if builtin { RULES } else { &[] };
    let mut texts: BTreeMap<String, Text> =
        embedded.iter().map(|(name, text)| ((*name).to_owned(), builtin_text(name, text))).collect();
    let mut errors = Vec::new();
    for dir in dirs {
        lay_over(&mut texts, dir, &mut errors);
    }
    (texts.into_values().filter(|text| !text.text.trim().is_empty()).collect(), errors)
}

/// The playbook of a name without its ending, from the directory if it has one.
pub fn playbook(name: &str, dir: &Path) -> Result<Option<Text>, ContentError> {
    let file = format!("{name}.sh");
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    if name.is_empty() || !plain {
        return Ok(None);
    }
    let path = dir.join(&file);
    match read(&path) {
        Ok(text) => Ok(Some(Text { name: file, origin: path.display().to_string(), text })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok(PLAYBOOKS.iter().find(|(own, _)| *own == file).map(|(own, text)| builtin_text(own, text)))
        }
        Err(error) => Err(ContentError { path, error }),
    }
}

fn builtin_text(name: &str, text: &str) -> Text {
    Text { name: name.to_owned(), origin: BUILTIN.to_owned(), text: text.to_owned() }
}

fn lay_over(texts: &mut BTreeMap<String, Text>, dir: &Path, errors: &mut Vec<ContentError>) {
    let paths = match listed(dir) {
        Ok(paths) => paths,
        Err(error) => return errors.push(ContentError { path: dir.to_owned(), error }),
    };
    for (name, path) in paths {
        match read(&path) {
            Ok(text) => {
                let origin = path.display().to_string();
                texts.insert(name.clone(), Text { name, origin, text });
            }
            Err(error) => errors.push(ContentError { path, error }),
        }
    }
}

fn listed(dir: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && dir == Path::new(RULE_DIR) => {
            return Ok(Vec::new());
        }
        entries => entries?,
    };
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    let named = paths.into_iter().filter_map(|path| {
        let name = path.file_name()?.to_str()?.to_owned();
        let stem = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml"))?;
        (!name.starts_with('.')).then(|| (format!("{stem}.yml"), path))
    });
    Ok(named.collect())
}

fn read(path: &Path) -> io::Result<String> {
    if fs::metadata(path)?.len() > FILE_BYTES_MAX {
        return Err(io::Error::other(format!("larger than {FILE_BYTES_MAX} bytes")));
    }
    fs::read_to_string(path)
}

impl fmt::Display for ContentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.error)
    }
}

impl std::error::Error for ContentError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;

    /// The names in a folder of `content/`.
    fn present(folder: &str) -> Vec<String> {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../content").join(folder);
        let entries = fs::read_dir(dir).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn every_file_of_content_is_listed() {
        for (folder, list) in [("rules", RULES), ("playbooks", PLAYBOOKS)] {
            let listed: Vec<&str> = list.iter().map(|(name, _)| *name).collect();
            assert_eq!(listed, present(folder), "the list in content.rs and content/{folder}");
        }
    }

    #[test]
    fn an_administrators_file_takes_the_place_of_ours() {
        let scratch = Scratch::new("rules");
        let (first, second) = (scratch.path().join("1"), scratch.path().join("2"));
        for (dir, name, text) in [
            (&first, "a.yml", "one"),
            (&second, "a.yml", "two"),
            (&first, "b.yaml", " \n"),
            (&first, "c.txt", "no"),
        ] {
            fs::create_dir_all(dir).unwrap();
            fs::write(dir.join(name), text).unwrap();
        }
        let (texts, errors) = rules(false, &[first, scratch.path().join("absent"), second.clone()]);
        assert_eq!(errors.len(), 1, "the directory that is not there: {errors:?}");
        let expected = Text {
            name: "a.yml".to_owned(),
            origin: second.join("a.yml").display().to_string(),
            text: "two".to_owned(),
        };
        assert_eq!(texts, [expected]);
        assert_eq!(rules(true, &[]).0.len(), RULES.len());
    }

    #[test]
    fn a_file_that_cannot_be_read_costs_itself() {
        let scratch = Scratch::new("unreadable");
        fs::create_dir(scratch.path().join("dir.yml")).unwrap();
        fs::write(scratch.path().join("big.yml"), vec![b'#'; FILE_BYTES_MAX as usize + 1]).unwrap();
        fs::write(scratch.path().join("good.yml"), "groups: []").unwrap();
        let (texts, errors) = rules(false, &[scratch.path().to_owned()]);
        assert_eq!((texts.len(), errors.len()), (1, 2));
    }

    #[test]
    fn a_playbook_is_named_without_a_path() {
        let scratch = Scratch::new("playbooks");
        fs::write(scratch.path().join("own.sh"), "x").unwrap();
        assert_eq!(playbook("own", scratch.path()).unwrap().unwrap().text, "x");
        for name in ["../own", "", "own/../own", "absent"] {
            assert_eq!(playbook(name, scratch.path()).unwrap(), None, "{name}");
        }
        for (file, text) in PLAYBOOKS {
            let found = playbook(file.strip_suffix(".sh").unwrap(), scratch.path()).unwrap().unwrap();
            assert_eq!((found.origin.as_str(), found.text.as_str()), (BUILTIN, *text));
        }
    }
}
