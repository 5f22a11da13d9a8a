//! The fixes that are shipped, as an administrator meets them: read, linted, and really run on scratch roots.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "these tests run the scripts that the crate renders, in both languages at a time"
)]

mod common;

use common::{Scratch, hostile, ordinary, run};
use hostward_harden::fix::{Cause, Fix, FixError, Language};
use hostward_harden::render::Type;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;

/// Every file in the folder of fixes, so that a new one is tested because it is there.
fn fixes() -> Vec<Fix> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../content/fixes");
    let mut paths: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let fix = |path: &std::path::PathBuf| Fix::parse(path.to_str().unwrap(), &common::read(path));
    paths.iter().map(|path| fix(path).unwrap_or_else(|error| panic!("{error}"))).collect()
}

fn cause() -> Cause {
    let lines = vec![("finding".to_owned(), "x\n$(touch canary)\u{1b}[2J".to_owned())];
    Cause { id: "0123456789abcdef".to_owned(), version: "0.1.0".to_owned(), lines }
}

fn values(fix: &Fix, value: impl Fn(Type) -> String) -> BTreeMap<String, String> {
    fix.inputs().iter().map(|input| (input.name.clone(), value(input.kind))).collect()
}

/// Control characters never get as far as a script, so here the rest of the worst.
fn printable(kind: Type) -> String {
    hostile(kind).chars().filter(|c| !c.is_control()).collect()
}

const COMPILE: &str = "import sys; compile(sys.stdin.read(), 'script', 'exec')";

#[test]
fn every_script_is_accepted_by_its_language() {
    for (fix, language) in fixes().iter().flat_map(|fix| Language::ALL.map(|language| (fix, language))) {
        for value in [ordinary, printable] {
            let script = fix.script(language, &cause(), &values(fix, value));
            let script = script.unwrap_or_else(|error| panic!("{error}"));
            let parsed = match language {
                Language::Bash => run("bash", "bash", &["-n"], &script, Path::new("/")),
                Language::Python => run("python3", "python3", &["-c", COMPILE], &script, Path::new("/")),
            };
            assert!(parsed.status.success(), "{}: {}", fix.name, String::from_utf8_lossy(&parsed.stderr));
            let strange = script.chars().find(|c| !matches!(c, ' '..='~' | '\n' | '\t'));
            assert_eq!(strange, None, "{}", fix.name);
        }
    }
}

/// Ansible gets the very same script, as text in which it looks for nothing.
#[test]
fn a_playbook_holds_the_script_as_it_is() {
    for fix in fixes().iter().filter(|fix| !fix.only_tells()) {
        let values = values(fix, printable);
        let playbook = fix.playbook(&cause(), &values).unwrap_or_else(|error| panic!("{error}"));
        let (_, rest) = playbook.split_once("    hostward_script: !unsafe |\n").unwrap();
        let (block, _) = rest.split_once("  # yamllint enable").unwrap();
        let line = |line: &str| line.strip_prefix("      ").unwrap_or(line).to_owned() + "\n";
        let script = fix.script(Language::Bash, &cause(), &values).unwrap();
        assert_eq!(block.lines().map(line).collect::<String>(), script, "{}", fix.name);
    }
    let told = fixes().into_iter().find(Fix::only_tells).unwrap();
    assert!(told.playbook(&cause(), &values(&told, ordinary)).is_err());
}

/// What differs between scripts are calls with quoted words, so one of each way of writing those is enough.
#[test]
fn shellcheck_accepts_scripts() {
    for fix in fixes().iter().step_by(9) {
        let script = fix.script(Language::Bash, &cause(), &values(fix, printable)).unwrap();
        let linted = run("shellcheck", "shellcheck", &["-s", "bash", "-"], &script, Path::new("/"));
        assert!(linted.status.success(), "{}:\n{}", fix.name, String::from_utf8_lossy(&linted.stdout));
    }
}

#[test]
fn control_characters_and_misfits_are_refused() {
    let message = |name: &str, input: &str, value: &str| {
        let fix = fixes().into_iter().find(|own| own.name == name).unwrap();
        let values = [(input.to_owned(), value.to_owned())].into();
        fix.script(Language::Bash, &cause(), &values).unwrap_err().to_string()
    };
    let cases = [
        (message("world-writable", "path", "/a\nb"), "path holds a control character"),
        (message("world-writable", "path", "/a\u{85}b"), "path holds a control character"),
        (message("world-writable", "path", "a"), "path (path): expected an absolute path"),
        (message("unit-off", "unit", "a b"), "unit (unit): expected"),
        (message("unit-off", "other", "x"), "unit is required: the unit"),
    ];
    for (found, expected) in cases {
        assert!(found.contains(expected), "{found}");
    }
    let id = Cause { id: "../../etc".to_owned(), ..cause() };
    let fix = &fixes()[0];
    assert!(matches!(fix.script(Language::Bash, &id, &values(fix, ordinary)), Err(FixError { .. })));
}

#[test]
fn a_fix_that_is_wrong_is_refused() {
    let base = "name = 'x'\ntitle = 't'\nrisk = 'low'\nreversible = true\nchanges = 'c'\n";
    let step = "[[step]]\ndo = 'drop_bits'\nwhy = 'w'\n";
    let cases = [
        (format!("{base}{step}path = '/a'\nbits = 2\ncode = 'rm'\n"), "takes no \"code\""),
        (format!("{base}{step}bits = 2\n"), "needs path"),
        (format!("{base}{step}path = 'a'\nbits = 2\n"), "expected an absolute path"),
        (format!("{base}{step}path = {{ input = 'p' }}\nbits = 2\n"), "\"p\" is no input"),
        (
            format!(
                "{base}[inputs.p]\ntype = 'text'\nrequired = true\nabout = 'a'\n{step}path = {{ input = 'p' }}\nbits = 2\n"
            ),
            "expected path",
        ),
        (
            format!(
                "{base}[inputs.p]\ntype = 'path'\nabout = 'a'\n{step}path = {{ input = 'p' }}\nbits = 2\n"
            ),
            "can be absent",
        ),
        (format!("{base}[[step]]\ndo = 'bash'\nwhy = 'w'\n"), "no step"),
        (format!("{base}script = 'rm -rf /'\n{step}path = '/a'\nbits = 2\n"), "unknown field"),
        (base.to_owned(), "missing field"),
    ];
    for (text, expected) in cases {
        let error = Fix::parse("x.toml", &text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

/// Strings made of what shells trip over, the same in every run.
fn hostile_strings(count: usize) -> impl Iterator<Item = String> {
    const PIECES: &[&str] = &[
        "'",
        "\"",
        "`",
        "$(touch canary)",
        "${IFS}",
        "\\",
        ";",
        "&&",
        "|",
        ">",
        "<",
        "*",
        "?",
        "[",
        "]",
        "{a,b}",
        "~",
        "!!",
        "#",
        " ",
        "-",
        "--",
        "=",
        "%s",
        "%n",
        "\u{fc}",
        "\u{202e}",
        "\u{1f600}",
        "$'\\x41'",
        "EOF",
        "a",
        "}",
        ")",
        "(",
        "((",
        "/../",
    ];
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % 1_000_003).unwrap()
    };
    (0..count).map(move |_| (0..next() % 12 + 1).map(|_| PIECES[next() % PIECES.len()]).collect())
}

/// Each template, each string, each language: what the script holds is what was given.
#[test]
fn hostile_strings_come_back_as_data() {
    std::thread::scope(|scope| {
        for language in Language::ALL {
            scope.spawn(move || fixes().iter().for_each(|fix| comes_back(fix, language)));
        }
    });
}

fn comes_back(fix: &Fix, language: Language) {
    let inputs: Vec<_> = fix.inputs().iter().filter(|own| is_text(own.kind)).collect();
    if inputs.is_empty() {
        return;
    }
    let mut program = String::from(if language == Language::Python { "import sys\n" } else { "" });
    let mut expected = Vec::new();
    let mut values = values(fix, ordinary);
    for text in hostile_strings(10_000) {
        for input in &inputs {
            let text = if input.kind == Type::Path { format!("/{text}") } else { text.clone() };
            expected.extend_from_slice(text.as_bytes());
            expected.push(0);
            values.insert(input.name.clone(), text);
        }
        let bindings = fix.bindings(language, &values).unwrap_or_else(|error| panic!("{error}"));
        program += &bindings.replace("readonly ", "");
        inputs.iter().for_each(|input| program += &told(&input.name, language));
    }
    let scratch = Scratch::new(&format!("fix-data-{}-{}", fix.name, language.ending()));
    let output = match language {
        Language::Bash => run("bash", "bash", &[], &program, &scratch.0),
        Language::Python => run("python3", "python3", &["-"], &program, &scratch.0),
    };
    assert!(output.stdout == expected, "{}: {}", fix.name, String::from_utf8_lossy(&output.stderr));
    assert_eq!(scratch.names(), Vec::<String>::new(), "{}: something was run", fix.name);
}

fn is_text(kind: Type) -> bool {
    matches!(kind, Type::Path | Type::User | Type::Text)
}

/// So what the test above says of the lines that hold values holds for whole scripts.
#[test]
fn only_the_lines_that_hold_values_and_comments_at_the_head_depend_on_them() {
    for (fix, language) in fixes().iter().flat_map(|fix| Language::ALL.map(|language| (fix, language))) {
        let rest = |value: &str| {
            let value = |kind| match kind {
                Type::Path => format!("/{value}"),
                kind if is_text(kind) => value.to_owned(),
                kind => ordinary(kind),
            };
            let values = values(fix, value);
            let script = fix.script(language, &cause(), &values).unwrap();
            let lines = fix.bindings(language, &values).unwrap();
            let (before, after) = script.split_once(lines.as_str()).expect("they stand together");
            before.lines().filter(|line| !line.starts_with('#')).collect::<String>() + after
        };
        let plain = rest("a");
        hostile_strings(20).for_each(|text| assert_eq!(rest(&text), plain, "{}: {text}", fix.name));
    }
}

/// A line that prints the value of an input, and NUL.
fn told(input: &str, language: Language) -> String {
    match language {
        Language::Bash => format!("printf '%s\\0' \"$in_{input}\"\n"),
        Language::Python => {
            format!("sys.stdout.buffer.write(IN_{}.encode() + b'\\0')\n", input.to_uppercase())
        }
    }
}

/// An empty directory in memory where there is one: scripts wait for the disk after each step, and that is not tested here.
fn room(name: &str) -> Scratch {
    let memory = Path::new("/dev/shm").join(format!("hostward-{name}-{}", std::process::id()));
    match std::fs::create_dir(&memory) {
        Ok(()) => Scratch(memory),
        Err(_) => Scratch::new(name),
    }
}

/// A small host below a directory.
const HOST: &str = r#"
mkdir -p etc/ssh/sshd_config.d etc/sysctl.d etc/modprobe.d etc/systemd/system etc/nginx/conf.d etc/apache2/conf-enabled
mkdir -p etc/security etc/sudoers.d srv/app usr/bin var/cache/apt/archives
printf '# main\nInclude /etc/ssh/sshd_config.d/*.conf\nX11Forwarding yes\nMatch User x\n  X11Forwarding yes\n' >etc/ssh/sshd_config
chmod 600 etc/ssh/sshd_config
printf 'root:x:0:0:r:/root:/bin/sh\nbob:x:1000:1000:b:/home/bob:/bin/sh\n' >etc/passwd
printf 'root:*:19000:0:99999:7:::\nbob:$6$s$h:19000:0:99999:7:::\n' >etc/shadow
chmod 640 etc/shadow
printf 'http {\n    ssl_protocols TLSv1 TLSv1.2;\n}\n' >etc/nginx/nginx.conf
printf 'PASS_MAX_DAYS\t99999\n# end' >etc/login.defs
printf '# deny = 3\ndeny = 9\ndeny = 8\n' >etc/security/faillock.conf
printf '# minlen = 8\n' >etc/security/pwquality.conf
printf 'x\n' >srv/data
chmod 666 srv/data
printf 'x\n' >usr/bin/odd
chmod 6755 usr/bin/odd
seq -f 'line %g' 20 >srv/app/flaw.py
"#;

/// A fix, what it is given, and how its `--apply` ends.
type Trial = (&'static str, &'static [(&'static str, &'static str)], i32);

/// What each fix is given on that host, and how its `--apply` ends there.
fn trials() -> Vec<Trial> {
    let flaw: &[_] = &[("path", "/srv/app/flaw.py"), ("line", "7")];
    vec![
        ("sysctl", &[("key", "kernel.kptr_restrict"), ("value", "2")], 0),
        ("ssh-setting", &[("key", "MaxAuthTries"), ("value", "4")], 0),
        ("weak-ssh", &[], 0),
        (
            "file-mode",
            &[("path", "/srv/data"), ("mode", "0640"), ("owner", "nobody"), ("group", "nogroup")],
            0,
        ),
        ("world-writable", &[("path", "/srv/data")], 0),
        ("unexpected-suid", &[("path", "/usr/bin/odd")], 0),
        ("weak-permissions", &[("path", "/srv/data")], 0),
        ("block-module", &[("module", "dccp")], 0),
        ("mount-option", &[("mountpoint", "/tmp")], 4),
        ("unit-off", &[("unit", "rpcbind.service")], 0),
        ("stale-account", &[("user", "bob")], 0),
        ("nginx-headers", &[], 0),
        ("apache-headers", &[], 0),
        ("nginx-tls", &[], 0),
        ("login-defs", &[("key", "PASS_MAX_DAYS"), ("value", "365")], 0),
        ("pwquality", &[("key", "minlen"), ("value", "14")], 0),
        ("faillock", &[("key", "deny"), ("value", "5")], 0),
        ("journald-setting", &[("key", "Storage"), ("value", "persistent")], 0),
        ("sql-injection", flaw, 4),
        ("code-flaw", flaw, 4),
        ("vulnerable-dependency", &[("package", "minimist"), ("fixed", "0.2.4")], 4),
    ]
}

/// Type, mode, owner, link and bytes of all that lies below a directory, but for hostward's own.
const FINGERPRINT: &str = r#"
find . -path ./var/lib -prune -o -printf '%y %m %U %G %p %l\n' | sort
find . -path ./var/lib -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
"#;

fn fingerprint(root: &Path) -> String {
    let output = run("bash", "bash", &["-c", FINGERPRINT], "", root);
    assert!(output.status.success());
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs a script in the language that its first line names.
fn act(script: &str, root: &Path, args: &[&str]) -> Output {
    let home = format!("HOSTWARD_ROOT={}", root.display());
    let program: &[&str] = if script.starts_with("#!/usr/bin/env python3") {
        &[&home, "python3", "-c", script]
    } else {
        &[&home, "bash", "-c", script, "fix"]
    };
    run("env", "coreutils", &[program, args].concat(), "", Path::new("/"))
}

fn code(output: &Output, expected: i32, what: &str) {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(expected), "{what}\n{out}\n{err}");
}

#[test]
fn dry_run_apply_again_verify_and_rollback() {
    if !common::is_root() {
        // Owners are part of the contract, and only root can give files away.
        return;
    }
    std::thread::scope(|scope| {
        for language in Language::ALL {
            scope.spawn(move || trials().into_iter().for_each(|trial| contract(trial, language)));
        }
    });
}

fn contract((name, given, applied): Trial, language: Language) {
    let script = script(name, given, language);
    let scratch = room(&format!("fix-{name}-{}", language.ending()));
    let root = scratch.0.as_path();
    assert!(run("bash", "bash", &["-ec", HOST], "", root).status.success());
    let before = fingerprint(root);

    code(&act(&script, root, &[]), if applied == 4 { 4 } else { 0 }, &format!("{name}: dry run"));
    assert_eq!(fingerprint(root), before, "{name}: a dry run changes nothing");
    code(
        &act(&script, root, &["--verify"]),
        if applied == 4 { 4 } else { 1 },
        &format!("{name}: verify before"),
    );
    code(&act(&script, root, &["--apply"]), applied, &format!("{name}: apply"));
    let after = fingerprint(root);
    assert_eq!(after == before, applied == 4, "{name}: apply changes something, or needs a person");
    code(&act(&script, root, &["--verify"]), applied, &format!("{name}: verify after"));
    let again = act(&script, root, &["--apply", "--json"]);
    code(&again, applied, &format!("{name}: apply again"));
    assert_eq!(fingerprint(root), after, "{name}: a second apply changes nothing");
    let report: serde_json::Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!((&report["changed"], &report["exit"]), (&0.into(), &applied.into()), "{name}: {report}");
    code(&act(&script, root, &["--rollback"]), 0, &format!("{name}: rollback"));
    assert_eq!(fingerprint(root), before, "{name}: rollback leaves a trace");
    assert!(!root.join("var/lib/hostward/undo").join(format!("{name}-{}", cause().id)).exists(), "{name}");
}

fn script(name: &str, given: &[(&str, &str)], language: Language) -> String {
    let fix = fixes().into_iter().find(|own| own.name == name).unwrap();
    let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    fix.script(language, &cause(), &given).unwrap_or_else(|error| panic!("{error}"))
}

fn host(name: &str) -> Scratch {
    let scratch = room(name);
    assert!(run("bash", "bash", &["-ec", HOST], "", &scratch.0).status.success());
    scratch
}

/// What sshd refuses is not put in its place, and what was made for it goes.
#[test]
fn what_a_parser_refuses_is_undone() {
    for language in Language::ALL {
        let scratch = host("fix-refused");
        let before = fingerprint(&scratch.0);
        let script = script("ssh-setting", &[("key", "MaxAuthTries"), ("value", "many")], language);
        code(&act(&script, &scratch.0, &["--apply"]), 1, "sshd refuses");
        assert_eq!(fingerprint(&scratch.0), before);
    }
}

/// Whoever reads what a script says may end before it does, as `hostward apply` when it is killed.
#[test]
fn a_reader_that_goes_away_leaves_nothing_half_done() {
    for language in Language::ALL {
        let scratch = host("fix-unread");
        let (root, before) = (scratch.0.display(), fingerprint(&scratch.0));
        let script = script("weak-ssh", &[], language);
        let file = scratch.0.join("var/lib/script");
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, &script).unwrap();
        let program = if language == Language::Python { "python3" } else { "bash" };
        let piped = format!("HOSTWARD_ROOT={root} {program} {} --apply | true", file.display());
        assert!(run("bash", "bash", &["-c", &piped], "", &scratch.0).status.success());
        if fingerprint(&scratch.0) != before {
            code(&act(&script, &scratch.0, &["--verify"]), 0, "all of it, or nothing");
        }
    }
}

/// The power can go while what is undone is being forgotten, and the process that applied can die before its script.
#[test]
fn what_takes_back_waits_and_can_be_repeated() {
    for language in Language::ALL {
        let scratch = host("fix-again");
        let before = fingerprint(&scratch.0);
        let script = script("login-defs", &[("key", "PASS_MAX_DAYS"), ("value", "365")], language);
        code(&act(&script, &scratch.0, &["--apply"]), 0, "apply");
        let text = "cd var/lib/hostward/undo; entry=$(ls -d */0001); cp -a $entry/original ../../../../etc/login.defs; \
                    rm $entry/original; mv $entry/action $entry/action.done; flock . sleep 2 >/dev/null 2>&1 & sleep 0.5";
        assert!(run("bash", "bash", &["-ec", text], "", &scratch.0).status.success());
        code(&act(&script, &scratch.0, &["--rollback"]), 0, "rollback");
        assert_eq!(fingerprint(&scratch.0), before);
    }
}

/// A file that somebody changed after us is his: rollback says so and leaves it.
#[test]
fn rollback_leaves_what_others_have_changed_since() {
    for language in Language::ALL {
        let scratch = host("fix-changed");
        let script = script("faillock", &[("key", "deny"), ("value", "5")], language);
        code(&act(&script, &scratch.0, &["--apply"]), 0, "apply");
        let append = "printf '# mine\\n' >>etc/security/faillock.conf";
        assert!(run("bash", "bash", &["-c", append], "", &scratch.0).status.success());
        let theirs = fingerprint(&scratch.0);
        let output = act(&script, &scratch.0, &["--rollback"]);
        code(&output, 4, "rollback");
        assert!(String::from_utf8_lossy(&output.stdout).contains("changed since; the original is"));
        assert_eq!(fingerprint(&scratch.0), theirs);
    }
}

/// Links that lead out of the root, a file that is a link, accounts that are root's.
#[test]
fn preconditions() {
    let scratch = host("fix-preconditions");
    let links = "ln -s /etc etc/outside; ln -s ../srv/data srv/link; mkdir b; ln -s /tmp b/tmp";
    assert!(run("bash", "bash", &["-c", links], "", &scratch.0).status.success());
    let before = fingerprint(&scratch.0);
    let cases = [
        ("world-writable", "path", "/srv/link", "no file and no directory"),
        ("world-writable", "path", "/b/tmp/x", "leads out"),
        ("world-writable", "path", "/srv/absent", "is not there"),
        ("stale-account", "user", "root", "root is root"),
        ("stale-account", "user", "eve", "no account eve"),
        ("expired-certificate", "path", "/srv/data", "no certificate"),
        ("update-package", "package", "bash", "running host only"),
    ];
    for (name, input, value, expected) in cases {
        for language in Language::ALL {
            let script = script(name, &[(input, value), ("mode", "600")], language);
            let output = act(&script, &scratch.0, &["--apply"]);
            let said = String::from_utf8_lossy(&output.stderr);
            code(&output, 3, name);
            assert!(said.contains(expected), "{name}: {said}");
        }
    }
    assert_eq!(fingerprint(&scratch.0), before);
    for language in Language::ALL {
        let script = script("weak-ssh", &[], language);
        for args in [["--nonsense"].as_slice(), &["--undo", "relative"]] {
            code(&act(&script, &scratch.0, args), 2, "usage");
        }
    }
}
