//! Shared objects in a live daemon and tried out: compiled a moment ago, where there is a compiler.

use super::place::{Place, put};
use super::support::{Scratch, ask, printed};
use super::thirty::samples;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A plugin of one gauge `ticks`, asked each 3 s within 2 s unless somebody says otherwise.
const TICKS: &str = r#"
#include "hostward_probe.h"
#include <stdlib.h>
#include <string.h>
static const hw_metric ticks = {sizeof ticks, HW_GAUGE, "ticks", NULL, "How often it was asked.", NULL, 0, 1};
static const hw_metric *const metrics[] = {&ticks};
static int32_t create(const hw_host *h, hw_text config, void **me) { (void)h; (void)config; *me = calloc(1, 8); return HW_OK; }
static int32_t collect(void *me, const hw_host *h) {
  LEAK;
  hw_sample sample = {sizeof sample, 0, ++*(double *)me, 0, NULL, 0, 0};
  h->emit(h, &sample);
  return HW_OK;
}
static const hw_description about = {sizeof about, 3000, 2000, 0, "ticks", "1", NULL, "A test.", NULL, metrics, NULL, 1, 0};
static const hw_probe probe = {sizeof probe, HW_ABI_MINOR, &about, create, collect, free};
const hw_probe *hostward_probe_v1(uint32_t minor) { (void)minor; return &probe; }
"#;

/// Compiles it, with this in each answer. Nothing if there is no compiler.
fn ticks(scratch: &Scratch, leak: &str) -> Option<std::path::PathBuf> {
    let (source, object) = (scratch.write("ticks.c", TICKS), scratch.path("ticks.so.tmp"));
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/abi/include");
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-w", "-I"]).arg(include).arg(format!("-DLEAK={leak}"));
    let status = cc.arg("-o").arg(&object).arg(source).status().ok()?;
    assert!(status.success());
    Some(object)
}

#[test]
fn an_object_is_asked_as_it_wants_unless_its_administrator_says_otherwise() {
    let place = Place::with("wants", "in_process = [\"inside\"]\n");
    let Some(made) = ticks(&place.scratch, "") else {
        return println!("there is no cc");
    };
    let drop = |name: &str| {
        let beside = place.path(&format!("{name}.tmp"));
        fs::copy(&made, &beside).unwrap();
        fs::rename(&beside, place.path(&format!("{name}.so"))).unwrap();
        place.await_status(name, |status| status["runs"].as_u64() > Some(0)).0
    };
    let asked = drop("ticks");
    assert_eq!(
        (&asked["intervalSeconds"], &asked["timeoutSeconds"]),
        (&3.0.into(), &2.0.into()),
        "{asked:#}"
    );
    fs::remove_file(place.path("ticks.so")).unwrap();
    put(&place.path("said.toml"), "interval = \"1s\"\n", 0o644);
    let said = drop("said");
    assert_eq!((&said["intervalSeconds"], &said["timeoutSeconds"]), (&1.0.into(), &2.0.into()), "{said:#}");
    assert_eq!(said["kind"], "object");
    // Only in hostward.toml, which a package does not bring, can it be said that one is loaded into hostward itself.
    fs::remove_file(place.path("said.so")).unwrap();
    let inside = drop("inside");
    assert_eq!((&inside["kind"], &inside["state"]), (&"inside".into(), &"ok".into()), "{inside:#}");
    let maps = fs::read_to_string(format!("/proc/{}/maps", place.daemon.pid())).unwrap();
    assert!(maps.contains("inside.so"), "{maps}");
    place.clear();
}

#[test]
fn rules_of_the_interface_are_tried() {
    let scratch = Scratch::new("conform");
    let Some(made) = ticks(&scratch, "") else {
        return println!("there is no cc");
    };
    let tried = |object: &Path| {
        let path = scratch.path("ticks.so");
        fs::rename(object, &path).unwrap();
        let output = ask(&scratch, &["plugin", "test", &path.display().to_string(), "--format", "json"]);
        let trial: Value = serde_json::from_str(&printed(&output).0).unwrap();
        let rules = trial["rules"].as_array().unwrap().clone();
        let broken = rules.iter().filter(|rule| rule["kept"] == false);
        let broken: Vec<String> = broken.map(|rule| format!("{}: {}", rule["name"], rule["said"])).collect();
        (rules.len(), broken)
    };
    assert_eq!(tried(&made), (12, Vec::new()));
    let leaking = ticks(&scratch, "memset(malloc(5000),1,5000)").unwrap();
    let (_, broken) = tried(&leaking);
    assert!(broken[0].starts_with("\"1000 answers\": \"its memory grew by"), "{broken:?}");
    let crashing = ticks(&scratch, "if(!h->time_left_ms(h))abort()").unwrap();
    assert_eq!(tried(&crashing).1, ["\"no time\": \"it crashed (signal 6)\""]);
}

#[test]
fn a_shared_object_is_loaded_asked_and_told() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let place = Place::new("object");
    let made = place.scratch.path("wear.so");
    let mut cc = Command::new("cc");
    cc.args(["-std=c11", "-O2", "-fPIC", "-shared", "-I"]).arg(root.join("plugins/abi/include"));
    cc.arg("-o").arg(&made).arg(root.join("plugins/examples/wear.c"));
    let Ok(status) = cc.status() else {
        return println!("there is no cc");
    };
    assert!(status.success());
    // What is granted must be readable for whom root runs plugins as, wherever the checkout is.
    let sysfs = place.scratch.path("sys");
    let copied =
        Command::new("cp").arg("-r").arg(root.join("plugins/examples/testdata/sys")).arg(&sysfs).status();
    assert!(copied.unwrap().success());
    let shown = sysfs.display().to_string();
    let sidecar = format!("config = {{ sysfs = {shown:?} }}\n[grants]\nread = [{shown:?}]\n");
    put(&place.path("wear.toml"), &sidecar, 0o644);
    let moved = place.path("wear.tmp");
    fs::copy(&made, &moved).unwrap();
    fs::rename(&moved, place.path("wear.so")).unwrap();
    let (status, took) = place.await_status("wear", |status| status["samples"].as_u64() > Some(0));
    println!("live after {took:?}: {status}");
    let told = samples(&place.daemon.scrape());
    let expected = fs::read_to_string(root.join("plugins/examples/testdata/wear.prom")).unwrap();
    for (series, value) in samples(&expected) {
        assert_eq!(told.get(&series), Some(&value), "{series}");
    }
    place.clear();
}
