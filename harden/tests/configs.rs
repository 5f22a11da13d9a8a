//! Every template of `content/templates`: what it may print, that it is for checks that there are, and that what is
//! rendered on its own result changes nothing.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "these tests read the templates")]

use hostward_harden::check::{Check, Level};
use hostward_harden::config::{Host, Library, Wish};
use hostward_model::Facts;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn paths(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(paths(&path)) } else { all.push(path) }
    }
    all.sort();
    all
}

fn texts(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../content").join(folder);
    paths(&folder).into_iter().map(|path| (path.display().to_string(), fs::read_to_string(&path).unwrap())).collect()
}

fn library() -> Library {
    let files = texts("templates");
    Library::parse(files.iter().map(|(name, text)| (name.as_str(), text.as_str()))).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_name_in_a_template_has_a_type() {
    let library = library();
    assert!(library.fronts().len() >= 16);
    for front in library.fronts() {
        assert_eq!(library.unknown_names(front), BTreeSet::new(), "{}", front.name);
    }
}

#[test]
fn checks_name_templates_that_there_are() {
    let library = library();
    let checks = texts("checks").into_iter().map(|(name, text)| Check::parse(&name, &text).unwrap());
    let named: BTreeSet<String> = checks.filter_map(|check| check.template).collect();
    let own: BTreeSet<String> = library.fronts().iter().map(|front| front.name.clone()).collect();
    assert_eq!(named, own);
}

/// Words of template languages that could take a value past its type.
#[test]
fn no_template_has_a_filter_or_a_text_of_its_own_to_print() {
    for (name, text) in texts("templates") {
        let printed = text.split("{{").skip(1).filter_map(|rest| rest.split("}}").next());
        for expression in printed {
            let word = expression.trim();
            let plain = word.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit());
            assert!(plain, "{name}: {{{{{expression}}}}}");
        }
    }
}

#[test]
fn what_is_not_on_the_host_is_not_rendered() {
    let (library, facts, texts) = (library(), Facts::default(), BTreeMap::new());
    let host = Host { facts: &facts, texts: &texts };
    for level in [Level::Basic, Level::Moderate, Level::Strict] {
        let wish = Wish { level, ..Wish::default() };
        for front in library.fronts() {
            let own = library.render(front, &host, &wish).unwrap();
            assert_eq!(own.absent.is_some(), !front.needs.is_empty(), "{}", front.name);
            assert_eq!(own.artifacts.is_empty(), own.absent.is_some(), "{}", front.name);
        }
    }
}
