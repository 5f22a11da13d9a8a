//! What every reader of an area has to stand.

mod growth;
mod hostile;
mod written;

use super::*;
use crate::testing::Tree;
use hostward_model::FileKind;
use proptest::prelude::*;

/// What a reader makes of these files: a line for each fact, or why there is none.
pub fn shown(reader: &Reader, files: &[(&str, &str)]) -> String {
    let tree = Tree::new(files);
    match &collect(&tree.host(), &only(reader)).areas[reader.area] {
        Look::Seen(facts) => facts.iter().map(line).collect(),
        Look::Absent(what) => format!("absent: {what}\n"),
        Look::Unseen(gap) => format!("unseen: {}\n", gap.reason),
    }
}

fn line(fact: &Fact) -> String {
    let scope = if fact.scope.is_empty() { String::new() } else { format!("[{}] ", fact.scope) };
    format!("{scope}{} = {}  ({})\n", fact.key, fact.value, fact.origin)
}

fn everything() -> Wanted {
    Wanted {
        areas: READERS.iter().map(|reader| reader.area.to_owned()).collect(),
        files: ["/etc/*"].map(str::to_owned).into(),
        parameters: ["kernel.ostype"].map(str::to_owned).into(),
    }
}

/// What is wanted of one reader.
fn only(reader: &Reader) -> Wanted {
    Wanted { areas: [reader.area.to_owned()].into(), ..Wanted::default() }
}

fn reader(area: &str) -> &'static Reader {
    READERS.iter().find(|reader| reader.area == area).unwrap()
}

/// The files that a reader starts with; a pattern or a directory is given a name in it, and is one of drop-ins.
fn places(reader: &Reader) -> Vec<(String, bool)> {
    let file = |path: &str| match path.rsplit_once('.').map_or(path, |(_, ending)| ending) {
        _ if path.contains('*') => path.replace('*', "own"),
        _ if path.ends_with("rules.d") => format!("{path}/own.rules"),
        _ if path.ends_with("systemd/system") => format!("{path}/own.service"),
        "d" => format!("{path}/own.conf"),
        _ if path.ends_with("lists") => format!("{path}/own"),
        _ => path.to_owned(),
    };
    let paths = reader.reads.iter().filter(|path| **path != "/");
    paths.map(|path| (file(path), file(path) != *path)).collect()
}

fn starting_points(readers: &[&Reader]) -> Vec<String> {
    readers.iter().flat_map(|reader| places(reader)).map(|(path, _)| path).collect()
}

#[test]
fn areas_have_names_of_their_own() {
    let names: std::collections::BTreeSet<_> = READERS.iter().map(|reader| reader.area).collect();
    assert_eq!(names.len(), READERS.len());
    assert!(!names.contains(sysctl::RUNNING));
}

#[test]
fn an_empty_host_has_no_flaw() {
    for (area, look) in collect(&Tree::new(&[]).host(), &everything()).areas {
        assert!(!matches!(look, Look::Unseen(_)), "{area}: {look:?}");
    }
}

#[test]
fn this_host_can_be_read() {
    let facts = collect(&Host::new("/"), &everything());
    let shadow = facts.areas["accounts"].seen().unwrap();
    assert!(shadow.iter().any(|fact| fact.scope == "root" && fact.key == "uid" && fact.value == "0"));
    assert_eq!(facts.areas[sysctl::RUNNING].seen().unwrap()[0].value, "Linux");
    assert!(facts.files["/etc/*"].seen().unwrap().iter().any(|file| file.kind == FileKind::Directory));
}

#[test]
fn a_root_that_is_not_there_is_absent() {
    let facts = collect(&Host::new("/nonexistent/root"), &everything());
    assert!(facts.areas.values().all(|look| matches!(look, Look::Absent(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Any bytes in any file: no panic, and an end.
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        survive(&bytes);
    }

    /// The same of text that looks as if it meant something.
    #[test]
    fn any_words_are_survived(words in prop::collection::vec(prop::sample::select(WORDS), 0..60)) {
        survive(words.concat().as_bytes());
    }
}

const WORDS: &[&str] = &[
    " ",
    "\n",
    "\t",
    "=",
    ":",
    ";",
    "{",
    "}",
    "(",
    ")",
    "\"",
    "'",
    "\\",
    "\\\n",
    "#",
    "!",
    "+",
    "-",
    ",",
    "/",
    "*",
    "[",
    "]",
    "<",
    ">",
    "</",
    "%",
    "$",
    "é",
    "\u{1b}[2J",
    "Include ",
    "include ",
    "@include ",
    "@includedir /etc",
    "!includedir /etc",
    "Match ",
    "Host ",
    "Defaults",
    "NOPASSWD:",
    "auth",
    "install ",
    "-w ",
    "-a always,exit",
    "-S ",
    "-F path=",
    "server ",
    "location ",
    "chain ",
    "hook input",
    "dport ",
    "policy drop",
    "<Directory />",
    "<IfModule x>",
    "header",
    "umask",
    "TMOUT=",
    "/etc/passwd",
    "own",
    "x",
    "0",
    "22",
    "10:30:60",
    "\\040",
    "Status: install ok installed",
    "Package: ",
    "key = value\n",
    "set superusers=\"x\"\n",
    "deb [trusted=yes] http://x ./\n",
    "profile x {\n",
    "[Service]\n",
];

fn survive(bytes: &[u8]) {
    let tree = Tree::new(&[]);
    starting_points(READERS).iter().for_each(|path| tree.write(path, bytes));
    let facts = collect(&tree.host(), &everything());
    assert_eq!(facts.areas.len(), READERS.len() + 1, "an area is missing");
}
