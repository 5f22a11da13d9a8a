//! Whatever a value holds, it arrives in the script as data, byte for byte, and nothing of it is run.

mod common;

use common::{Scratch, header, run};
use hostward_harden::render::Playbook;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Inputs of the playbook below: one Bash process tests that many strings.
const INPUTS: usize = 32;
/// Cases × inputs: over ten thousand strings.
const CASES: u32 = 320;

/// A playbook that prints its inputs, each after a NUL.
fn echo() -> Playbook {
    let mut front =
        String::from("#+ name = 'echo'\n#+ title = 'Echo'\n#+ language = 'bash'\n#+ kind = 'diagnostic'\n");
    let (mut head, mut code) = (String::new(), String::new());
    for index in 0..INPUTS {
        let kind = ["text", "path", "user", "text"][index % 4];
        let _ =
            write!(front, "#+ [inputs.x{index}]\n#+ type = '{kind}'\n#+ required = true\n#+ about = 'any'\n");
        let _ = writeln!(head, "readonly x{index}={{{{ x{index} }}}}");
        let _ = writeln!(code, "printf '%s\\0' \"$x{index}\"");
    }
    Playbook::parse("echo.sh", &(front + &head + &code)).unwrap_or_else(|error| panic!("{error}"))
}

/// Pieces that have broken somebody's quoting before.
const PIECES: [&str; 36] = [
    "'",
    "\"",
    "\\",
    "`",
    "$",
    "$(",
    ")",
    "${",
    "}",
    "$((",
    "$'",
    "';",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\u{1b}[2J",
    "\u{7}",
    "\u{8}",
    "\u{1}",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{202e}",
    "\u{feff}",
    "\u{fffd}",
    "\u{10ffff}",
    "-",
    "--",
    "#",
    "!",
    "*",
    "~",
    "&& touch canary;",
    "$(touch canary)",
    "`touch canary`",
];

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(&PIECES[..]).prop_map(str::to_owned),
        2 => any::<char>().prop_filter("no value holds NUL", |c| *c != '\0').prop_map(String::from),
        1 => "[ -~]{1,20}",
        1 => (prop::sample::select(&PIECES[..]), 1..40usize).prop_map(|(piece, times)| piece.repeat(times)),
    ]
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        20 => prop::collection::vec(piece(), 1..12).prop_map(|pieces| pieces.concat()),
        1 => (prop::sample::select(&PIECES[..]), Just(4096)).prop_map(|(piece, bytes)| piece.repeat(bytes / piece.len())),
    ]
}

/// The value made fit for the input's type: a path is absolute, a name is short.
fn fitted(index: usize, value: &str) -> String {
    let (prefix, bytes_max) = [("", 4096), ("/", 4095), ("", 256), ("-", 4095)][index % 4];
    let mut end = value.len().min(bytes_max);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    format!("{prefix}{}", &value[..end])
}

#[test]
fn values_come_back_byte_for_byte_and_nothing_runs() {
    let (playbook, scratch) = (echo(), Scratch::new("values"));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let values = prop::collection::vec(value(), INPUTS);
    let outcome = runner.run(&values, |values| {
        let values: Vec<_> = values.iter().enumerate().map(|(index, value)| fitted(index, value)).collect();
        let named = values.iter().enumerate().map(|(index, value)| (format!("x{index}"), value.clone()));
        let labels: BTreeMap<_, _> = named.collect();
        let script =
            playbook.render(&header(&values[0]), &labels).map_err(|e| TestCaseError::fail(e.to_string()))?;
        let output = run("bash", "bash", &[], &script, &scratch.0);
        let expected: Vec<u8> = values.iter().flat_map(|value| [value.as_bytes(), b"\0"].concat()).collect();
        prop_assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        prop_assert!(output.stdout == expected, "{:?} came back from {}", values, script);
        prop_assert_eq!(scratch.names(), Vec::<String>::new());
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_header_is_comment_lines_in_ascii(text in value()) {
        let labels = (0..INPUTS).map(|index| (format!("x{index}"), fitted(index, "x"))).collect();
        let script = echo().render(&header(&text), &labels).map_err(|e| TestCaseError::fail(e.to_string()))?;
        let (head, rest) = script.split_once("set -euo pipefail\n").ok_or(TestCaseError::fail("no strict mode"))?;
        prop_assert!(head.lines().all(|line| line.starts_with('#')), "{}", head);
        prop_assert!(head.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n')), "{}", head);
        prop_assert!(head.starts_with("#!/usr/bin/env bash\n# "));
        prop_assert!(rest.starts_with("readonly x0='x'\n"), "{}", rest);
        // An editor that obeys settings in a file looks for them in its first five lines.
        let first: Vec<_> = head.lines().take(5).collect();
        prop_assert!(!first.concat().contains("touch canary"));
    }
}

#[test]
fn what_does_not_fit_is_refused_and_named() {
    let mut labels: BTreeMap<_, _> =
        (0..INPUTS).map(|index| (format!("x{index}"), fitted(index, "x"))).collect();
    labels.insert("x1".to_owned(), "relative\n\u{1b}[2J".to_owned());
    let error = echo().render(&header("x"), &labels).unwrap_err().to_string();
    let expected = "playbook echo: input x1 (path): expected an absolute path of at most 4096 bytes without NUL, \
                    found \"relative\\n\\u{1b}[2J\"";
    assert_eq!(error, expected);
    labels.remove("x1");
    let error = echo().render(&header("x"), &labels).unwrap_err().to_string();
    assert_eq!(error, "playbook echo: input x1 is required; give the alert a label x1");
}
