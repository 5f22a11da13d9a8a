//! A plugin from a template works as it is: it builds, and its own golden test passes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::process::Command;
use support::{Scratch, ask, printed};

/// Makes a plugin of a language and runs its test with this binary.
fn check(lang: &str) {
    let scratch = Scratch::new(&format!("plugin-{lang}"));
    let dir = scratch.path("").display().to_string();
    let output = ask(&scratch, &["plugin", "new", "disk_age", "--lang", lang, "--dir", &dir]);
    assert!(output.status.success(), "{}", printed(&output).1);
    let made = scratch.path("disk_age");
    let mut make = Command::new("make");
    let tested =
        make.arg("test").current_dir(&made).env("HOSTWARD", env!("CARGO_BIN_EXE_hostward")).output().unwrap();
    let (out, said) = printed(&tested);
    assert!(tested.status.success(), "{lang}: {out}{said}");
    // The test can fail: another golden answer is not this one.
    let golden = made.join("expected.prom");
    let other = std::fs::read_to_string(&golden).unwrap().replace(" 11\n", " 12\n");
    std::fs::write(&golden, other).unwrap();
    assert!(!make.output().unwrap().status.success());
}

#[test]
fn c() {
    check("c");
}

#[test]
fn cpp() {
    check("cpp");
}

#[test]
fn sh() {
    check("sh");
}

#[test]
fn python() {
    check("python");
}

#[test]
fn rust_and_go_have_all_their_files() {
    let scratch = Scratch::new("plugin-files");
    let dir = scratch.path("").display().to_string();
    for (lang, name, files) in [
        ("rust", "one", ["Cargo.toml", "src/lib.rs", "tests/golden.rs", "expected.prom"]),
        ("go", "two", ["main.go", "go.mod", "Makefile", "expected.prom"]),
    ] {
        assert!(ask(&scratch, &["plugin", "new", name, "--lang", lang, "--dir", &dir]).status.success());
        for file in files {
            let text = std::fs::read_to_string(scratch.path(&format!("{name}/{file}"))).unwrap();
            assert!(!text.contains("NAME") && text.contains(name), "{file}");
        }
    }
}

#[test]
fn what_is_there_is_left_alone_and_names_are_checked() {
    let scratch = Scratch::new("plugin-refused");
    scratch.write("there/mine", "x");
    let dir = scratch.path("").display().to_string();
    for (name, why) in
        [("there", "is there already"), ("Disk-Age", "[a-z][a-z0-9_]*"), ("../up", "[a-z][a-z0-9_]*")]
    {
        let output = ask(&scratch, &["plugin", "new", name, "--lang", "sh", "--dir", &dir]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(printed(&output).1.contains(why), "{name}: {}", printed(&output).1);
    }
}
