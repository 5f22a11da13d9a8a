//! `hostward plugin test`: a plugin run by hand, and recorded outputs replayed.

use super::place::put;
use super::support::{Scratch, ask, printed};
use std::path::Path;

fn test(scratch: &Scratch, words: &[&str]) -> (Option<i32>, String) {
    let output = ask(scratch, &[&["plugin", "test"], words].concat());
    let (out, err) = printed(&output);
    (output.status.code(), out + &err)
}

#[test]
fn a_plugin_is_run_recorded_and_replayed() {
    let scratch = Scratch::new("trial");
    let path = scratch.path("check_disk");
    put(
        &path,
        "#!/bin/sh\n# hostward: format=nagios\necho 'DISK WARNING - low | /=5GB;1;9'\nexit 1\n",
        0o755,
    );
    let (path, record) = (path.display().to_string(), scratch.path("kept.sample").display().to_string());
    let (code, said) = test(&scratch, &[&path, "--record", &record]);
    assert!(said.contains("service \"check_disk\" is WARNING: DISK WARNING - low"), "{said}");
    assert!(said.contains("check_disk_bytes{perfdata=\"/\"} 5000000000"), "{said}");
    assert!(said.contains("# both runs have the same series"), "{said}");
    assert_eq!(code, Some(0));
    let (code, replayed) = test(&scratch, &["--replay", &record, "--as", "nagios"]);
    assert!(replayed.contains("{perfdata=\"/\"} 5000000000"), "{replayed}");
    assert_eq!(code, Some(0));
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let scratch = Scratch::new("trial-wrong");
    let path = scratch.path("new_each_time.sh");
    put(&path, "#!/bin/sh\necho \"x{pid=\\\"$$\\\"} 1\"\n", 0o755);
    let (code, said) = test(&scratch, &[&path.display().to_string()]);
    assert!(said.contains("# the runs differ in their series"), "{said}");
    assert_eq!(code, Some(1));
    put(&path, "#!/bin/sh\necho 'x 1'\necho 'y{a=NaN} 1'\n", 0o755);
    let (code, said) = test(&scratch, &[&path.display().to_string()]);
    assert!(said.contains("unknown: line 2: column 5: "), "{said}");
    assert_eq!(code, Some(1));
}

#[test]
fn every_recorded_sample_is_replayed_as_its_importer_means_it() {
    let scratch = Scratch::new("trial-samples");
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/formats/tests/samples/netdata");
    let (_, said) = test(&scratch, &["--replay", &samples.display().to_string()]);
    let expected = std::fs::read_to_string(samples.join("minimal.expected")).unwrap();
    assert!(said.contains(&expected), "{said}");
    assert_eq!(said.matches("(netdata, its directory says so)").count(), 7);
}
