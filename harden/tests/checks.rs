//! Checks and frameworks: data in, verdicts and scores out.

#![expect(clippy::unwrap_used, reason = "tests")]

use expect_test::{Expect, expect};
use hostward_harden::check::{Check, Judgement, Level, Profile, Verdict};
use hostward_harden::compliance::{Framework, Waiver, demands, score, solve, waive};
use hostward_model::{Fact, Facts, FileFact, FileKind, Gap, Look, Origin};

const HEAD: &str = "id = 'a.b'\ntitle = 't'\nrationale = 'r'\nseverity = 'low'\n";

fn check(tests: &str) -> Check {
    Check::parse("a/b.toml", &format!("{HEAD}{tests}")).unwrap()
}

/// Facts of areas: `area [scope] key = value`, a line each.
fn facts(lines: &str) -> Facts {
    let mut facts = Facts::default();
    for (number, line) in (1..).zip(lines.lines().map(str::trim)) {
        let (area, rest) = line.split_once(' ').unwrap();
        let (scope, rest) = match rest.strip_prefix('[') {
            Some(rest) => rest.split_once("] ").unwrap(),
            None => ("", rest),
        };
        let (key, value) = rest.split_once(" = ").unwrap();
        let fact = Fact::new(key, value, Origin::line("/f", number)).within(scope);
        match facts.areas.entry(area.to_owned()).or_insert(Look::Seen(Vec::new())) {
            Look::Seen(all) => all.push(fact),
            _ => unreachable!(),
        }
    }
    facts
}

fn shown(own: &Judgement) -> String {
    let mut text = format!("{} {}\n", own.verdict.as_str(), own.reason);
    for seen in &own.observations {
        let place = seen.origin.as_ref().map(|origin| format!(" ({origin})")).unwrap_or_default();
        let mark = if seen.met { "ok" } else { "!!" };
        text += &format!("{mark} {}: {}; wanted {}{place}\n", seen.what, seen.observed, seen.wanted);
    }
    text
}

fn judged(tests: &str, facts: &Facts, level: Level, expected: Expect) {
    let profile = Profile { level, ..Profile::default() };
    expected.assert_eq(&shown(&check(tests).judge(facts, &profile)));
}

#[test]
fn every_value_counts_wherever_it_is_set() {
    let test = "[[all]]\nkind = 'setting'\narea = 's'\nkey = 'Root'\nexpect.basic = { is = ['no', 'key'] }\nexpect.strict = { is = ['no'] }";
    let host = facts("s root = key\ns [Match User bob] root = yes");
    judged(
        test,
        &host,
        Level::Moderate,
        expect![[r#"
            fail 
            !! Match User bob: root: yes; wanted no or key (/f:2)
            ok root: key; wanted no or key (/f:1)
        "#]],
    );
    judged(
        test,
        &facts("s other = 1"),
        Level::Basic,
        expect![[r#"
            fail 
            !! Root: not set; wanted no or key
        "#]],
    );
}

#[test]
fn what_is_absent_unread_or_not_asked_for_is_no_failure() {
    let test = "[[all]]\nkind = 'setting'\narea = 's'\nkey = 'k'\nexpect.moderate = { set = true }";
    let mut host = facts("x a = b");
    judged(test, &host, Level::Basic, expect![["not-selected \n"]]);
    judged(test, &host, Level::Moderate, expect![["error nobody reads the area s\n"]]);
    host.areas.insert("s".to_owned(), Look::Absent("/etc/s".to_owned()));
    judged(test, &host, Level::Moderate, expect![["not-applicable /etc/s is not on this host\n"]]);
    let gap = Gap {
        what: "/etc/s".to_owned(),
        reason: "/etc/s: permission denied".to_owned(),
        grant: String::new(),
    };
    host.areas.insert("s".to_owned(), Look::Unseen(gap));
    judged(test, &host, Level::Moderate, expect![["error /etc/s: permission denied\n"]]);
}

#[test]
fn each_scope_must_have_it() {
    let test = "[[all]]\nkind = 'setting'\narea = 's'\nkey = 'h'\neach = 'server *'\nexpect.basic = { set = true, lacks = ['x'] }";
    let host =
        facts("s [server a] h = 1\ns [server a location /] h = x\ns [server b] other = 1\ns [http] h = x");
    judged(
        test,
        &host,
        Level::Basic,
        expect![[r#"
            fail 
            !! server a location /: h: x; wanted no x, set (/f:2)
            !! server b: h: not set; wanted no x, set
            ok server a: h: 1; wanted no x, set (/f:1)
        "#]],
    );
    judged(test, &facts("s [http] h = 1"), Level::Basic, expect![["not-applicable no server * in s\n"]]);
}

#[test]
fn all_and_any() {
    let setting = |list: &str, key: &str| {
        format!("[[{list}]]\nkind = 'setting'\narea = 's'\nkey = '{key}'\nexpect.basic = {{ is = ['1'] }}\n")
    };
    let tests = [setting("all", "a"), setting("any", "b"), setting("any", "c")].concat();
    let verdict = |host: &str| check(&tests).judge(&facts(host), &Profile::default()).verdict;
    assert_eq!(verdict("s a = 1\ns b = 0\ns c = 1"), Verdict::Pass);
    assert_eq!(verdict("s a = 1\ns b = 0\ns c = 0"), Verdict::Fail);
    assert_eq!(verdict("s a = 0\ns b = 1\ns c = 1"), Verdict::Fail);
}

#[test]
fn files_and_their_owners() {
    let test = "[[all]]\nkind = 'file-mode'\npaths = ['/etc/shadow*']\ngroup = ['root', 'shadow']\nexpect.basic = '0640'";
    let file = |path: &str, mode, owner: &str| FileFact {
        path: path.to_owned(),
        kind: FileKind::File,
        mode,
        owner: owner.to_owned(),
        group: "shadow".to_owned(),
    };
    let mut host = Facts::default();
    let files = vec![
        file("/etc/shadow", 0o640, "root"),
        file("/etc/shadow-", 0o644, "root"),
        file("/etc/shadow~", 0o600, "bob"),
    ];
    host.files.insert("/etc/shadow*".to_owned(), Look::Seen(files));
    judged(
        test,
        &host,
        Level::Basic,
        expect![[r#"
            fail 
            !! /etc/shadow-: 0644 root:shadow; wanted 0640 or less, root:root or shadow (/etc/shadow-)
            !! /etc/shadow~: 0600 bob:shadow; wanted 0640 or less, root:root or shadow (/etc/shadow~)
            ok /etc/shadow: 0640 root:shadow; wanted 0640 or less, root:root or shadow (/etc/shadow)
        "#]],
    );
}

#[test]
fn never_two_never_none() {
    let test = "[[all]]\nkind = 'one-of'\npurpose = 'time'\ncandidates = { chrony = ['chrony.service'], ntp = ['ntp.service'] }\nexpect.basic = 'one'";
    let verdict = |host: &str| check(test).judge(&facts(host), &Profile::default()).verdict;
    assert_eq!(
        verdict("units [chrony.service] state = enabled\nunits [ntp.service] state = masked"),
        Verdict::Pass
    );
    assert_eq!(
        verdict("units [chrony.service] state = enabled\nunits [ntp.service] state = enabled"),
        Verdict::Fail
    );
    assert_eq!(verdict("units [ssh.service] state = enabled"), Verdict::Fail);
}

#[test]
fn a_check_that_cannot_be_used_is_refused_with_its_line() {
    let said = |text: &str| Check::parse("f.toml", text).unwrap_err().to_string();
    assert_eq!(said(HEAD), "f.toml:1: no test: give it [[all]] or [[any]]");
    let test = "[[all]]\nkind = 'setting'\narea = 's'\nkey = 'k'\n";
    assert!(said(&format!("{HEAD}{test}expect.basic = {{}}")).contains("an expectation without a word"));
    assert!(
        said(&format!("{HEAD}{test}expect.basics = {{ set = true }}")).starts_with("f.toml:"),
        "a misspelt level"
    );
    assert!(said(&format!("{HEAD}[[all]]\nkind = 'magic'\n")).contains("unknown variant `magic`"));
    assert!(
        said(&format!("{}{test}expect.basic = {{ set = true }}", HEAD.replace("a.b", "ab")))
            .contains("area.name")
    );
}

const FRAMEWORK: &str = "id = 'f'\ntitle = 'F'\nversion = '1'\nabout = 'x'\nsources = []\n[requirements]\n\
    '1' = { decidable = 'yes', curated = ['a'] }\n'2' = { decidable = 'partly', curated = ['a'], template = ['b'] }\n\
    '3' = { decidable = 'no' }\n'4' = { decidable = 'yes', derived = ['c'] }\n'5' = { decidable = 'yes', curated = ['d'] }\n";

fn verdicts(all: &[(&str, Verdict)]) -> Vec<Judgement> {
    let judgement = |(check, verdict): &(&str, Verdict)| Judgement {
        check: (*check).to_owned(),
        verdict: *verdict,
        reason: String::new(),
        observations: Vec::new(),
    };
    all.iter().map(judgement).collect()
}

#[test]
fn a_score_claims_no_more_than_it_knows() {
    let framework = Framework::parse("f.toml", FRAMEWORK).unwrap();
    let said = |all: &[(&str, Verdict)]| {
        let score = score(&framework, &verdicts(all));
        let each: Vec<_> = score.requirements.values().map(|(status, _)| status.as_str()).collect();
        (each.join(", "), score.ratio())
    };
    assert_eq!(
        said(&[
            ("a", Verdict::Pass),
            ("b", Verdict::Pass),
            ("c", Verdict::Fail),
            ("d", Verdict::NotApplicable)
        ]),
        (
            "passed, passed as far as a host can tell, not decidable here, failed, not applicable".to_owned(),
            Some(2.0 / 3.0)
        )
    );
    assert_eq!(
        said(&[("a", Verdict::Error), ("b", Verdict::Fail), ("c", Verdict::Waived)]),
        ("unknown, failed, not decidable here, waived, unknown".to_owned(), Some(0.0))
    );
    assert_eq!(said(&[]).1, None);
    let empty = "[requirements]\n'9' = { decidable = 'yes' }\n";
    let text = FRAMEWORK.split("[requirements]").next().unwrap().to_owned() + empty;
    assert!(Framework::parse("f.toml", &text).unwrap_err().to_string().contains("requirement \"9\""));
}

#[test]
fn a_waiver_that_ran_out_changes_nothing() {
    let text = "[[waiver]]\ncheck = 'a'\nowner = 'ops'\nreason = 'old client'\nexpires = '2026-11-21'\n";
    let waivers = Waiver::parse("w.toml", text).unwrap();
    let after = |today: &str, verdict| {
        let mut judgements = verdicts(&[("a", verdict)]);
        waive(&mut judgements, &waivers, today);
        (judgements[0].verdict, judgements[0].reason.clone())
    };
    assert_eq!(
        after("2026-11-21", Verdict::Fail),
        (Verdict::Waived, "ops until 2026-11-21: old client".to_owned())
    );
    assert_eq!(
        after("2026-11-22", Verdict::Fail),
        (Verdict::Fail, "the waiver of ops ran out on 2026-11-21".to_owned())
    );
    assert_eq!(after("2026-11-21", Verdict::Pass).0, Verdict::Pass);
    assert!(
        Waiver::parse("w.toml", &text.replace("-21'", "-99'"))
            .unwrap_err()
            .to_string()
            .contains("expected a day")
    );
}

fn asking(id: &str, values: &str) -> Framework {
    let head = format!("id = '{id}'\ntitle = 'F'\nversion = '1'\nabout = 'x'\nsources = []\n");
    Framework::parse("f.toml", &format!("{head}[values]\n{values}\n[requirements]\n")).unwrap()
}

#[test]
fn one_value_for_several_frameworks_or_a_conflict_with_names() {
    let (a, b) = (
        asking("a", "'s/deny' = { at_least = 1, at_most = 4 }\n's/wait' = { at_least = 900, or = ['0'] }"),
        asking("b", "'s/deny' = { at_most = 3 }\n's/wait' = { is = ['0'] }"),
    );
    let shown = |frameworks: &[&Framework]| -> String {
        let line = |own: &hostward_harden::compliance::Solution| {
            format!("{} = {:?} {:?}\n", own.setting, own.value, own.asked)
        };
        solve(frameworks).iter().map(line).collect()
    };
    expect![[r#"
        s/deny = Some("3") [("a", "at least 1, at most 4"), ("b", "at most 3")]
        s/wait = Some("0") [("a", "at least 900, or 0"), ("b", "0")]
    "#]]
    .assert_eq(&shown(&[&a, &b]));
    let c = asking("c", "'s/deny' = { at_least = 10 }");
    expect![[r#"
        s/deny = None [("b", "at most 3"), ("c", "at least 10")]
        s/wait = Some("0") [("b", "0")]
    "#]]
    .assert_eq(&shown(&[&b, &c]));
}

#[test]
fn a_framework_may_ask_for_more_than_the_level() {
    let own = check("[[all]]\nkind = 'setting'\narea = 's'\nkey = 'Deny'\nexpect.basic = { at_most = 5 }");
    let profile =
        Profile { values: demands(&[&asking("b", "'s/deny' = { at_most = 3 }")]), ..Profile::default() };
    expect![[r#"
        fail 
        !! deny: 4; wanted at most 5; b: at most 3 (/f:1)
    "#]]
    .assert_eq(&shown(&own.judge(&facts("s deny = 4"), &profile)));
}
