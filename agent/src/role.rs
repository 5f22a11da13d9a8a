//! What this host is for: a profile, what an administrator says on top of it, and what the command line says on top of both.

use crate::catalogue;
use hostward_harden::check::Level;
use hostward_harden::config::{Role, Tailoring};
use std::path::Path;
use std::{fs, io};

/// What an administrator says on top of the profile; it need not be there.
const TAILORING: &str = "tailoring.toml";

/// What the command line says.
pub struct Said<'a> {
    /// The profile.
    pub profile: Option<&'a str>,
    /// How strictly.
    pub level: Option<Level>,
    /// Frameworks beside those of the profile.
    pub frameworks: &'a [String],
    /// Purposes beside those of the profile.
    pub declares: &'a [String],
}

/// The role by the files of this directory and by what was said.
pub fn role(directory: &Path, said: &Said<'_>) -> Result<Role, String> {
    let tailoring = tailoring(directory)?;
    let mut role = match said.profile.or(tailoring.profile.as_deref()) {
        None => Role::default(),
        Some(name) => named(directory, name)?,
    }
    .tailored(tailoring);
    role.level = said.level.unwrap_or(role.level);
    role.frameworks.extend(said.frameworks.iter().cloned());
    role.declares.extend(said.declares.iter().cloned());
    Ok(role)
}

fn named(directory: &Path, name: &str) -> Result<Role, String> {
    let roles = catalogue::roles(directory)?;
    let known = || roles.iter().map(|own| own.name.as_str()).collect::<Vec<_>>().join(", ");
    let found = roles.iter().find(|own| own.name == name).cloned();
    found.ok_or_else(|| format!("no profile is called {name}; there are {}", known()))
}

fn tailoring(directory: &Path) -> Result<Tailoring, String> {
    let path = directory.join(TAILORING);
    match fs::read_to_string(&path) {
        Ok(text) => Tailoring::parse(&path.display().to_string(), &text).map_err(|error| error.to_string()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Tailoring::default()),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;

    #[test]
    fn the_command_line_has_the_last_word() {
        let scratch = Scratch::new("role");
        let nothing = Said { profile: None, level: None, frameworks: &[], declares: &[] };
        assert_eq!(role(scratch.path(), &nothing).unwrap(), Role::default());
        let own = "profile = 'web-server'\nlevel = 'strict'\nframeworks = ['soc-2']\n";
        fs::write(scratch.path().join(TAILORING), own).unwrap();
        let tailored = role(scratch.path(), &nothing).unwrap();
        assert_eq!((tailored.name.as_str(), tailored.level), ("web-server", Level::Strict));
        let frameworks = ["gdpr".to_owned()];
        let said = Said { level: Some(Level::Basic), frameworks: &frameworks, ..nothing };
        let own = role(scratch.path(), &said).unwrap();
        assert_eq!((own.level, own.frameworks.len(), own.declares.len()), (Level::Basic, 2, 1));
        let wrong = Said { profile: Some("wb"), ..said };
        assert!(role(scratch.path(), &wrong).unwrap_err().contains("there are bastion"));
    }
}
