//! Each kind of receiver once, silences, acknowledgements, inhibitions and the Watchdog, by the command line.

use crate::flags::{await_firing, prepare, raise, start};
use crate::recorder::Recorder;
use crate::support::{Scratch, ask, eventually, printed};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

fn well(output: &Output) -> String {
    let (out, said) = printed(output);
    assert!(output.status.success(), "{out}{said}");
    out
}

#[test]
fn each_kind_is_told_in_its_own_way() {
    let (scratch, recorder) = (Scratch::new("kinds"), Recorder::start());
    let key = scratch.write("key", "s3cret\n");
    set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    let (at, out) = (recorder.address, scratch.path("exec.json"));
    let shared = "allow_private = true\ngroup_wait = \"0s\"\n";
    prepare(
        &scratch,
        &format!(
            "[receivers.hook]\ntype = \"webhook\"\nurl = [\"http://{at}/hook\"]\nsecret_file = {key:?}\n{shared}\
             [receivers.chat]\ntype = \"slack\"\nurl = [\"http://{at}/chat\"]\n{shared}\
             [receivers.push]\ntype = \"ntfy\"\nurl = [\"http://{at}/push/ops\"]\n{shared}\
             [receivers.page]\ntype = \"exec\"\ncommand = [\"/usr/bin/tee\", {out:?}]\n\
             [receivers.closed]\ntype = \"webhook\"\nurl = [\"http://{at}/closed\"]\nmatch = [\"flag=z\"]\n\
             [receivers.alive]\ntype = \"webhook\"\nurl = [\"http://{at}/alive\"]\nheartbeat = \"1s\"\n\
             match = [\"flag=z\"]\nallow_private = true\n"
        ),
    );
    let daemon = start(&scratch);
    raise(&scratch, &["a"]);
    await_firing(&daemon, &["a"]);
    let seen = |path: &str| recorder.seen().into_iter().find(|own| own.path == path);
    let piped = || serde_json::from_slice::<Value>(&std::fs::read(&out).unwrap_or_default()).ok();
    eventually("all of them", || {
        ["/hook", "/chat", "/push/"].iter().all(|path| seen(path).is_some()) && piped().is_some()
    });

    let hook = seen("/hook").unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(b"s3cret").unwrap();
    mac.update(&hook.bytes);
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(hook.head.contains(&format!("x-hostward-signature-256: sha256={hex}")), "{}", hook.head);
    assert_eq!(hook.body["alerts"][0]["hostward"]["expr"], "test_flag == 1");
    assert_eq!(seen("/chat").unwrap().body["text"], "[FIRING 1] Flag on web1");
    assert_eq!(seen("/push/").unwrap().body["topic"], "ops");
    assert_eq!(piped().unwrap()["alerts"][0]["labels"]["flag"], "a");

    let watchdog = |own: &crate::recorder::Request| {
        own.path == "/alive" && own.body["alerts"][0]["labels"]["alertname"] == "Watchdog"
    };
    eventually("heartbeats", || recorder.seen().iter().filter(|own| watchdog(own)).count() >= 2);

    let tested = ask(&scratch, &["alerts", "test-notification"]);
    let (out, _) = printed(&tested);
    assert_eq!(tested.status.code(), Some(1), "{out}");
    assert_eq!(out.matches("delivered").count(), 5, "{out}");
    assert!(out.contains("127.0.0.1, which is in a private network"), "{out}");
    well(&ask(&scratch, &["alerts", "test-notification", "--receiver", "chat"]));
    assert_eq!(ask(&scratch, &["alerts", "test-notification", "--receiver", "none"]).status.code(), Some(2));
}

#[test]
fn what_is_silenced_seen_or_hidden_is_not_told_until_it_is_not_any_more() {
    let (scratch, recorder) = (Scratch::new("quiet"), Recorder::start());
    prepare(
        &scratch,
        &format!(
            "[receivers.hook]\ntype = \"webhook\"\nurl = [\"http://{}/\"]\nallow_private = true\n\
             [inhibitions.b]\nsource = [\"flag=b\"]\ntarget = [\"flag=c\"]\nequal = [\"instance\"]\n",
            recorder.address
        ),
    );
    let daemon = start(&scratch);
    daemon.await_metrics("flags", |text| text.contains("test_flag"));
    let add = ["alerts", "silence", "add", "flag=a", "--for", "1h", "--comment", "moving house"];
    let id = well(&ask(&scratch, &add)).trim().to_owned();
    let weekly = [
        "alerts",
        "silence",
        "add",
        "flag=z",
        "--days",
        "sat-sun",
        "--zone",
        "Europe/Berlin",
        "--comment",
        "x",
    ];
    well(&ask(&scratch, &weekly));
    raise(&scratch, &["a", "b", "c"]);
    await_firing(&daemon, &["a", "b", "c"]);
    eventually("b", || recorder.told() == ["b firing"]);
    let (list, _) = printed(&ask(&scratch, &["alerts", "list"]));
    for word in ["(silenced)", "(inhibited)"] {
        assert_eq!(list.matches(word).count(), 1, "{word} in {list}");
    }
    let json = ask(&scratch, &["alerts", "list", "--format", "json"]);
    let json: Value = serde_json::from_str(&printed(&json).0).unwrap();
    let alerts = json["alerts"].as_array().unwrap();
    let id_of = |flag: &str| {
        let own = alerts.iter().find(|own| own["labels"]["flag"] == flag).unwrap();
        own["id"].as_str().unwrap().to_owned()
    };
    well(&ask(&scratch, &["alerts", "ack", &id_of("b"), "--comment", "on it", "--for", "4h"]));
    assert!(well(&ask(&scratch, &["alerts", "acks"])).contains("on it"));
    let shown = well(&ask(&scratch, &["alerts", "show", &id_of("b")]));
    assert!(shown.contains("told.hook") && shown.contains("acknowledged.until"), "{shown}");

    well(&ask(&scratch, &["alerts", "silence", "expire", &id]));
    eventually("a", || recorder.told() == ["b firing", "a firing"]);
    raise(&scratch, &["a", "c"]);
    eventually("c", || recorder.told().contains(&"c firing".to_owned()));
    eventually("the end of b", || recorder.told().contains(&"b resolved".to_owned()));
    let silences = well(&ask(&scratch, &["alerts", "silence", "list"]));
    assert!(
        silences.contains("over") && silences.contains("sat,sun 00:00-24:00 Europe/Berlin"),
        "{silences}"
    );
    daemon.await_metrics("the other silence", |text| {
        text.contains("hostward_silence_created_timestamp_seconds{")
    });

    let log = well(&ask(&scratch, &["audit-log", "list"]));
    for words in
        ["alert firing", "alert acknowledged", "on it", "silence added", "silence expired", "moving house"]
    {
        assert!(log.contains(words), "{words} in {log}");
    }
    let verified = well(&ask(&scratch, &["audit-log", "verify"]));
    assert!(!verified.contains("broken"), "{verified}");
}
