//! `cargo xtask COMMAND`.

use hostward_xtask::Outcome;
use hostward_xtask::options::Options;
use hostward_xtask::{
    agree, calibration, crash, detect, docs, faults, figures, harden, history, lint, load, lockout, parity,
    peers, plugins, plugins_e2e, promqltest, quiet, remedy, ruling, sim, suite, workflows,
};
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask COMMAND

  test                     everything that must hold: format, lints, tests, docs, licences
  docs [--check]           write docs/reference from the code, or say whether it is up to date
  parity                   compare what we say of a captured host with what node_exporter says of it
  promqltest FILE...       run scripts that Prometheus tests its own evaluator with
  bench peers [--minutes 5]
                           what the agent costs beside node_exporter with the same collectors on
  bench load [--seconds 60]
                           what 2,000 processes, 500 mounts and 5,000 sockets cost
  bench rules [--minutes 5] [--warm-up 5]
                           what 100 rules over 2,000 series cost beside Debian's Prometheus
  bench plugins [--times 20000] [--minutes 5]
                           what a shared object's child adds to each answer, and its memory; what 20 plugins cost in an hour
  bench history [--minutes 12]
                           what 30 days of this host's series take of disk and memory, and how fast they are read
  bench detect DIR [--keep DIR]
                           how well labelled events are found in the corpora below DIR, and how fast
  agree [--faults 20] [--seed 1]
                           the same rules and samples in the agent and in Debian's Prometheus: when alerts turn, in both
  quiet [--minutes 30] [--warm-up 5] [--keep FILE] [--from FILE]
                           run the agent on this host and count what it says when nothing is wrong; or take what it saw then
                           once more, and tell which incidents alert, and why
  crash [--times 200]      kill -9 the agent at random moments and look for lost alerts
  sim [--seeds 3] [--from 1] [--days 14] [--kind NAME]
                           simulated hosts of ten kinds with planted faults: what is seen, when, and what else
  calibration [--minutes 30] [--weeks 3] [--keep FILE] [--from FILE]
                           how often confidence exceeds 95, 99 and 99.9 % on this host and on simulated quiet weeks
  faults [--times 3] [--kind NAME,NAME] [--warm-up 10]
                           ten kinds of real faults on this host: how soon the agent sees them, and what it takes for their cause
  plugins-e2e [--debug]    plugins that mean harm, with their timing, and thirty real ones in a live agent
  workflows-e2e            workflows from end to end, the long ones too: a real scanner, real guessed passwords (as root)
  harden-e2e [--root DIR] [--level NAME]
                           hardened configurations in a Debian 12 with five servers, which are then really asked (as root)
  harden-e2e --here        the part of it that takes this host's own tree and boots nothing, also a part of the tests (as root)
  readers [--root DIR]     what our readers make of configurations, beside the dumps of the servers themselves (as root)
  oscap [--root DIR]       OpenSCAP beside our checks on a stock and a hardened Debian 12: its score, and who is right (as root)
  remedy-e2e [--root DIR] [--only FIX,FIX] [--lang sh|py|ansible] [--auto]
                           every fix that changes something, in a booted Debian that was broken for it: rehearsed, applied, verified,
                           applied again, undone (as root)
  lockout [--root DIR] [--runs 50] [--seed 1]
                           changes that lock everybody out, with kill -9 and power cuts: is the host reachable again? (as root)
  lint-scripts             every fix in each language before bash -n, shellcheck, ruff, bandit and, if there, ansible-lint
  figures [--minutes 30]   what the agent costs, as a table for SPECIFICATION.md

What is measured is the release build of this checkout, or the binary that HOSTWARD_BINARY names.
";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let command = match command.as_str() {
        "bench" => format!("bench {}", words.next().unwrap_or_default()),
        _ => command,
    };
    if command == "promqltest" {
        return finish(promqltest::run(words));
    }
    let dir = if command == "bench detect" { words.next() } else { None };
    let options = match Options::parse(words) {
        Ok(options) => options,
        Err(why) => return fail(2, &why),
    };
    let outcome = match command.as_str() {
        "test" => return suite::run(),
        "docs" => docs::run(&options),
        "agree" => agree::run(&options),
        "quiet" => quiet::run(&options),
        "parity" => parity::run(&options),
        "plugins-e2e" => plugins_e2e::run(&options),
        "bench detect" => detect::run(dir, &options),
        "bench history" => history::run(&options),
        "bench load" => load::run(&options),
        "bench plugins" => plugins::run(&options),
        "bench peers" => peers::run(&options),
        "bench rules" => ruling::run(&options),
        "sim" => sim::run(&options),
        "calibration" => calibration::run(&options),
        "faults" => faults::run(&options),
        "crash" => crash::run(&options),
        "workflows-e2e" => workflows::run(&options),
        "harden-e2e" => harden::run(&options),
        "readers" => harden::readers(&options),
        "oscap" => harden::oscap::run(&options),
        "remedy-e2e" => remedy::run(&options),
        "lint-scripts" => lint::run(&options),
        "lockout" => lockout::run(&options),
        "figures" => figures::run(&options),
        _ => return fail(2, USAGE),
    };
    finish(outcome)
}

fn finish(outcome: Outcome<()>) -> ExitCode {
    outcome.map_or_else(|why| fail(1, &why), |()| ExitCode::SUCCESS)
}

fn fail(code: u8, why: &str) -> ExitCode {
    eprintln!("{}", why.trim_end());
    ExitCode::from(code)
}
