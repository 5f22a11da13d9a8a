//! `collect[]=NAME` and `exclude[]=NAME` of a scrape: which probes are wanted, as node_exporter has it.

use crate::percent::decode;
use crate::sampler::{OWN, Report};
use hostward_probes::PROBES;

/// Names in one request; there are fewer probes than this.
const NAMES_MAX: usize = 256;

/// Which probes a scrape wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// All of them.
    #[default]
    All,
    /// These.
    Only(Vec<String>),
    /// All but these.
    Without(Vec<String>),
}

impl Filter {
    /// Reads the part of a URL after `?`; the error is what is wrong with it. Other parameters are not looked at.
    pub fn parse(query: &str) -> Result<Self, String> {
        let (mut only, mut without) = (Vec::new(), Vec::new());
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match decode(name).as_str() {
                "collect[]" => only.push(decode(value)),
                "exclude[]" => without.push(decode(value)),
                _ => {}
            }
        }
        if only.len() + without.len() > NAMES_MAX {
            return Err(format!("more than {NAMES_MAX} names"));
        }
        match (only.is_empty(), without.is_empty()) {
            (true, true) => Ok(Filter::All),
            (false, true) => Ok(Filter::Only(only)),
            (true, false) => Ok(Filter::Without(without)),
            (false, false) => Err("collect[] and exclude[] cannot be used together".to_owned()),
        }
    }

    /// Whether a probe is wanted.
    pub fn wants(&self, probe: &str) -> bool {
        match self {
            Filter::All => true,
            Filter::Only(names) => names.iter().any(|name| name == probe),
            Filter::Without(names) => names.iter().all(|name| name != probe),
        }
    }

    /// What is wrong with its names: one that there is no probe for, or the wish for one that does not run.
    pub fn complaint(&self, seen: &[String], report: Option<&Report>) -> Option<String> {
        let runs = |name: &str| {
            name == OWN
                || seen.iter().any(|own| own == name)
                || report.is_some_and(|report| report.probes.iter().any(|own| own.probe == name))
        };
        let exists = |name: &str| PROBES.iter().any(|spec| spec.name == name);
        let (names, must_run) = match self {
            Filter::All => return None,
            Filter::Only(names) => (names, report.is_some()),
            Filter::Without(names) => (names, false),
        };
        names.iter().find(|name| !runs(name) && (must_run || !exists(name))).map(|name| match exists(name) {
            true => format!("the probe {name:?} is switched off"),
            false => format!("there is no probe {name:?}; hostward probes list has their names"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampler::Status;
    use proptest::prelude::*;

    #[test]
    fn names_are_read() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let cases = [
            ("", Filter::All),
            ("x=1&debug", Filter::All),
            ("collect[]=cpu&collect[]=netdev", Filter::Only(names(&["cpu", "netdev"]))),
            ("collect%5B%5D=cpu", Filter::Only(names(&["cpu"]))),
            ("exclude[]=cpu&x=1", Filter::Without(names(&["cpu"]))),
            ("collect[]", Filter::Only(names(&[""]))),
            ("collect=cpu", Filter::All),
        ];
        for (query, wanted) in cases {
            assert_eq!(Filter::parse(query).unwrap(), wanted, "{query}");
        }
        assert!(Filter::parse("collect[]=cpu&exclude[]=netdev").unwrap_err().contains("together"));
        assert!(Filter::parse(&"collect[]=cpu&".repeat(NAMES_MAX + 1)).is_err());
    }

    #[test]
    fn names_must_be_known_and_what_is_asked_for_must_run() {
        let report = Report { probes: vec![Status::new("loadavg", 1)], ..Report::default() };
        let complaint =
            |query: &str, report| Filter::parse(query).unwrap().complaint(&["mine".to_owned()], report);
        for query in ["", "collect[]=loadavg", "collect[]=hostward", "collect[]=mine", "exclude[]=cpu"] {
            assert_eq!(complaint(query, Some(&report)), None, "{query}");
        }
        assert_eq!(complaint("collect[]=cpu", None), None, "nobody knows yet what runs");
        let cases = [
            ("collect[]=loadavrg", "there is no probe \"loadavrg\""),
            ("exclude[]=loadavrg", "there is no probe \"loadavrg\""),
            ("collect[]=", "there is no probe \"\""),
            ("collect[]=cpu", "the probe \"cpu\" is switched off"),
        ];
        for (query, wanted) in cases {
            let got = complaint(query, Some(&report)).unwrap();
            assert!(got.starts_with(wanted), "{query}: {got}");
        }
    }

    #[test]
    fn what_is_wanted_is_told_apart() {
        let wants = |query: &str| ["cpu", "hostward"].map(|name| Filter::parse(query).unwrap().wants(name));
        assert_eq!(wants(""), [true, true]);
        assert_eq!(wants("collect[]=cpu"), [true, false]);
        assert_eq!(wants("exclude[]=cpu"), [false, true]);
    }

    proptest! {
        #[test]
        fn any_query_is_read_or_refused(query in "(collect(\\[\\]|%5B%5D)|exclude\\[\\]|[&=%+a-f0-9]|\\PC){0,40}") {
            if let Ok(filter) = Filter::parse(&query) {
                filter.complaint(&[], None);
            }
        }
    }
}
