//! Files in, configuration or complaint out.

use super::load::Paths;
use super::*;
use expect_test::{Expect, expect};
use std::fs;
use std::path::Path;

/// Writes the files below a fresh directory; the first is the main one.
fn written(name: &str, files: &[(&str, &str)]) -> Paths {
    let dir = std::env::temp_dir().join(format!("hostward-config-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    for (file, text) in files {
        let path = dir.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    paths(Some(&dir.join(files[0].0)))
}

fn refused(name: &str, files: &[(&str, &str)], expect: Expect) {
    let paths = written(name, files);
    let error = Config::load(&paths).unwrap_err().to_string();
    expect.assert_eq(&error.replace(&paths.file.parent().unwrap().display().to_string(), "DIR"));
    fs::remove_dir_all(paths.file.parent().unwrap()).unwrap();
}

#[test]
fn no_file_at_all_gives_the_defaults() {
    let nowhere = Path::new("/nonexistent/hostward.toml");
    let absent = Paths { required: false, ..paths(Some(nowhere)) };
    let loaded = Config::load(&absent).unwrap();
    assert_eq!(loaded.config, Config::default());
    assert!(loaded.files.is_empty());
}

#[test]
fn a_file_asked_for_by_name_must_be_there() {
    let error = Config::load(&paths(Some(Path::new("/nonexistent/hostward.toml")))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "/nonexistent/hostward.toml: cannot be read: No such file or directory (os error 2)"
    );
}

#[test]
fn later_files_override_keys_and_keep_their_neighbours() {
    let paths = written(
        "merge",
        &[
            (
                "hostward.toml",
                "[sampling]\ninterval = \"5s\"\ndeadline = \"1s\"\n[probes.loadavg]\nenabled = false\n",
            ),
            ("conf.d/10-a.toml", "[sampling]\ninterval = \"2s\"\n"),
            ("conf.d/20-b.toml", "[sampling]\ninterval = \"3s\"\n[probes.loadavg]\ninterval = \"30s\"\n"),
            ("conf.d/.30-swap.toml", "nonsense"),
            ("conf.d/40-notes.txt", "nonsense"),
        ],
    );
    let loaded = Config::load(&paths).unwrap();
    assert_eq!(loaded.config.sampling, Sampling { interval: Span::seconds(3), deadline: Span::seconds(1) });
    let loadavg = loaded.config.probe("loadavg");
    assert_eq!((loadavg.enabled, loadavg.interval), (Some(false), Some(Span::seconds(30))));
    assert_eq!(loaded.config.settings().interval_ms, 3000);
    assert_eq!(loaded.files.len(), 3);
    fs::remove_dir_all(paths.file.parent().unwrap()).unwrap();
}

#[test]
fn an_unknown_key_is_refused_with_a_suggestion() {
    refused(
        "unknown",
        &[("a.toml", "# first\n[sampling]\nintervall = \"5s\"\n")],
        expect![
            "DIR/a.toml:3:1: sampling.intervall: `intervall` is not known here; known are interval, deadline; did you mean `interval`?"
        ],
    );
    refused(
        "section",
        &[("a.toml", ""), ("conf.d/x.toml", "[outbocks]\n")],
        expect![
            "DIR/conf.d/x.toml:1:2: outbocks: `outbocks` is not known here; known are sampling, listen, rules, engine, history, anomaly, outbox, plugins, audit, log, alerts, receivers, inhibitions, probes; did you mean `outbox`?"
        ],
    );
    refused(
        "far",
        &[("a.toml", "zzz = 1\n")],
        expect![
            "DIR/a.toml:1:1: zzz: `zzz` is not known here; known are sampling, listen, rules, engine, history, anomaly, outbox, plugins, audit, log, alerts, receivers, inhibitions, probes"
        ],
    );
}

#[test]
fn an_unknown_probe_is_refused_with_a_suggestion() {
    let paths = written("probe", &[("a.toml", "[probes.loadavrg]\nenabled = false\n")]);
    let error = Config::load(&paths).unwrap_err();
    assert_eq!((error.position, error.key.as_str()), (Some((1, 9)), "probes.loadavrg"));
    assert_eq!(error.hint.as_deref(), Some("loadavg"));
    fs::remove_dir_all(paths.file.parent().unwrap()).unwrap();
}

#[test]
fn values_that_make_no_sense_are_named() {
    refused(
        "syntax",
        &[("a.toml", "[sampling\n")],
        expect![[r#"DIR/a.toml:1:10: unclosed table, expected `]`"#]],
    );
    refused(
        "type",
        &[("a.toml", "[sampling]\ninterval = 5\n")],
        expect!["DIR/a.toml:2:12: sampling.interval: must be a text in quotes, not integer `5`"],
    );
    refused(
        "word",
        &[("a.toml", "[sampling]\ninterval = \"soon\"\n")],
        expect![[
            r#"DIR/a.toml:2:12: sampling.interval: "soon" is not a duration such as "10s", "500ms", "5m" or "1h""#
        ]],
    );
    refused(
        "level",
        &[("a.toml", "[log]\nlevel = \"wran\"\n")],
        expect![
            "DIR/a.toml:2:9: log.level: `wran` is not known here; known are error, warn, info, debug, trace; did you mean `warn`?"
        ],
    );
    refused(
        "address",
        &[("a.toml", "[listen]\nmetrics = \"19100\"\n")],
        expect![[
            r#"DIR/a.toml:2:11: listen.metrics: "19100" is not an address such as "[::]:19100", "127.0.0.1:19100" or "unix:/PATH""#
        ]],
    );
}

#[test]
fn values_out_of_bounds_are_named_in_the_last_file_that_sets_them() {
    let low = "[sampling]\ninterval = \"100ms\"\n";
    refused(
        "bound",
        &[("a.toml", low), ("conf.d/b.toml", low)],
        expect!["DIR/conf.d/b.toml:2:1: sampling.interval: 100ms is too small; the least is 1s"],
    );
    refused(
        "rare",
        &[("a.toml", "[sampling]\ninterval = \"3m\"\n")],
        expect![
            "DIR/a.toml:2:1: sampling.interval: 3m is too long; the most is 2m: a value counts for 5 minutes after its sample, and with longer intervals series would come and go"
        ],
    );
    refused(
        "rare-probe",
        &[("a.toml", "[probes.loadavg]\ninterval = \"25h\"\n")],
        expect!["DIR/a.toml:2:1: probes.loadavg.interval: 25h is too long; the most is 1d"],
    );
    refused(
        "path",
        &[("a.toml", "[probes.loadavg]\npath = \"/x\"\n")],
        expect!["DIR/a.toml:2:1: probes.loadavg.path: the probe has no such setting"],
    );
    refused(
        "dirs",
        &[("a.toml", "[rules]\ndirs = [\"rules\"]\n")],
        expect![[r#"DIR/a.toml:2:1: rules.dirs: "rules" must start with a slash"#]],
    );
    refused(
        "kept",
        &[("a.toml", "outbox.kept_max = 0\n")],
        expect!["DIR/a.toml:1:8: outbox.kept_max: 0 is too small; the least is 1"],
    );
}

/// Every line of the reference that shows a key, without its `#`.
fn uncommented(reference: &str) -> String {
    let shown = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase()) => rest.to_owned(),
        _ => line.to_owned(),
    };
    let sections = reference.split("# Receivers: ").next().unwrap();
    sections.lines().map(shown).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_reference_is_true() {
    let reference = reference();
    assert_eq!(toml::from_str::<Config>(&reference).unwrap(), Config::default());
    let spelt_out = uncommented(&reference);
    assert_eq!(toml::from_str::<Config>(&spelt_out).unwrap(), Config::default());
    let keys = [Sampling::KEYS, Listen::KEYS, Rules::KEYS, Engine::KEYS, Outbox::KEYS, Log::KEYS];
    for (key, _) in keys.into_iter().flatten() {
        let shown =
            reference.contains(&format!("\n#{key} = ")) || reference.contains(&format!("\n# ({key} is"));
        assert!(shown, "{key} is missing from the reference:\n{reference}");
    }
    let named = reference.split("# Receivers: ").nth(1).unwrap().split("# Probes.").next().unwrap();
    let shown = |line: &str| line.strip_prefix('#').filter(|line| !line.starts_with(' ')).map(str::to_owned);
    let named: Vec<_> = named.lines().filter_map(shown).collect();
    let config: Config = toml::from_str(&named.join("\n")).unwrap();
    assert_eq!(config.receivers["NAME"], Receiver::default());
    assert_eq!(config.inhibitions["NAME"], InhibitionRule::default());
    let probes = reference.split_once(reference::PROBES_ABOUT).unwrap().1;
    let probes: Vec<_> = probes.lines().filter_map(|line| line.strip_prefix('#')).collect();
    let probes: Vec<_> = probes.into_iter().filter(|line| !line.starts_with(' ')).collect();
    let config: Config = toml::from_str(&probes.join("\n")).unwrap();
    assert_eq!(config.probes.len(), hostward_probes::PROBES.len());
    assert_eq!(check::first_complaint(&config), None);
}

#[test]
fn receivers_are_checked() {
    let named = |text: &str| format!("[receivers.oncall]\n{text}");
    refused(
        "kind",
        &[("a.toml", &named("type = \"slak\"\n"))],
        expect![
            "DIR/a.toml:2:1: receivers.oncall.type: there is no such type; the types are alertmanager, webhook, email, slack, ntfy, exec; did you mean `slack`?"
        ],
    );
    refused(
        "stray",
        &[("a.toml", &named("type = \"slack\"\nurl = [\"https://a/b\"]\nserver = \"x:25\"\n"))],
        expect!["DIR/a.toml:4:1: receivers.oncall.server: is not for the type slack"],
    );
    refused(
        "relative",
        &[("a.toml", &named("type = \"exec\"\ncommand = [\"page.sh\"]\n"))],
        expect![[r#"DIR/a.toml:3:1: receivers.oncall.command: "page.sh" must be an absolute path"#]],
    );
    refused(
        "matcher",
        &[("a.toml", &named("type = \"exec\"\nmatch = [\"severity\"]\n"))],
        expect![[
            r#"DIR/a.toml:3:9: receivers.oncall.match: "severity" is not a matcher such as severity="critical": after the name comes =, !=, =~ or !~"#
        ]],
    );
    refused(
        "target",
        &[("a.toml", "[inhibitions.disk]\nsource = [\"severity=critical\"]\n")],
        expect!["DIR/a.toml:1:14: inhibitions.disk: target must have a matcher"],
    );
}
