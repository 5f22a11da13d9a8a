//! Prometheus' HTTP API of the agent, beside that of a Prometheus that scrapes it, and as promtool sees it.

use crate::agent::{Agent, curl};
use crate::login::user;
use crate::pki::text;
use crate::prometheus::Server;
use crate::support::{Scratch, ask, eventually, printed};
use serde_json::Value;
use std::process::Command;

fn promtool(arguments: &[&str]) -> String {
    let output = Command::new("promtool").args(["query"]).args(arguments).output();
    let (out, said) = printed(&output.expect("promtool, from the Debian package prometheus"));
    assert_eq!(said, "", "{arguments:?}");
    out
}

fn data(origin: &str, path: &str, arguments: &[&str]) -> Value {
    let answer = curl(&format!("{origin}/api/v1/{path}"), arguments);
    let body: Value =
        serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{path}: {error}: {answer:?}"));
    assert_eq!((answer.status, body["status"].as_str()), (200, Some("success")), "{path}: {body}");
    body["data"].clone()
}

/// A series without the labels that a scrape adds.
fn bare(mut series: Value) -> Value {
    let labels = series.as_object_mut().unwrap();
    ["job", "instance"].iter().for_each(|label| drop(labels.remove(*label)));
    series
}

#[test]
fn the_answers_are_those_of_a_prometheus_that_scrapes_the_agent() {
    let scratch = Scratch::new("api");
    let agent = Agent::start(&scratch, "api = \"127.0.0.1:0\"\n").ready(&[]);
    let (own, target) = (agent.api(), agent.origin.strip_prefix("http://").unwrap());
    let server = Server::start(
        &scratch,
        &format!("- job_name: hostward\n  static_configs: [{{targets: ['{target}']}}]\n"),
    );
    let counted = "count_over_time(node_memory_MemTotal_bytes[1m]) > 3";
    let has = |origin: &str| {
        let answer = curl(
            &format!("{origin}/api/v1/query"),
            &["--get", "--data-urlencode", &format!("query={counted}")],
        );
        answer.body.contains("\"value\"")
    };
    eventually("some scrapes", || has(&server.origin) && has(&own));
    let without = "without(instance, job)";
    for query in [
        format!("max {without} (node_memory_MemTotal_bytes)"),
        format!("max {without} (node_uname_info)"),
        format!("sum {without} (rate(node_boot_time_seconds[1m]))"),
        format!(
            "count by(type) ({{__name__=\"node_netstat_Tcp_MaxConn\"}}) or max {without} (node_boot_time_seconds)"
        ),
        "-1/0".to_owned(),
        "\"text\"".to_owned(),
    ] {
        let form = format!("query={query}");
        let post = ["--data-urlencode", &form, "--data", "time=2099-01-01T00:00:00.5Z"];
        let now = ["--data-urlencode", &form];
        let value = |origin: &str, arguments: &[&str]| {
            let mut answer = data(origin, "query", arguments);
            for own in answer["result"].as_array_mut().unwrap().iter_mut().filter(|own| own.is_object()) {
                own["value"][0] = Value::Null;
            }
            if answer["result"][0].is_number() {
                answer["result"][0] = Value::Null;
            }
            answer
        };
        assert_eq!(value(&own, &now), value(&server.origin, &now), "{query}");
        assert_eq!(value(&own, &post), value(&server.origin, &post), "{query} in the future");
    }
    for bad in [
        "query?query=up%28",
        "query",
        "query_range?query=up&start=2&end=1&step=1",
        "query_range?query=up&start=1&end=2&step=0",
        "series",
        "query?query=up&time=x",
        "label/__name__/values?match[]=sum(up)",
        "query_range?query=up&start=0&end=100000&step=1",
    ] {
        let told = |origin: &str| {
            let answer = curl(&format!("{origin}/api/v1/{bad}"), &[]);
            let body: Value = serde_json::from_str(&answer.body).unwrap();
            (answer.status, body["status"].clone(), body["errorType"].clone())
        };
        let (ours, theirs) = (told(&own), told(&server.origin));
        // Too many steps are bad data to Prometheus, and an expression that cannot be evaluated here.
        if !bad.ends_with("100000&step=1") {
            assert_eq!(ours, theirs, "{bad}");
        }
        assert_ne!(ours.0, 200, "{bad}");
    }
    let selector = "match[]=node_uname_info";
    let series = |origin: &str| bare(data(origin, &format!("series?{selector}"), &[])[0].clone());
    assert_eq!(series(&own), series(&server.origin));
    let names = data(&own, &format!("labels?{selector}"), &[]);
    assert!(names.as_array().unwrap().contains(&"nodename".into()), "{names}");
    let kernel = format!("label/sysname/values?{selector}");
    assert_eq!(data(&own, &kernel, &[]), data(&server.origin, &kernel, &[]));
    let metadata = |origin: &str| data(origin, "metadata?metric=node_load1", &[])["node_load1"][0].clone();
    assert_eq!(metadata(&own), metadata(&server.origin));
    assert_eq!(data(&own, "query_exemplars?query=up", &[]), Value::Array(Vec::new()));
    assert!(data(&own, "status/buildinfo", &[])["version"].is_string());
}

#[test]
fn promtool_can_ask() {
    let scratch = Scratch::new("api-promtool");
    let agent = Agent::start(&scratch, "api = \"127.0.0.1:0\"\n").ready(&[]);
    let own = agent.api();
    let instant = promtool(&["instant", &own, "max(node_memory_MemTotal_bytes) > 1"]);
    assert!(instant.starts_with("{} => ") || instant.starts_with("=> "), "{instant}");
    let range = promtool(&["range", "--step=1s", &own, "count(node_uname_info)"]);
    assert!(range.contains("1 @["), "{range}");
    let series = promtool(&["series", "--match=node_uname_info", &own]);
    assert!(series.contains("nodename="), "{series}");
    let names = promtool(&["labels", &own, "__name__"]);
    assert!(names.lines().any(|line| line == "node_load1"), "{names}");
    let groups = data(&own, "rules?type=alert", &[])["groups"].clone();
    let rule = &groups[0]["rules"][0];
    assert!(rule["type"] == "alerting" && rule["query"].is_string() && rule["alerts"].is_array(), "{rule}");
    assert!(data(&own, "alerts", &[])["alerts"].is_array());
}

#[test]
fn nothing_that_changes_something_is_on_a_port() {
    let scratch = Scratch::new("api-readonly");
    let agent = Agent::start(&scratch, "api = \"127.0.0.1:0\"\n").ready(&[]);
    let own = agent.api();
    let status = |method: &str, path: &str| {
        curl(&format!("{own}/api/v1/{path}"), &["--request", method, "--data", "{}"]).status
    };
    for (method, path) in [
        ("POST", "alerts/x/acknowledge"),
        ("POST", "baseline/accept"),
        ("PUT", "detectors"),
        ("DELETE", "detectors/x"),
        ("GET", "status"),
        ("GET", "audit-log"),
        ("GET", "outbox"),
    ] {
        assert_eq!(status(method, path), 404, "{method} {path}");
    }
    assert_eq!([status("DELETE", "query"), status("POST", "rules")], [405, 405]);
    let metrics = agent.get("/api/v1/query?query=1", &[]).status;
    assert_eq!(metrics, 404, "it is not where the metrics are, which everybody may read");
    let stranger = curl(&format!("{own}/api/v1/labels"), &["--header", "Host: rebound.example"]);
    assert_eq!(stranger.status, 403, "{stranger:?}");
}

#[test]
fn others_than_this_host_must_show_who_they_are() {
    let scratch = Scratch::new("api-login");
    scratch.write("etc/hostward.toml", "[listen]\napi = \"0.0.0.0:0\"\n");
    let output = ask(&scratch, &["run", "--listen", "127.0.0.1:0"]);
    let (_, said) = printed(&output);
    assert!(!output.status.success() && said.contains("name users in listen.web_config"), "{said}");
    scratch.write("web.yml", &user("alice", "secret"));
    let listen = format!("api = \"0.0.0.0:0\"\nweb_config = {:?}\n", text(&scratch, "web.yml"));
    let agent = Agent::start(&scratch, &listen);
    let own = agent.api();
    let status = |login: &[&str]| curl(&format!("{own}/api/v1/query?query=1"), login).status;
    assert_eq!([status(&[]), status(&["--user", "alice:secret"])], [401, 200]);
    scratch.write("web.yml", "http_server_config:\n  http2: false\n");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    status(&[]);
    assert_eq!(status(&[]), 403, "nobody is named any more");
}
