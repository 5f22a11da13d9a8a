//! What a template says about itself: TOML in `#+ ` comment lines at its top.

use super::literal::{Kind, Syntax};
use super::plan::Danger;
use crate::check::Level;
use crate::content::{self, ContentError};
use hostward_model::Wanted;
use serde::Deserialize;
use std::collections::BTreeMap;

const MARK: &str = "#+";

/// What a template says about itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Front {
    /// Name of the target: also that of the file, and what checks call it.
    pub name: String,
    /// Whose configuration it is.
    pub title: String,
    /// Goes up when the same host gets another configuration.
    pub version: u32,
    /// Paths of which one shows that the program is on a host; it is rendered everywhere if there are none.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Where the main part goes; of modes alone the directory that they are below.
    pub path: String,
    /// Its mode, octal; who owns it is root.
    pub mode: String,
    /// How the main part and what is there come together.
    pub shape: Shape,
    /// How values are quoted.
    pub syntax: Syntax,
    /// Modes that files and directories of the host must not exceed, by pattern of their paths.
    #[serde(default)]
    pub modes: BTreeMap<String, String>,
    /// Paths that keep the mode that they have, as patterns.
    #[serde(default)]
    pub except: Vec<String>,
    /// Files of the host whose text decides, as patterns.
    #[serde(default)]
    pub reads: Vec<String>,
    /// Areas of facts that decide.
    #[serde(default)]
    pub areas: Vec<String>,
    /// Files of the host of which it counts whether they are there, as patterns.
    #[serde(default)]
    pub files: Vec<String>,
    /// The program that says whether the result can be used, with its arguments.
    #[serde(default)]
    pub parser: Vec<String>,
    /// Directories that the parser wants to be there, which a service makes when it starts.
    #[serde(default)]
    pub directories: Vec<String>,
    /// What makes the program take the result, as a command for the administrator.
    pub reload: String,
    /// How much may go wrong.
    pub danger: Danger,
    /// What may go wrong, in sentences.
    #[serde(default)]
    pub risks: Vec<String>,
    /// Settings whose value depends on the level and on frameworks.
    #[serde(default)]
    pub values: BTreeMap<String, Parameter>,
    /// What is taken from the host.
    #[serde(default)]
    pub inputs: BTreeMap<String, Input>,
    /// What an administrator may say besides, with a sentence for each.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
}

/// How a file and what is there come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// A file of its own in a directory that the program reads.
    DropIn,
    /// Several such files, of which its target says where they go.
    DropIns,
    /// The whole file; only where the program has no such directory.
    Main,
    /// `key value` lines that take the place of those with their keys in the file that is there.
    Merge,
    /// As `merge`, with `key = value`.
    MergeEquals,
    /// Text without a comment of ours at its head; its target says where it goes.
    Bare,
    /// No file: modes alone.
    Modes,
}

/// A setting whose value depends on the level.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// What it accepts.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The setting that checks and frameworks speak of, as `area/key`.
    pub setting: Option<String>,
    basic: Option<String>,
    moderate: Option<String>,
    strict: Option<String>,
    /// One sentence: what it is.
    pub about: String,
}

/// Something that is taken from the host.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What it accepts, or each of several.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// One sentence: what it is.
    pub about: String,
}

impl Parameter {
    /// The value of a level; one without its own has that of the level below.
    pub fn at(&self, level: Level) -> Option<&str> {
        let all =
            [(Level::Strict, &self.strict), (Level::Moderate, &self.moderate), (Level::Basic, &self.basic)];
        all.into_iter().filter(|(own, _)| *own <= level).find_map(|(_, value)| value.as_deref())
    }
}

impl Front {
    /// Reads the front matter of a file, and gives back the body, too.
    pub(super) fn parse<'t>(file: &str, text: &'t str) -> Result<(Front, &'t str), ContentError> {
        let length: usize =
            text.split_inclusive('\n').take_while(|line| line.starts_with(MARK)).map(str::len).sum();
        let (head, body) = text.split_at(length);
        let toml: String = head.lines().map(|line| format!("{}\n", &line[MARK.len()..])).collect();
        let front: Front = content::parse(file, &toml)?;
        let flaw = front.flaw();
        flaw.map_or(Ok((front, body)), |message| Err(ContentError::whole(file, message)))
    }

    /// What has to be known of a host.
    pub fn wants(&self) -> Wanted {
        let files = self.files.iter().chain(&self.needs).chain(self.modes.keys()).cloned().collect();
        Wanted { areas: self.areas.iter().cloned().collect(), files, ..Wanted::default() }
    }

    /// Whether an administrator can say something by this name.
    pub fn takes(&self, name: &str) -> bool {
        self.kind(name).is_some() || self.options.contains_key(name)
    }

    /// The type of a value or an input.
    pub(super) fn kind(&self, name: &str) -> Option<Kind> {
        let value = self.values.get(name).map(|own| own.kind);
        value.or_else(|| self.inputs.get(name).map(|own| own.kind))
    }

    pub(super) fn mode(&self) -> u32 {
        u32::from_str_radix(&self.mode, 8).unwrap_or(0o600)
    }

    /// Patterns of paths, and the mode that what fits them must not exceed.
    pub(super) fn modes(&self) -> impl Iterator<Item = (&String, u32)> {
        self.modes.iter().filter_map(|(pattern, mode)| Some((pattern, u32::from_str_radix(mode, 8).ok()?)))
    }

    fn flaw(&self) -> Option<String> {
        let twice = self.inputs.keys().find(|name| self.values.contains_key(*name));
        if let Some(name) = twice {
            return Some(format!("{name:?} is a value and an input"));
        }
        let octal = |text: &&String| u32::from_str_radix(text, 8).is_err();
        if let Some(mode) = std::iter::once(&self.mode).chain(self.modes.values()).find(octal) {
            return Some(format!("mode {mode:?}: expected an octal mode"));
        }
        if !self.path.starts_with('/') {
            return Some(format!("path {:?}: expected an absolute path", self.path));
        }
        // What is rendered is known again by its name.
        let own = self.path.rsplit('/').next().is_some_and(|name| name.contains("hostward"));
        (matches!(self.shape, Shape::DropIn | Shape::DropIns) && !own)
            .then(|| format!("path {:?}: the name of a drop-in holds the word hostward", self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "#+ name = 'x'\n#+ title = 'X'\n#+ version = 1\n#+ path = '/etc/x.d/hostward'\n#+ mode = '0644'\n\
                        #+ shape = 'drop-in'\n#+ syntax = 'plain'\n#+ reload = 'true'\n#+ danger = 'low'\n";

    #[test]
    fn a_level_has_what_the_one_below_has() {
        let text = format!(
            "{HEAD}#+ [values.n]\n#+ type = 'integer'\n#+ moderate = '4'\n#+ about = 'N.'\nbody\n#+ no\n"
        );
        let (front, body) = Front::parse("x.j2", &text).unwrap();
        let at = [Level::Basic, Level::Moderate, Level::Strict].map(|level| front.values["n"].at(level));
        assert_eq!((at, body), ([None, Some("4"), Some("4")], "body\n#+ no\n"));
    }

    #[test]
    fn mistakes_have_a_line_and_a_reason() {
        let said = |text: &str| Front::parse("x.j2", text).unwrap_err().to_string();
        assert!(said("body").starts_with("x.j2:1: missing field"), "{}", said("body"));
        assert!(said(&format!("{HEAD}#+ color = 1\n")).contains("x.j2:10: unknown field `color`"));
        let elsewhere = HEAD.replace("/hostward", "/x");
        assert!(said(&elsewhere).contains("holds the word hostward"), "{}", said(&elsewhere));
    }
}
