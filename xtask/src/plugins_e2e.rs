//! `cargo xtask plugins-e2e`: every plugin that means harm, one at a time with its timing, and thirty real ones at once, the examples
//! among them, each built from its source in C, C++ and Rust, and in Go and Zig where these are installed.

use crate::live::scratch::Scratch;
use crate::options::Options;
use crate::suite::needs::is_here;
use crate::{Outcome, root};
use std::path::Path;
use std::process::Command;

/// What the others come from.
const PACKAGES: &str =
    "monitoring-plugins-basic munin-plugins-core prometheus-node-exporter-collectors prometheus";

/// Builds the examples and runs the tests of plugins with those that need Debian's packages, on the release build unless `--debug`.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["debug"])?;
    let scratch = Scratch::new("plugins-e2e")?;
    let profile = if options.has("debug") { "dev" } else { "release" };
    examples(scratch.path(), profile)?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root()).env("HOSTWARD_EXAMPLES", scratch.path()).arg("test");
    if !options.has("debug") {
        cargo.arg("--release");
    }
    // The child's own tests build the child, which the daemon then finds beside itself.
    cargo.args([
        "--package",
        "hostward-plugin-host",
        "--package",
        "hostward",
        "--test",
        "child",
        "--test",
        "plugins",
    ]);
    cargo.args(["--", "--include-ignored", "--nocapture", "--test-threads=1"]);
    run_to_end("cargo test", &mut cargo).map_err(|why| {
        format!("{why}; if plugins are missing, type: apt-get install --no-install-recommends {PACKAGES}")
    })
}

/// Builds each example into `out`.
fn examples(out: &Path, profile: &str) -> Outcome<()> {
    let dir = root().join("plugins/examples");
    let mut make = Command::new("make");
    make.arg("-C").arg(&dir).arg(format!("OUT={}", out.display())).arg(format!("PROFILE={profile}"));
    run_to_end("make", make.arg("all"))?;
    if is_here("go") {
        let template = root().join("plugins/templates/go");
        let source = out.join("go");
        std::fs::create_dir_all(&source).map_err(|error| format!("{}: {error}", source.display()))?;
        for file in ["main.go", "go.mod"] {
            let text =
                std::fs::read_to_string(template.join(file)).map_err(|error| format!("{file}: {error}"))?;
            std::fs::write(source.join(file), text.replace("NAME", "spool_go"))
                .map_err(|error| format!("{file}: {error}"))?;
        }
        let mut go = Command::new("go");
        go.current_dir(&source).env("CGO_ENABLED", "0").args(["build", "-o"]).arg(out.join("spool_go"));
        run_to_end("go build", &mut go)?;
    }
    Ok(())
}

fn run_to_end(what: &str, command: &mut Command) -> Outcome<()> {
    let status = command.status().map_err(|error| format!("{what}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{what}: {status}")) }
}
