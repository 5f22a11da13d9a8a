//! All fixes, and which of them answers what.

use super::Fix;
use crate::audit::TOOL;
use crate::finding::{Finding, Location};
use std::collections::BTreeMap;

/// All fixes.
#[derive(Clone, Debug, Default)]
pub struct Library {
    fixes: BTreeMap<String, Fix>,
}

/// A fix and what is known of its values.
#[derive(Clone, Debug)]
pub struct Choice<'l> {
    /// The fix.
    pub fix: &'l Fix,
    /// Values for its inputs; those that are missing have to be asked for.
    pub values: BTreeMap<String, String>,
}

impl Library {
    /// Of several with one name the last counts.
    pub fn new(fixes: impl IntoIterator<Item = Fix>) -> Library {
        Library { fixes: fixes.into_iter().map(|own| (own.name.clone(), own)).collect() }
    }

    /// Each, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Fix> {
        self.fixes.values()
    }

    /// The fix of that name.
    pub fn get(&self, name: &str) -> Option<&Fix> {
        self.fixes.get(name)
    }

    /// What answers a finding: by what its scanner asks for where that is known, else by its kind.
    pub fn for_finding(&self, finding: &Finding) -> Option<Choice<'_>> {
        // What an audit found is named by its check.
        if finding.tool == TOOL {
            return self.for_check(&finding.rule);
        }
        if let Some((name, values)) = asked(finding) {
            return self.get(name).map(|fix| Choice { fix, values });
        }
        if matches!(&finding.location, Location::Package { ecosystem, .. } if !is_of_apt(ecosystem.as_deref()))
        {
            return self
                .get("vulnerable-dependency")
                .map(|fix| Choice { fix, values: values(&finding.location) });
        }
        // A scanner of code names code: what would be done to a host is no answer to it.
        let in_code = matches!(finding.location, Location::File { .. });
        let fits = |own: &&Fix| own.answers.kinds.contains(&finding.kind) && (!in_code || own.only_tells());
        let general = || in_code.then(|| self.get("code-flaw")).flatten();
        let fix = self.iter().find(fits).or_else(general)?;
        Some(Choice { fix, values: values(&finding.location) })
    }

    /// What answers an alert of that name; its labels are the values.
    pub fn for_alert(&self, name: &str, labels: &BTreeMap<String, String>) -> Option<Choice<'_>> {
        let fix = self.iter().find(|own| own.answers.alerts.iter().any(|own| own == name))?;
        let wanted = |name: &String| fix.inputs().iter().any(|input| input.name == *name);
        let values = labels.iter().filter(|(name, _)| wanted(name));
        Some(Choice { fix, values: values.map(|(name, value)| (name.clone(), value.clone())).collect() })
    }

    /// What answers a check whatever its values are.
    pub fn for_check(&self, id: &str) -> Option<Choice<'_>> {
        let fix = self.iter().find(|own| own.answers.checks.iter().any(|own| own == id))?;
        Some(Choice { fix, values: BTreeMap::new() })
    }
}

/// A package that this host's own package manager can update.
fn is_of_apt(ecosystem: Option<&str>) -> bool {
    let names = ["deb", "debian", "ubuntu"];
    ecosystem.is_some_and(|own| names.iter().any(|name| own.to_lowercase().split(':').next() == Some(name)))
}

/// Lynis names the option of sshd, what it is and what it should be.
fn asked(finding: &Finding) -> Option<(&'static str, BTreeMap<String, String>)> {
    if finding.tool != "lynis" || finding.rule != "SSH-7408" {
        return None;
    }
    let field = |name: &str| {
        let found = finding.evidence.split(['|', ';']).find_map(|own| own.strip_prefix(name));
        found.filter(|own| !own.is_empty()).map(str::to_owned)
    };
    let values = [("key", field("field:")?), ("value", field("prefval:")?.to_lowercase())];
    Some(("ssh-setting", values.map(|(name, value)| (name.to_owned(), value)).into()))
}

fn values(location: &Location) -> BTreeMap<String, String> {
    let pairs = match location {
        Location::File { path, line, .. } => {
            vec![("path", path.clone()), ("line", line.map_or(String::new(), |own| own.to_string()))]
        }
        Location::Package { name, version, fixed, path, .. } => vec![
            ("package", name.clone()),
            ("version", version.clone().unwrap_or_default()),
            ("fixed", fixed.clone().unwrap_or_default()),
            ("path", path.clone().unwrap_or_default()),
        ],
        Location::Url { url } => vec![("url", url.clone())],
        Location::Setting { name } => vec![("name", name.clone())],
    };
    pairs.into_iter().filter(|(_, own)| !own.is_empty()).map(|(name, own)| (name.to_owned(), own)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Kind;

    fn library() -> Library {
        let texts = [
            ("code-flaw", "", "do = 'person'\ntext = 'x'"),
            ("sql-injection", "answers.kinds = ['sql-injection']", "do = 'person'\ntext = 'x'"),
            (
                "nginx-tls",
                "answers.kinds = ['weak-tls']\nanswers.alerts = ['A']",
                "do = 'drop_bits'\npath = '/a'\nbits = 2",
            ),
            ("update-package", "answers.kinds = ['vulnerable-package']", "do = 'update_packages'"),
            ("vulnerable-dependency", "", "do = 'person'\ntext = 'x'"),
            ("ssh-setting", "", "do = 'clean_packages'"),
        ];
        let head = "title = 't'\nrisk = 'low'\nreversible = true\nchanges = 'c'";
        let fix = |(name, answers, step): (&str, &str, &str)| {
            let text = format!("name = '{name}'\n{head}\n{answers}\n[[step]]\nwhy = 'w'\n{step}\n");
            Fix::parse(&format!("{name}.toml"), &text).unwrap()
        };
        Library::new(texts.map(fix))
    }

    fn chosen(kind: Kind, location: Location) -> String {
        let finding = Finding { kind, location, ..Finding::default() };
        library().for_finding(&finding).map_or(String::new(), |own| own.fix.name.clone())
    }

    #[test]
    fn what_is_done_to_a_host_is_no_answer_to_code() {
        let file = || Location::File { path: "/srv/a.py".to_owned(), line: Some(3), column: None };
        let url = || Location::Url { url: "https://app.example".to_owned() };
        let package = |ecosystem: &str| Location::Package {
            name: "x".to_owned(),
            ecosystem: Some(ecosystem.to_owned()),
            version: None,
            fixed: None,
            path: None,
        };
        let cases = [
            (Kind::SqlInjection, file(), "sql-injection"),
            (Kind::WeakTls, file(), "code-flaw"),
            (Kind::WeakTls, url(), "nginx-tls"),
            (Kind::VulnerablePackage, package("Debian:12"), "update-package"),
            (Kind::VulnerablePackage, package("npm"), "vulnerable-dependency"),
            (Kind::Other, url(), ""),
        ];
        for (kind, location, expected) in cases {
            assert_eq!(chosen(kind, location.clone()), expected, "{kind:?} {location}");
        }
    }

    #[test]
    fn lynis_says_what_sshd_should_be_told() {
        let finding = Finding {
            tool: "lynis".to_owned(),
            rule: "SSH-7408".to_owned(),
            evidence: "sshd|desc:sshd option X11Forwarding;field:X11Forwarding;prefval:NO;value:YES;"
                .to_owned(),
            ..Finding::default()
        };
        let (library, pair) = (library(), |name: &str, value: &str| (name.to_owned(), value.to_owned()));
        let choice = library.for_finding(&finding).unwrap();
        assert_eq!(choice.fix.name, "ssh-setting");
        assert_eq!(choice.values, [pair("key", "X11Forwarding"), pair("value", "no")].into());
    }
}
