//! Roles: what a host is for, at which level, by which frameworks, and with which parameters.

use crate::check::Level;
use crate::content::{self, ContentError};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// What a host is for, as a file of `content/profiles` or of an administrator says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// What it is called on the command line.
    pub name: String,
    /// One sentence: which hosts it suits.
    pub about: String,
    /// How strictly, if the command line does not say.
    #[serde(default)]
    pub level: Level,
    /// By which frameworks, beside those of the command line.
    #[serde(default)]
    pub frameworks: BTreeSet<String>,
    /// What the host serves, in the words of the checks that ask (`web-server`).
    #[serde(default)]
    pub declares: BTreeSet<String>,
    /// Targets that are left alone.
    #[serde(default)]
    pub leave: BTreeSet<String>,
    /// Values of templates, as `target.name`.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
}

impl Role {
    /// Reads one role; `file` is the name that errors give.
    pub fn parse(file: &str, text: &str) -> Result<Role, ContentError> {
        content::parse(file, text)
    }

    /// This role with what another says on top.
    pub fn tailored(mut self, by: Tailoring) -> Role {
        self.level = by.level.unwrap_or(self.level);
        self.frameworks.extend(by.frameworks);
        self.declares.extend(by.declares);
        self.leave.extend(by.leave);
        self.parameters.extend(by.parameters);
        self
    }
}

/// What an administrator says on top of a role: every part may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tailoring {
    /// The role, if the command line names none.
    pub profile: Option<String>,
    level: Option<Level>,
    frameworks: BTreeSet<String>,
    declares: BTreeSet<String>,
    leave: BTreeSet<String>,
    parameters: BTreeMap<String, String>,
}

impl Tailoring {
    /// Reads a tailoring; `file` is the name that errors give.
    pub fn parse(file: &str, text: &str) -> Result<Tailoring, ContentError> {
        content::parse(file, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_administrator_says_is_on_top() {
        let role = "name = 'web'\nabout = 'Web servers.'\nlevel = 'strict'\ndeclares = ['web-server']\n\
                    [parameters]\n'sshd.banner' = '/a'\n'sshd.max_auth_tries' = '2'\n";
        let own = "level = 'basic'\ndeclares = ['router']\nparameters = { 'sshd.banner' = '/b' }\n";
        let tailored = Role::parse("web.toml", role).unwrap().tailored(Tailoring::parse("t.toml", own).unwrap());
        assert_eq!(tailored.level, Level::Basic);
        assert_eq!(tailored.declares.into_iter().collect::<Vec<_>>(), ["router", "web-server"]);
        assert_eq!(tailored.parameters["sshd.banner"], "/b");
        assert_eq!(tailored.parameters["sshd.max_auth_tries"], "2");
        assert!(Tailoring::parse("t.toml", "levle = 'basic'").unwrap_err().to_string().starts_with("t.toml:1:"));
    }
}
