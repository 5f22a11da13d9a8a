//! A flaw in code: a scanner's results, a script for the worst of them, and a later scan that does not see it.

use super::play::{await_end, await_step, events, gave, said, start};
use super::support::{Daemon, Scratch, eventually};
use serde_json::json;

/// What bandit's SARIF of a small application says: with and without the flaw.
fn results(flaws: &[(&str, &str, u32)]) -> String {
    let result = |(rule, level, line): &(&str, &str, u32)| {
        json!({
            "ruleId": rule, "level": level, "message": { "text": format!("{rule} in app.py") },
            "properties": { "tags": ["security"] },
            "locations": [{ "physicalLocation": {
                "artifactLocation": { "uri": "app.py" },
                "region": { "startLine": line, "snippet": { "text": format!("line {line}") } },
            } }],
        })
    };
    json!({
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "Bandit", "rules": [
                { "id": "B608", "properties": { "tags": ["external/cwe/cwe-89"] } },
                { "id": "B101", "properties": { "tags": ["external/cwe/cwe-703"] } },
            ] } },
            "results": flaws.iter().map(result).collect::<Vec<_>>(),
        }],
    })
    .to_string()
}

#[test]
fn a_flaw_is_followed_from_one_scan_to_the_next() {
    let scratch = Scratch::new("workflow-code");
    let app = scratch.write("app/app.py", "q = \"SELECT \" + name\nassert q\n");
    let file = scratch.write("app/bandit.sarif", &results(&[("B608", "error", 1), ("B101", "note", 2)]));
    let _daemon = Daemon::start(&scratch);
    let (file, base) = (file.display().to_string(), app.parent().unwrap().display().to_string());
    let run = start(&scratch, "code-finding", &[("file", &file), ("base", &base)]);
    await_step(&scratch, &run, "propose");
    let finding = gave(&scratch, &run, "import", "finding");
    assert_eq!(gave(&scratch, &run, "import", "open"), "2");
    let known = said(&scratch, &["findings", "show", &finding]);
    assert_eq!(known["finding"]["rule"], "B608");
    let artifact = gave(&scratch, &run, "propose", "artifact");
    let script = said(&scratch, &["outbox", "show", &artifact]);
    assert!(script["script"].as_str().unwrap().contains(&app.display().to_string()));
    // Half a file is no scan, and one that still sees it closes nothing.
    scratch.write("app/bandit.sarif", "{ \"version\": \"2.1.0\", \"runs\": [");
    scratch.write("app/bandit.sarif", &results(&[("B608", "error", 1)]));
    eventually("the second finding to be closed", || {
        said(&scratch, &["findings", "list"])["findings"].as_array().unwrap().len() == 1
    });
    assert_eq!(super::play::standing(&scratch, &run, "gone"), "running");
    scratch.write("app/bandit.sarif", &results(&[]));
    await_end(&scratch, &run, "done");
    let known = said(&scratch, &["findings", "show", &finding]);
    let states: Vec<_> =
        known["notes"].as_array().unwrap().iter().map(|own| own["state"].as_str().unwrap()).collect();
    assert_eq!((known["state"].as_str().unwrap(), states), ("closed", vec!["open", "closed"]));
    let told = events(&scratch, &run);
    assert_eq!(
        told[..3],
        ["started code-finding", "step import import", "tool-running import import, try 1"]
    );
    assert_eq!(told.last().unwrap(), "completed done");
}

/// A small application with flaws that bandit knows, and the same with the worst mended.
const FLAWED: &str = "import sqlite3\nimport subprocess\n\n\ndef find(db, name):\n    \
                      return db.execute(\"SELECT * FROM users WHERE name = '%s'\" % name)\n\n\ndef ping(host):\n    \
                      return subprocess.call(\"ping -c1 \" + host, shell=True)\n";
const MENDED: &str = "import sqlite3\nimport subprocess\n\n\ndef find(db, name):\n    \
                      return db.execute(\"SELECT * FROM users WHERE name = ?\", (name,))\n\n\ndef ping(host):\n    \
                      return subprocess.call([\"/bin/ping\", \"-c1\", \"--\", host])\n";

/// Bandit itself says what is wrong, and later that it is not.
#[test]
#[ignore = "needs bandit with its SARIF formatter: cargo xtask workflows-e2e"]
fn bandit_finds_a_flaw_and_bandit_says_that_it_is_gone() {
    let scratch = Scratch::new("workflow-bandit");
    let file = scratch.path("app/bandit.sarif").display().to_string();
    let scan = |text: &str| {
        let app = scratch.write("app/app.py", text);
        let bandit = std::env::var("HOSTWARD_BANDIT").unwrap_or("bandit".to_owned());
        let fresh = format!("{file}.new");
        let mut command = std::process::Command::new(bandit);
        command.args(["-q", "-f", "sarif", "-o", &fresh, "app.py"]).current_dir(app.parent().unwrap());
        command.status().expect("bandit");
        std::fs::rename(&fresh, &file).unwrap();
    };
    scan(FLAWED);
    let _daemon = Daemon::start(&scratch);
    let base = scratch.path("app").display().to_string();
    let run = start(&scratch, "code-finding", &[("file", &file), ("base", &base)]);
    await_step(&scratch, &run, "propose");
    let finding = gave(&scratch, &run, "import", "finding");
    let known = said(&scratch, &["findings", "show", &finding]);
    println!("bandit: {} of {} findings", known["finding"]["title"], gave(&scratch, &run, "import", "open"));
    scan(MENDED);
    await_end(&scratch, &run, "done");
    assert_eq!(said(&scratch, &["findings", "show", &finding])["state"], "closed");
}
