//! What every reader of an area has to stand.

use super::*;
use crate::testing::Tree;
use hostward_model::FileKind;
use proptest::prelude::*;

/// What a reader makes of these files: a line for each fact, or why there is none.
pub fn shown(reader: &Reader, files: &[(&str, &str)]) -> String {
    let tree = Tree::new(files);
    let wanted = Wanted { areas: [reader.area.to_owned()].into(), ..Wanted::default() };
    match &collect(&tree.host(), &wanted).areas[reader.area] {
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

/// Every file that a reader starts with; a pattern or a directory is given a name in it.
fn starting_points() -> Vec<String> {
    let paths = READERS.iter().flat_map(|reader| reader.reads).filter(|path| **path != "/");
    let directory = |path: &str| path.ends_with(".d") || path.ends_with("lists") || path.ends_with("system");
    let file =
        |path: &str| if directory(path) { format!("{path}/own.conf") } else { path.replace('*', "own") };
    paths.map(|path| file(path)).collect()
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

/// Long files of things that are all different, as nobody writes them. Readers that compare each with those before have bounds, and
/// those that nest have one, too: a stack that is used up would end the process.
#[test]
fn long_files_come_to_an_end() {
    let shapes: [fn(usize) -> String; 8] = [
        |n| format!("k{n} v{n}\n"),
        |n| format!("k{n} = v;\n"),
        |n| format!("[s{n}]\nk{n} = v\n"),
        |n| format!("Match User u{n}\nk{n} v\n<Directory /{n}>\n"),
        |n| format!("u{n}:x:{n}:{n}::/home/{n}:/bin/sh\n"),
        |n| {
            if n == 0 { "http {\n".to_owned() } else { format!("server {{ k{n} v; }} location /{n} {{ }}\n") }
        },
        |_| ";".repeat(300),
        |_| "{".repeat(300),
    ];
    for shape in shapes {
        let begun = std::time::Instant::now();
        survive((0..1_200).map(shape).collect::<String>().as_bytes());
        let took = begun.elapsed();
        println!("{:?}: {took:?}", shape(1).chars().take(20).collect::<String>());
        assert!(took.as_secs() < 60, "it took {took:?}");
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
];

fn survive(bytes: &[u8]) {
    let tree = Tree::new(&[]);
    starting_points().iter().for_each(|path| tree.write(path, bytes));
    let facts = collect(&tree.host(), &everything());
    assert_eq!(facts.areas.len(), READERS.len() + 1, "an area is missing");
}
