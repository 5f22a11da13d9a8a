//! A part of the scripts that Prometheus tests its own evaluator with (Apache-2.0, see `promql/LICENSE`).

use hostward_xtask::promqltest::{run_file, run_script};
use std::path::Path;

#[test]
fn prometheus_own_scripts_pass() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/promql");
    let mut passed = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "test") {
            let tally = run_file(&path).unwrap();
            assert!(tally.failed.is_empty(), "{}", tally.failed.join("\n"));
            passed += tally.passed;
        }
    }
    assert!(passed >= 130, "only {passed} evals ran");
}

#[test]
fn what_is_not_as_expected_is_told_with_its_place() {
    let script = "load 1m\n  a{x=\"1\"} 1+1x5\n\neval instant at 2m a\n  a{x=\"1\"} 4\n\neval_fail instant at 1m a\n\n\
                  eval instant at 1m sum(\n  expect fail msg: something else\n\neval instant at 1m a\n  \
                  expect warn\n  a{x=\"1\"} 2\n\neval range from 0 to 2m step 1m a\n  a{x=\"1\"} 1 2\n\n\
                  eval instant at 1m histogram_sum(a)\n  {x=\"1\"} 2\n\nclear\n\neval instant at 1m a\n";
    let tally = run_script("s.test", script);
    assert_eq!((tally.passed, tally.histograms, tally.experimental), (1, 1, 0));
    let told: Vec<_> = tally.failed.iter().map(|failure| failure.replace('\n', " |")).collect();
    assert_eq!(
        told,
        [
            "s.test:4: a |    a{x=\"1\"}: it should be 4 and is 3",
            "s.test:7: a |    it should fail and does not",
            "s.test:9: sum( |    it should fail with something else |    and fails with `(` is never closed (column 4)",
            "s.test:12: a |    there should be the warning anything, there are {}",
            "s.test:16: a |    a{x=\"1\"} should have 2 points: [Point { at_ms: 0, value: 1.0 }, Point { at_ms: 60000, \
             value: 2.0 }, Point { at_ms: 120000, value: 3.0 }]",
        ]
    );
}

#[test]
fn what_cannot_be_read_fails_and_the_rest_is_run() {
    let script = "lode 1m\n\nload 1m\n  a 1..2\n\neval sometimes at 1m 1\n\nload 1m\n  b 1 2\neval instant at 1m b\n  b 2\n";
    let tally = run_script("s.test", script);
    assert_eq!(tally.passed, 1);
    assert_eq!(
        tally.failed,
        [
            "s.test:1: `lode` is no command: there are load, clear and eval",
            "s.test:3: `1..2` is not a value: write as in 1 0+10x5 _x3 stale",
            "s.test:6: `sometimes`: after eval there is instant or range",
        ]
    );
}

#[test]
fn what_is_experimental_is_counted_by_itself() {
    let script = "load 1m\n  a@st _ -30s\n  a 5 7\n\neval instant at 1m increase(a[5m])\n  {} 9\n\n\
                  eval instant at 1m sum_over_time(a[2m*3])\n  {} 12\n\n\
                  eval instant at 1m a offset -Min(step(), 1s)\n  a 5\n\n\
                  eval instant at 1m rate(a[5m] smoothed)\n  {} 1\n\neval instant at 1m info(a)\n  a 7\n\n\
                  eval instant at 1m a + fill (0) a\n  {} 14\n";
    let tally = run_script("s.test", script);
    assert_eq!((tally.passed, tally.failed, tally.experimental), (0, Vec::new(), 6));
}

#[test]
fn the_place_of_a_note_may_be_left_out() {
    let script = "load 1m\n  a{le=\"x\"} 5\n\neval instant at 0m histogram_quantile(0.5, a)\n  expect warn msg: PromQL \
                  warning: bucket label \"le\" is missing or has a malformed value of \"x\" for metric name \"a\"\n";
    assert_eq!(run_script("s.test", script).passed, 1);
}
