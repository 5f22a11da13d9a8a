//! Docker's daemon: daemon.json, and what its unit gives it as flags. dockerd(8) takes no key from both.

use super::line::{unquoted, words};
use super::{Found, Image, Reader, services};
use crate::Fault;
use hostward_model::{Fact, Origin};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

const MAIN: &str = "/etc/docker/daemon.json";
const UNIT: &str = "docker.service";
/// Where Debian's unit has `$DOCKER_OPTS` from.
const OPTIONS: &str = "/etc/default/docker";
/// The area, and the scope of options of a driver for logs.
const DRIVER: &str = "log-driver";
/// Keys within keys.
const NESTED_MAX: usize = 8;
/// Flags that are named otherwise than their keys.
const FLAGS: [(&str, &str); 9] = [
    ("H", "hosts"),
    ("host", "hosts"),
    ("D", "debug"),
    ("G", "group"),
    ("l", "log-level"),
    ("log-opt", "log-opts"),
    ("default-ulimit", "default-ulimits"),
    ("insecure-registry", "insecure-registries"),
    ("registry-mirror", "registry-mirrors"),
];
/// Flags whose value need not be said, and is not the next word.
const SWITCHES: [&str; 14] = [
    "D",
    "debug",
    "experimental",
    "icc",
    "init",
    "ip-forward",
    "ip-masq",
    "iptables",
    "ipv6",
    "live-restore",
    "no-new-privileges",
    "selinux-enabled",
    "tlsverify",
    "userland-proxy",
];

pub static READER: Reader = Reader {
    area: "docker",
    about: "Docker's daemon: keys of daemon.json, with dots between those within keys, and flags of its unit; options \
            of logs have their driver as scope",
    reads: &[MAIN, OPTIONS],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    let text = image.text_if_there(MAIN)?;
    let unit = services::service(image, UNIT)?;
    if text.is_none() && unit.is_empty() {
        return Err(Fault::Missing { what: MAIN.to_owned() });
    }
    found.extend(text.map_or(Ok(Vec::new()), |text| keys(&text))?)?;
    let options = image.text_if_there(OPTIONS)?.unwrap_or_default();
    if let Some(start) = unit.get("ExecStart") {
        let line = start.value.replace("${DOCKER_OPTS}", "$DOCKER_OPTS");
        found.extend(flags(&words(&line.replace("$DOCKER_OPTS", &given(&options))), &start.origin))?;
    }
    found.defaults(
        "",
        "Docker",
        &[
            ("icc", "true"),
            ("iptables", "true"),
            ("live-restore", "false"),
            (DRIVER, "json-file"),
            ("no-new-privileges", "false"),
            ("userland-proxy", "true"),
        ],
    )?;
    scope(found)
}

/// The keys of a file, with the line that their value begins in.
fn keys(text: &str) -> Result<Vec<Fact>, Fault> {
    let flaw = |error: serde_json::Error| {
        let word = text.lines().nth(error.line().saturating_sub(1)).unwrap_or("").trim();
        Fault::malformed(MAIN, error.line(), word, "a JSON object")
    };
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let all: BTreeMap<String, &RawValue> = serde_json::from_str(text).map_err(flaw)?;
    let mut facts = Vec::new();
    for (key, value) in all {
        let at = value.get().as_ptr() as usize - text.as_ptr() as usize;
        let line = 1 + text[..at].matches('\n').count();
        let whole: Value = serde_json::from_str(value.get()).map_err(flaw)?;
        flat(&key, &whole, NESTED_MAX, &mut |key, value| {
            facts.push(Fact::new(key, value, Origin::line(MAIN, line)));
        });
    }
    Ok(facts)
}

/// Each value, with the keys that lead to it; what is nested deeper is a value as it is written.
fn flat(key: &str, value: &Value, depth: usize, put: &mut impl FnMut(String, String)) {
    match value {
        Value::Object(own) if depth > 0 => {
            own.iter().for_each(|(name, value)| flat(&format!("{key}.{name}"), value, depth - 1, put));
        }
        Value::Array(own) if depth > 0 => own.iter().for_each(|value| flat(key, value, depth - 1, put)),
        Value::String(text) => put(key.to_owned(), text.clone()),
        other => put(key.to_owned(), other.to_string()),
    }
}

/// What a shell would take for `DOCKER_OPTS`.
fn given(text: &str) -> String {
    let mut lines = text.lines().filter_map(|line| line.trim().strip_prefix("DOCKER_OPTS="));
    lines.next_back().map_or(String::new(), |value| unquoted(value.trim()).to_owned())
}

/// `--key=value`, `--key value`, `-k value` and switches, by the names of their keys.
fn flags(words: &[String], origin: &Origin) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut words = words.iter().skip(1).peekable();
    while let Some(word) = words.next() {
        let Some(flag) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else { continue };
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, value.to_owned()),
            None if SWITCHES.contains(&flag) => (flag, "true".to_owned()),
            None => (flag, words.next_if(|next| !next.starts_with('-')).cloned().unwrap_or_default()),
        };
        let key = FLAGS.iter().find(|(own, _)| *own == name).map_or(name, |(_, key)| key);
        let (key, value) = match value.split_once('=') {
            Some((inner, value)) if key.ends_with("-opts") || key == "default-ulimits" => {
                (format!("{key}.{inner}"), value.to_owned())
            }
            _ => (key.to_owned(), value),
        };
        facts.push(Fact::new(key, value, origin.clone()));
    }
    facts
}

/// Options of logs mean what their driver takes them for.
fn scope(found: &mut Found) -> Result<(), Fault> {
    let driver = found.settled().find(|fact| fact.key == DRIVER).cloned();
    let Some(driver) = driver else { return Ok(()) };
    let scope = format!("{DRIVER} {}", driver.value);
    for fact in found.settled() {
        if let Some(key) = fact.key.strip_prefix("log-opts.") {
            *fact = Fact::new(key, fact.value.clone(), fact.origin.clone()).within(scope.clone());
        }
    }
    found.push(Fact::new("name", driver.value, driver.origin).within(scope))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn keys_and_flags() {
        let file = "{\n  \"icc\": false,\n  \"hosts\": [\"unix:///run/docker.sock\", \"tcp://0.0.0.0:2375\"],\n\
                    \"log-opts\": {\n    \"max-size\": \"10m\" },\n  \"default-ulimits\": {\"nofile\": {\"Soft\": 64}}\n}\n";
        let unit = "[Service]\nExecStart=/usr/sbin/dockerd -H fd:// $DOCKER_OPTS\n";
        expect![[r#"
            default-ulimits.nofile.Soft = 64  (/etc/docker/daemon.json:6)
            hosts = unix:///run/docker.sock  (/etc/docker/daemon.json:3)
            hosts = tcp://0.0.0.0:2375  (/etc/docker/daemon.json:3)
            icc = false  (/etc/docker/daemon.json:2)
            [log-driver json-file] max-size = 10m  (/etc/docker/daemon.json:4)
            hosts = fd://  (/lib/systemd/system/docker.service:2)
            live-restore = true  (/lib/systemd/system/docker.service:2)
            [log-driver json-file] max-file = 3  (/lib/systemd/system/docker.service:2)
            iptables = true  (default of Docker)
            log-driver = json-file  (default of Docker)
            no-new-privileges = false  (default of Docker)
            userland-proxy = true  (default of Docker)
            [log-driver json-file] name = json-file  (default of Docker)
        "#]]
        .assert_eq(&shown(
            &READER,
            &[
                (MAIN, file),
                (OPTIONS, "DOCKER_OPTS=\"--live-restore --log-opt max-file=3\"\n"),
                ("/lib/systemd/system/docker.service", unit),
            ],
        ));
    }

    #[test]
    fn what_is_no_object_has_a_line() {
        expect![[r#"
            unseen: /etc/docker/daemon.json:2: expected a JSON object, found "\"icc\" false"
        "#]]
        .assert_eq(&shown(&READER, &[(MAIN, "{\n\"icc\" false\n}\n")]));
        assert!(shown(&READER, &[]).starts_with("absent"));
    }
}
