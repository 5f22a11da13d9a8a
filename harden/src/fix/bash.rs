//! Bash: inputs in read-only variables, steps as calls, and the runtime below them.

use super::Fix;
use crate::render::{BASH, Input, Type};
use std::borrow::Cow;
use std::fmt::Write;

/// The script; `values` are those of the inputs, in their order.
pub(super) fn script(fix: &Fix, id: &str, header: &str, values: &[Cow<str>]) -> String {
    let mut out = format!("#!/usr/bin/env bash\n{header}{HEAD}");
    let constants = [("fix_id", id), ("fix_title", &fix.title), ("fix_needs", &fix.needs.join(" "))];
    for (name, text) in constants {
        let _ = writeln!(out, "readonly {name}={}", quoted(Type::Text, text));
    }
    out += &bindings(fix, values);
    out += "\n# What is done, in this order.\nsteps() {\n";
    for call in &fix.steps {
        let variable = |index: usize| format!("\"$in_{}\"", fix.inputs()[index].name);
        let words = Fix::arguments(call, quoted, variable).join(" ");
        let line = format!("{} {words}", call.step.name);
        let _ = writeln!(out, "  because {}\n  {}", quoted(Type::Text, &call.why), line.trim_end());
    }
    out + "}\n" + include_str!("bash/runtime.sh")
}

const HEAD: &str = "\
# shellcheck disable=SC2317  # no fix uses all that fixes have in common
set -Eeuo pipefail

";

/// A read-only variable for each input.
pub(super) fn bindings(fix: &Fix, values: &[Cow<str>]) -> String {
    let line = |(input, value): (&Input, &Cow<str>)| {
        format!("readonly in_{}={}\n", input.name, quoted(input.kind, value))
    };
    fix.inputs().iter().zip(values).map(line).collect()
}

fn quoted(kind: Type, value: &str) -> String {
    (BASH.literal)(kind, value)
}
