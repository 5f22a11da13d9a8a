//! Where a finding is.

use super::text::line;
use super::{NAME_CHARS_MAX, PLACE_CHARS_MAX};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "lowercase")]
pub enum Location {
    /// A place in a file.
    File {
        /// As the scanner names it: absolute, or below what it scanned.
        path: String,
        /// 1-based.
        line: Option<u32>,
        /// 1-based.
        column: Option<u32>,
    },
    /// A package.
    Package {
        /// Its name.
        name: String,
        /// Where packages of its kind come from: debian, npm, PyPI, in the scanner's words.
        ecosystem: Option<String>,
        /// The version that is there.
        version: Option<String>,
        /// The first version without the flaw, in the scanner's words.
        fixed: Option<String>,
        /// Where it is: a lock file, an image, a path within one.
        path: Option<String>,
    },
    /// An address on the web.
    Url {
        /// The address.
        url: String,
    },
    /// Something of the host as a whole.
    Setting {
        /// Its name.
        name: String,
    },
}

impl Default for Location {
    fn default() -> Self {
        Location::Setting { name: String::new() }
    }
}

impl Location {
    /// What is wrong there, without the place inside.
    pub fn subject(&self) -> &str {
        match self {
            Location::File { path, .. } => path,
            Location::Package { name, .. } => name,
            Location::Url { url } => url,
            Location::Setting { name } => name,
        }
    }

    pub(super) fn cleaned(self) -> Location {
        let place = |text: String| line(&text, PLACE_CHARS_MAX);
        let name = |text: String| line(&text, NAME_CHARS_MAX);
        let some = |text: Option<String>| text.map(name).filter(|text| !text.is_empty());
        match self {
            Location::File { path, line, column } => Location::File { path: place(path), line, column },
            Location::Package { name: own, ecosystem, version, fixed, path } => Location::Package {
                name: name(own),
                ecosystem: some(ecosystem),
                version: some(version),
                fixed: some(fixed),
                path: path.map(place).filter(|path| !path.is_empty()),
            },
            Location::Url { url } => Location::Url { url: place(url) },
            Location::Setting { name: own } => Location::Setting { name: name(own) },
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.subject())?;
        match self {
            Location::File { line: Some(line), column: Some(column), .. } => write!(f, ":{line}:{column}"),
            Location::File { line: Some(line), .. } => write!(f, ":{line}"),
            Location::Package { version: Some(version), .. } => write!(f, " {version}"),
            _ => Ok(()),
        }
    }
}
