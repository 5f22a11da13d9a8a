//! What a host must have for a check to say something about it.

use super::outcome::Outcome;
use super::pattern::fits;
use hostward_model::{Facts, Look, Wanted};
use serde::Deserialize;

/// Any one of these is enough; without any, the check applies everywhere.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Applies {
    /// Installed packages, or patterns of their names.
    packages: Vec<String>,
    /// Paths, or patterns of them.
    files: Vec<String>,
}

impl Applies {
    pub fn wants(&self) -> Wanted {
        let areas = if self.packages.is_empty() { [].into() } else { ["packages".to_owned()].into() };
        Wanted { areas, files: self.files.iter().cloned().collect(), ..Wanted::default() }
    }

    /// Why the check says nothing; nothing when it applies.
    pub fn exempt(&self, facts: &Facts) -> Option<Outcome> {
        if self.packages.is_empty() && self.files.is_empty() {
            return None;
        }
        let installed = match facts.areas.get("packages") {
            Some(Look::Seen(installed)) => installed.as_slice(),
            Some(Look::Unseen(gap)) => return Some(Outcome::error(&gap.reason)),
            Some(Look::Absent(_)) | None => &[],
        };
        let package = self.packages.iter().any(|name| installed.iter().any(|fact| fits(name, &fact.key)));
        let file = self.files.iter().any(|path| matches!(facts.files.get(path), Some(Look::Seen(_))));
        let missing = [self.packages.as_slice(), &self.files].concat().join(", ");
        (!package && !file).then(|| Outcome::not_applicable(&format!("{missing} is not on this host")))
    }
}
