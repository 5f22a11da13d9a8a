//! Docker's daemon.json for hosts of all kinds: what it gets, what stays, and what is left out because something runs.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "these tests read the templates")]

mod place;

use expect_test::expect;
use hostward_harden::check::Level;
use hostward_harden::config::{Entry, Rendering};
use hostward_model::{Fact, Look, Origin};
use place::{Place, why};

const MAIN: &str = "/etc/docker/daemon.json";

fn text(rendering: &Rendering) -> &str {
    match rendering.artifacts.as_slice() {
        [own] if own.path == MAIN => match &own.entry {
            Entry::File(text, 0o644) => text,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn kept(rendering: &Rendering) -> Vec<&str> {
    rendering.kept.iter().map(|own| own.what.as_str()).collect()
}

#[test]
fn an_empty_host_gets_all_of_it() {
    let strict = Place::new(&[]).render("docker");
    expect![[r#"
        {
          "default-ulimits": {"nofile": {"Name": "nofile", "Hard": 65536, "Soft": 65536}},
          "icc": false,
          "iptables": true,
          "live-restore": true,
          "log-driver": "json-file",
          "log-level": "info",
          "log-opts": {"max-size": "10m", "max-file": "3"},
          "no-new-privileges": true,
          "userland-proxy": false,
          "userns-remap": "default"
        }
    "#]]
    .assert_eq(text(&strict));
    assert_eq!(Place::new(&[]).after(&strict).render("docker").artifacts, []);
    let mut place = Place::new(&[]);
    place.wish.level = Level::Basic;
    assert!(!text(&place.render("docker")).contains("icc"));
}

#[test]
fn what_the_host_says_stays() {
    let theirs = "{\n  \"data-root\": \"/srv/docker\",\n  \"icc\": true,\n  \"dns\": [\"192.0.2.1\"]\n}\n";
    let place = || Place::new(&["docker||data-root|/srv/docker"]).text(MAIN, theirs);
    let rendering = place().render("docker");
    let own = text(&rendering);
    assert!(own.starts_with(&theirs[..theirs.len() - 3]), "{own}");
    assert_eq!(kept(&rendering), ["icc true"]);
    assert_eq!(rendering.refused[0].what, "userns-remap");
    assert_eq!(place().after(&rendering).render("docker").artifacts, []);
    let asked = place().parameter("docker.replace", "icc, dns").render("docker");
    assert!(text(&asked).contains("  \"icc\": false,\n"), "{asked:?}");
    let broken = place().text(MAIN, "{ \"icc\": }").render("docker");
    assert!(why(&broken).contains("is not what dockerd reads: expected value at line 1"), "{broken:?}");
}

#[test]
fn nothing_that_runs_is_stopped() {
    let rendering = Place::new(&["docker||hosts|tcp://0.0.0.0:2375"])
        .file("/var/lib/docker/containers/*")
        .file("/var/lib/docker/swarm/docker-state.json")
        .render("docker");
    let refused: Vec<_> = rendering.refused.iter().map(|own| own.what.as_str()).collect();
    assert_eq!(refused, ["userns-remap", "live-restore", "closing tcp://0.0.0.0:2375"]);
    let own = text(&rendering);
    assert!(!own.contains("userns-remap") && !own.contains("live-restore") && own.contains("icc"), "{own}");
    // What another driver takes is not known.
    let mut place = Place::new(&[]);
    let driver = Fact::new("log-driver", "journald", Origin::line(MAIN, 1));
    place.facts.areas.insert("docker".to_owned(), Look::Seen(vec![driver]));
    let journal = place.render("docker");
    let own = text(&journal);
    assert!(own.contains("\"log-driver\": \"journald\"") && !own.contains("log-opts"), "{own}");
}

#[test]
fn a_key_that_is_a_flag_is_left_to_the_unit() {
    let mut place = Place::new(&[]);
    let flag =
        |key: &str, value: &str| Fact::new(key, value, Origin::line("/lib/systemd/system/docker.service", 9));
    let flags = vec![
        flag("icc", "true"),
        flag("log-driver", "local"),
        flag("max-size", "1g").within("log-driver local"),
    ];
    place.facts.areas.insert("docker".to_owned(), Look::Seen(flags));
    let rendering = place.render("docker");
    let own = text(&rendering);
    assert!(
        !own.contains("icc")
            && !own.contains("log-driver")
            && !own.contains("log-opts")
            && own.contains("userns-remap"),
        "{own}"
    );
    assert_eq!(kept(&rendering), ["icc true", "log-driver local", "log-opts 1g"]);
}
