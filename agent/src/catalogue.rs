//! The checks, fixes, frameworks, profiles, templates and workflows that come with hostward, and those of the administrator
//! that take their place.

use hostward_harden::ContentError;
use hostward_harden::check::Check;
use hostward_harden::compliance::Framework;
use hostward_harden::config::{Library, Role};
use hostward_harden::fix::{self, Fix};
use hostward_harden::workflow::Workflow;
use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));
}

/// Where an administrator's own are, in folders `checks/AREA`, `fixes`, `frameworks`, `profiles`, `templates` and
/// `workflows`; it need not exist.
pub const DIRECTORY: &str = "/etc/hostward";
/// Larger files are refused: nobody writes such checks by hand.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Every check, by id.
pub fn checks(directory: &Path) -> Result<Vec<Check>, String> {
    let texts = texts(embedded::CHECKS, &directory.join("checks"), "toml")?;
    texts.iter().map(|(name, text)| Check::parse(name, text).map_err(said)).collect()
}

/// Every framework, by id.
pub fn frameworks(directory: &Path) -> Result<Vec<Framework>, String> {
    let texts = texts(embedded::FRAMEWORKS, &directory.join("frameworks"), "toml")?;
    texts.iter().map(|(name, text)| Framework::parse(name, text).map_err(said)).collect()
}

/// Every fix.
pub fn fixes(directory: &Path) -> Result<fix::Library, String> {
    let texts = texts(embedded::FIXES, &directory.join("fixes"), "toml")?;
    let fixes = texts.iter().map(|(name, text)| Fix::parse(name, text).map_err(said));
    Ok(fix::Library::new(fixes.collect::<Result<Vec<_>, _>>()?))
}

/// Every workflow, by name.
pub fn workflows(directory: &Path) -> Result<Vec<Workflow>, String> {
    let texts = texts(embedded::WORKFLOWS, &directory.join("workflows"), "toml")?;
    texts.iter().map(|(name, text)| Workflow::parse(name, text).map_err(said)).collect()
}

/// Every role, by name.
pub fn roles(directory: &Path) -> Result<Vec<Role>, String> {
    let texts = texts(embedded::PROFILES, &directory.join("profiles"), "toml")?;
    texts.iter().map(|(name, text)| Role::parse(name, text).map_err(said)).collect()
}

/// Every template of a configuration.
pub fn templates(directory: &Path) -> Result<Library, String> {
    let texts = texts(embedded::TEMPLATES, &directory.join("templates"), "j2")?;
    Library::parse(texts.iter().map(|(name, text)| (name.as_str(), text.as_str()))).map_err(said)
}

fn said(error: ContentError) -> String {
    error.to_string()
}

fn texts(own: &[(&str, &str)], directory: &Path, ending: &str) -> Result<BTreeMap<String, String>, String> {
    let mut texts: BTreeMap<String, String> =
        own.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    lay_over(directory, directory, ending, &mut texts)
        .map_err(|error| format!("{}: {error}", directory.display()))?;
    Ok(texts)
}

/// Folders are one deep: an area has no areas.
fn lay_over(
    top: &Path,
    directory: &Path,
    ending: &str,
    texts: &mut BTreeMap<String, String>,
) -> io::Result<()> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() && directory == top {
            lay_over(top, &path, ending, texts)?;
        } else if path.extension().is_some_and(|own| own == ending) {
            let name = path.strip_prefix(top).unwrap_or(&path).display().to_string();
            texts.insert(name, read(&path)?);
        }
    }
    Ok(())
}

fn read(path: &Path) -> io::Result<String> {
    if fs::metadata(path)?.len() > FILE_BYTES_MAX {
        return Err(io::Error::other(format!("{}: larger than {FILE_BYTES_MAX} bytes", path.display())));
    }
    fs::read_to_string(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;

    #[test]
    fn an_administrators_check_takes_the_place_of_ours() {
        let scratch = Scratch::new("catalogue");
        let own = checks(scratch.path()).unwrap();
        let (name, text) = embedded::CHECKS.iter().find(|(name, _)| *name == "ssh/root_login.toml").unwrap();
        let path = scratch.path().join("checks").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text.replace("severity = \"high\"", "severity = \"low\"")).unwrap();
        let laid_over = checks(scratch.path()).unwrap();
        assert_eq!(own.len(), laid_over.len());
        let severity =
            |all: &[Check]| all.iter().find(|own| own.id == "ssh.root_login").unwrap().severity.as_str();
        assert_eq!((severity(&own), severity(&laid_over)), ("high", "low"));
        fs::write(&path, "id = 3").unwrap();
        assert!(checks(scratch.path()).unwrap_err().starts_with("ssh/root_login.toml:1: "));
    }

    #[test]
    fn every_role_names_what_there_is() {
        let none = Path::new("/nonexistent");
        let (frameworks, library) = (frameworks(none).unwrap(), templates(none).unwrap());
        for role in roles(none).unwrap() {
            assert!(
                role.frameworks.iter().all(|name| frameworks.iter().any(|own| own.id == *name)),
                "{}",
                role.name
            );
            assert!(role.leave.iter().all(|name| library.front(name).is_some()), "{}", role.name);
        }
    }

    /// What fixes answer exists, and one check or alert has one answer.
    #[test]
    fn every_fix_answers_what_there_is() {
        let none = Path::new("/nonexistent");
        let (checks, fixes) = (checks(none).unwrap(), fixes(none).unwrap());
        let answered: Vec<_> = fixes.iter().flat_map(|own| &own.answers.checks).collect();
        for (index, id) in answered.iter().enumerate() {
            assert!(checks.iter().any(|own| own.id == **id), "there is no check {id}");
            assert!(!answered[..index].contains(id), "{id} has two answers");
        }
        let (rules, _) = crate::content::rules(true, &[]);
        for alert in fixes.iter().flat_map(|own| &own.answers.alerts) {
            let line = format!("alert: {alert}\n");
            assert!(rules.iter().any(|own| own.text.contains(&line)), "there is no alert {alert}");
        }
    }

    #[test]
    fn every_framework_can_be_read() {
        assert!(frameworks(Path::new("/nonexistent")).unwrap().iter().any(|own| own.id == "cis-debian-12"));
    }
}
