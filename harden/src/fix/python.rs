//! Python 3: inputs as constants, steps as calls, and the runtime below them. The standard library is all that it needs.

use super::Fix;
use crate::render::Input;
use std::borrow::Cow;
use std::fmt::Write;

/// The script; `values` are those of the inputs, in their order.
pub(super) fn script(fix: &Fix, id: &str, header: &str, values: &[Cow<str>]) -> String {
    let mut out = format!("#!/usr/bin/env python3\n{header}\n{IMPORTS}\n");
    let needs: Vec<_> = fix.needs.iter().map(|own| quoted(own)).collect();
    let _ = writeln!(
        out,
        "FIX_ID = {}\nFIX_TITLE = {}\nFIX_NEEDS = [{}]",
        quoted(id),
        quoted(&fix.title),
        needs.join(", ")
    );
    out += &bindings(fix, values);
    out += "\n\ndef steps(fix):\n    \"\"\"What is done, in this order.\"\"\"\n";
    for call in &fix.steps {
        let variable = |index: usize| name(&fix.inputs()[index]);
        let words = Fix::arguments(call, |_, value| quoted(value), variable).join(", ");
        let _ = writeln!(out, "    fix.because({})\n    fix.{}({words})", quoted(&call.why), call.step.name);
    }
    out + include_str!("python/runtime.py")
}

const IMPORTS: &str = "\
import difflib
import fcntl
import grp
import hashlib
import ipaddress
import json
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess  # nosec B404
import sys
import tempfile
import time
";

/// A constant for each input. All of them are text: a number is one where a step wants one.
pub(super) fn bindings(fix: &Fix, values: &[Cow<str>]) -> String {
    let line = |(input, value): (&Input, &Cow<str>)| format!("{} = {}\n", name(input), quoted(value));
    fix.inputs().iter().zip(values).map(line).collect()
}

fn name(input: &Input) -> String {
    format!("IN_{}", input.name.to_uppercase())
}

/// A text in printable ASCII, in quotes that nothing in it can end.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            c => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn literals() {
        let cases = [
            ("a b", "\"a b\""),
            ("\"'\\", "\"\\\"'\\\\\""),
            ("\n\u{fc}\u{1f600}", "\"\\U0000000a\\U000000fc\\U0001f600\""),
            ("{x}%s", "\"{x}%s\""),
        ];
        for (text, expected) in cases {
            assert_eq!(quoted(text), expected);
        }
    }
}
