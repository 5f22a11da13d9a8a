//! A shared object in a live daemon: compiled from the example in C, where there is a compiler.

use super::place::{Place, put};
use super::thirty::samples;
use std::fs;
use std::path::Path;
use std::process::Command;

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
