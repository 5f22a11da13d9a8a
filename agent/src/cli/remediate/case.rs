//! What is to be mended: each thing that a file, an id or a word on the command line stands for, with the fix that is known for it.

use super::Remediate;
use crate::catalogue;
use crate::cli::{Common, Failure, findings};
use hostward_harden::check::Check;
use hostward_harden::finding::Finding;
use hostward_harden::fix::{Choice, Library};
use std::collections::BTreeMap;
use std::path::Path;

/// A shorter word is no id that anybody means.
const ID_CHARS_MIN: usize = 4;

/// One thing that is to be mended.
pub struct Case {
    /// Names its script.
    pub id: String,
    /// What it is, for people.
    pub about: String,
    /// For the head of the script.
    pub lines: Vec<(String, String)>,
    /// The fix, by its name, and what is known of its values.
    pub fix: Option<(String, BTreeMap<String, String>)>,
}

/// What the words on the command line mean.
pub fn cases(common: &Common, own: &Remediate, library: &Library) -> Result<Vec<Case>, Failure> {
    let path = Path::new(&own.what);
    if path.is_file() {
        let report = findings::report(path, own.format)?;
        return Ok(report.findings.iter().map(|finding| of_finding(library, finding)).collect());
    }
    let id = own.what.len() >= ID_CHARS_MIN && own.what.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(known) = if id { findings::find(common, &own.what)? } else { None } {
        return Ok(vec![of_finding(library, &known.finding)]);
    }
    let values: BTreeMap<_, _> = own.values.iter().cloned().collect();
    let named = library.get(&own.what).map(|fix| Choice { fix, values: BTreeMap::new() });
    let choice =
        named.or_else(|| library.for_check(&own.what)).or_else(|| library.for_alert(&own.what, &values));
    match choice {
        Some(choice) => Ok(vec![of_word(&own.what, choice)]),
        None => Err(Failure::Usage(unknown(&own.what, library)?)),
    }
}

/// Most checks are met by a whole configuration, which `harden render` knows.
fn unknown(what: &str, library: &Library) -> Result<String, Failure> {
    let checks = catalogue::checks(Path::new(catalogue::DIRECTORY)).map_err(Failure::Usage)?;
    let fits = |own: &&Check| own.id == what && own.template.is_some();
    if let Some(template) = checks.iter().find(fits).and_then(|own| own.template.as_deref()) {
        return Ok(format!("{what} is met by a configuration: hostward harden render {template}"));
    }
    let known: Vec<_> = library.iter().map(|own| own.name.as_str()).collect();
    Ok(format!(
        "{what} is no file, finding, check or alert that a fix is known for; fixes: {}",
        known.join(", ")
    ))
}

fn of_word(what: &str, choice: Choice) -> Case {
    Case {
        id: String::new(),
        about: what.to_owned(),
        lines: vec![("answers".to_owned(), what.to_owned())],
        fix: Some((choice.fix.name.clone(), choice.values)),
    }
}

fn of_finding(library: &Library, finding: &Finding) -> Case {
    let line = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    Case {
        id: finding.id.clone(),
        about: format!("{}: {}", finding.location, finding.title),
        lines: vec![
            line("finding", &finding.id),
            line("found by", &format!("{}, {}", finding.tool, finding.rule)),
            line("where", &finding.location.to_string()),
            line("what", &finding.title),
        ],
        fix: library.for_finding(finding).map(|choice| (choice.fix.name.clone(), choice.values)),
    }
}
