//! ModSecurity for hosts of all kinds: what the level decides, what becomes of the audit log, and that names of strangers
//! become no rules.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "these tests read the templates")]

mod place;

use expect_test::expect;
use hostward_harden::check::Level;
use hostward_harden::config::{Entry, Rendering};
use place::{Place, why};

const MAIN: &str = "/etc/modsecurity/zz-hostward.conf";
const EXCLUSIONS: &str = "/etc/modsecurity/zz-hostward-exclusions.conf";
const LINKS: [&str; 3] = ["security2.conf", "security2.load", "unique_id.load"];

fn place(facts: &[&str]) -> Place {
    Place::new(&[&["apache||module headers|loaded"], facts].concat())
        .file("/usr/share/modsecurity-crs/owasp-crs.load")
}

fn at(mut place: Place, level: Level) -> Place {
    place.wish.level = level;
    place
}

fn text<'r>(rendering: &'r Rendering, path: &str) -> &'r str {
    let own = rendering.artifacts.iter().find(|own| own.path == path).unwrap();
    match &own.entry {
        Entry::File(text, 0o644) => text,
        other => panic!("{other:?}"),
    }
}

/// The modules linked, too: `Place::after` keeps files alone.
fn after(place: Place, rendering: &Rendering) -> Place {
    let place = place.after(rendering);
    LINKS.into_iter().fold(place, |place, file| place.text(&format!("/etc/apache2/mods-enabled/{file}"), ""))
}

#[test]
fn it_looks_first_and_refuses_later() {
    let line = |level, start: &str| {
        let rendering = at(place(&[]), level).render("modsecurity");
        let text = text(&rendering, MAIN).to_owned();
        text.lines().find(|line| line.starts_with(start)).unwrap().to_owned()
    };
    assert_eq!(line(Level::Basic, "SecRuleEngine"), "SecRuleEngine DetectionOnly");
    assert_eq!(line(Level::Moderate, "SecRuleEngine"), "SecRuleEngine On");
    assert!(line(Level::Moderate, "SecAction").contains("threshold=5',"));
    assert!(line(Level::Strict, "SecAction").contains("threshold=4',"));
    let rendering = place(&[]).render("modsecurity");
    let linked = rendering.artifacts.iter().filter(|own| matches!(own.entry, Entry::Link(_))).count();
    assert_eq!(linked, LINKS.len());
    assert_eq!(after(place(&[]), &rendering).render("modsecurity").artifacts, []);
    let alone = Place::new(&["apache||module headers|loaded"]).render("modsecurity");
    assert!(why(&alone).contains("install modsecurity-crs"), "{alone:?}");
}

#[test]
fn good_requests_become_exclusions_and_others_are_told() {
    let log = [
        "waf-log|/search|942230 ARGS:q|192.0.2.7",
        "waf-log|/search|942230 ARGS:q|203.0.113.9",
        "waf-log|/api/v1|932160 REQUEST_COOKIES:theme|192.0.2.7",
        "waf-log|/search|942100 ARGS:q|203.0.113.9",
    ];
    let place = || place(&log).parameter("modsecurity.known_good", "192.0.2.7, 192.0.2.8");
    let rendering = place().render("modsecurity");
    expect![[r#"
        # Written by hostward: modsecurity 1, level strict.
        SecRule REQUEST_FILENAME "@streq /api/v1" "id:91200,phase:1,pass,nolog,t:none,ctl:ruleRemoveTargetById=932160;REQUEST_COOKIES:theme"
        SecRule REQUEST_FILENAME "@streq /search" "id:91201,phase:1,pass,nolog,t:none,ctl:ruleRemoveTargetById=942230;ARGS:q"
    "#]]
    .assert_eq(text(&rendering, EXCLUSIONS));
    assert_eq!(rendering.kept[1].what, "ARGS:q at /search is not shown to rule 942230");
    let refused: Vec<_> = rendering.refused.iter().map(|own| own.what.as_str()).collect();
    assert_eq!(refused, ["an exclusion of 942100 ARGS:q at /search"]);
    assert_eq!(after(place(), &rendering).render("modsecurity").artifacts, []);
    // When nobody is good any more, nothing is excused.
    let back =
        after(place(), &rendering).parameter("modsecurity.known_good", "192.0.2.8").render("modsecurity");
    assert_eq!((back.artifacts[0].path.as_str(), &back.artifacts[0].entry), (EXCLUSIONS, &Entry::Absent));
}

#[test]
fn names_of_strangers_become_no_rules() {
    for (page, key) in [
        ("/a\" \"id:1,phase:1,exec:/tmp/x", "942230 ARGS:q"),
        ("/a", "942230 ARGS:q,ctl:ruleEngine=Off"),
        ("/a", "942230 ARGS:%{env.x}"),
        ("/a", "942230 TX:anomaly_score"),
        ("/a", "911100 "),
        ("a", "942230 ARGS:q"),
        ("/a", "99999999999999999999 ARGS:q"),
        (&format!("/{}", "a".repeat(5000)), "942230 ARGS:q"),
    ] {
        let mut place = place(&[]).parameter("modsecurity.known_good", "192.0.2.7");
        place.fact(&format!("waf-log|{page}|{key}|192.0.2.7"));
        let rendering = place.render("modsecurity");
        assert!(rendering.artifacts.iter().all(|own| own.path != EXCLUSIONS), "{page} {key}");
        assert_eq!(rendering.refused.len(), 1, "{page} {key}");
    }
}

#[test]
fn what_is_served_stays_served() {
    let rendering =
        place(&["apache||module dav|loaded", "apache|Location /raw|secruleengine|Off"]).render("modsecurity");
    assert!(text(&rendering, MAIN).contains("DELETE PROPFIND PROPPATCH"), "{rendering:?}");
    let kept: Vec<_> = rendering.kept.iter().map(|own| own.what.as_str()).collect();
    assert_eq!(kept, ["methods of WebDAV", "Location /raw SecRuleEngine Off"]);
    let few = place(&[]).parameter("modsecurity.methods", "GET, POST").render("modsecurity");
    assert!(text(&few, MAIN).contains("tx.allowed_methods=GET POST '"), "{few:?}");
}
