//! Files allow no more than they should, and belong to whom they should.

use super::expect::mode;
use super::level::Levels;
use super::outcome::{Observation, Outcome};
use super::pattern::fits;
use super::test::WhenAbsent;
use hostward_model::{Facts, FileFact, FileKind, Look, Origin};
use serde::Deserialize;

/// Parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileMode {
    /// Paths, or patterns of them.
    pub paths: Vec<String>,
    #[serde(default = "root")]
    owner: Vec<String>,
    /// Any group if empty.
    #[serde(default = "root")]
    group: Vec<String>,
    /// Paths that are left to be as they are.
    #[serde(default)]
    except: Vec<String>,
    /// Only files, or only directories, of what the paths give.
    only: Option<Only>,
    #[serde(default)]
    when_absent: WhenAbsent,
    pub expect: Levels<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Only {
    Files,
    Directories,
}

fn root() -> Vec<String> {
    vec!["root".to_owned()]
}

impl FileMode {
    pub fn judge(&self, facts: &Facts, wanted: &str) -> Outcome {
        let (mut observed, mut absent) = (Vec::new(), Vec::new());
        for pattern in &self.paths {
            match facts.files.get(pattern) {
                Some(Look::Seen(files)) => {
                    let files = files.iter().filter(|file| self.takes(file));
                    observed.extend(files.map(|file| self.observe(file, wanted)));
                }
                Some(Look::Unseen(gap)) => return Outcome::error(&gap.reason),
                Some(Look::Absent(_)) | None => absent.push(pattern.as_str()),
            }
        }
        if observed.is_empty() {
            return self.when_absent.outcome(&self.paths.join(", "));
        }
        if self.when_absent == WhenAbsent::Fail {
            observed.extend(
                absent.iter().map(|path| Observation::without(path, "not on this host", wanted, false)),
            );
        }
        Outcome::of(observed)
    }

    pub fn flaw(&self) -> Option<String> {
        let wrong = self.expect.values().find(|text| mode(text).is_none());
        wrong.map(|text| format!("expected an octal mode, found {text:?}"))
    }

    fn takes(&self, file: &FileFact) -> bool {
        if self.except.iter().any(|pattern| fits(pattern, &file.path)) {
            return false;
        }
        match self.only {
            None => true,
            Some(Only::Files) => file.kind == FileKind::File,
            Some(Only::Directories) => file.kind == FileKind::Directory,
        }
    }

    fn observe(&self, file: &FileFact, wanted: &str) -> Observation {
        let limit = mode(wanted).unwrap_or(0);
        let named = |names: &[String], name: &str| names.is_empty() || names.iter().any(|own| own == name);
        let met =
            file.mode & !limit == 0 && named(&self.owner, &file.owner) && named(&self.group, &file.group);
        let any = |names: &[String]| if names.is_empty() { "any".to_owned() } else { names.join(" or ") };
        Observation {
            what: file.path.clone(),
            observed: format!("{:04o} {}:{}", file.mode, file.owner, file.group),
            wanted: format!("{wanted} or less, {}:{}", any(&self.owner), any(&self.group)),
            origin: Some(Origin::file(&file.path)),
            met,
        }
    }
}
