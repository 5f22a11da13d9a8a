//! What becomes of what a shared object says, does and does wrong. All of it was compiled with `cc` a moment ago.

use crate::support::{answer, ask, ask_times, build, collecting, collecting_with, shown, start};
use expect_test::{Expect, expect};

fn check(name: &str, body: &str, expected: Expect) {
    expected.assert_eq(&shown(&ask("{}", &collecting(name, body))));
}

#[test]
fn samples_become_openmetrics() {
    check(
        "samples",
        r#"
        emit(h, "a \"quoted\"\nline \\", 1.5);
        hw_sample runs = {sizeof runs, 1, 3, 1700000000250, NULL, 0, 0};
        h->emit(h, &runs);
        emit(h, "b", INFINITY);
        return HW_OK;"#,
        expect![[r##"
            # HELP t_size_bytes A size.
            # TYPE t_size_bytes gauge
            # UNIT t_size_bytes bytes
            t_size_bytes{of="a \"quoted\"\nline \\"} 1.5
            t_size_bytes{of="b"} +Inf
            # HELP t_runs Runs \\ so\nfar.
            # TYPE t_runs counter
            t_runs_total 3 1700000000.250
            # EOF
            exit status: 0
        "##]],
    );
}

#[test]
fn each_status_is_told_with_its_reason() {
    let body = r#"
        static const char *const words[] = {"error", "no such device", "not\nallowed \x1b[31m", "bad key", "slow"};
        static int32_t status = 0;
        status = status % 5 + 1;
        emit(h, "x", 1);
        return say(h, status, words[status - 1]);"#;
    expect![[r#"
        # STATUS ERROR error
        # EOF
        # STATUS UNAVAILABLE no such device
        # EOF
        # STATUS PERMISSION not allowed  [31m
        # EOF
        # STATUS CONFIG bad key
        # EOF
        # STATUS TIMEOUT slow
        # EOF
        exit status: 0
    "#]]
    .assert_eq(&shown(&ask_times("{}", &collecting("statuses", body), 5)));
    check(
        "unknown_status",
        "return 77;",
        expect![[r#"
            # STATUS ERROR it gave no reason (status 77)
            # EOF
            exit status: 0
        "#]],
    );
}

#[test]
fn bad_samples_cost_themselves() {
    check(
        "bad_samples",
        r#"
        emit(h, "nan", NAN);
        emit_bytes(h, "\xff\xfe", 2, 1);
        emit(h, "good", 1);
        emit(h, "good", 2);
        hw_sample of = {sizeof of, 7, 1, 0, NULL, 0, 0};
        h->emit(h, &of);
        of = (hw_sample){sizeof of, 0, 1, 0, NULL, 1, 0};
        h->emit(h, &of);
        of = (hw_sample){sizeof of, 0, 1, 0, NULL, 0, 0};
        h->emit(h, &of);
        of = (hw_sample){8, 0, 1, 0, NULL, 0, 0};
        h->emit(h, &of);
        of = (hw_sample){sizeof of, 1, -1, 0, NULL, 0, 0};
        h->emit(h, &of);
        h->emit(h, NULL);
        h->emit(NULL, &of);
        return HW_OK;"#,
        expect![[r##"
            # HELP t_size_bytes A size.
            # TYPE t_size_bytes gauge
            # UNIT t_size_bytes bytes
            t_size_bytes{of="good"} 1
            # HELP t_runs Runs \\ so\nfar.
            # TYPE t_runs counter
            # REJECTED 9 t_size_bytes is not a number: leave out what has no value
            # EOF
            exit status: 0
        "##]],
    );
}

#[test]
fn a_flood_of_samples_stops_at_the_bound() {
    let body = r#"
        char name[32];
        for (long i = 0; i < 100000000; i++) {
          snprintf(name, sizeof name, "%ld", i);
          if (emit(h, name, i) == HW_STOP) return HW_OK;
        }
        return HW_ERROR;"#;
    let output = ask("{}", &collecting("flood", body));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().filter(|line| line.starts_with("t_size_bytes{")).count(), 10_000);
    let end: Vec<_> = text.lines().rev().take(2).collect();
    assert_eq!(end, ["# EOF", "# REJECTED 1 an answer has at most 10000 series"]);
}

#[test]
fn time_is_told_and_ends() {
    let body = r#"
        int64_t left = h->time_left_ms(h);
        if (left < 1000 || left > 2000) return say(h, HW_ERROR, "an odd time");
        while (h->time_left_ms(h) > 1900) usleep(1000);
        return h->extension(h, "none") ? HW_ERROR : say(h, HW_TIMEOUT, "as expected");"#;
    check(
        "time",
        body,
        expect![[r#"
            # STATUS TIMEOUT as expected
            # EOF
            exit status: 0
        "#]],
    );
}

#[test]
fn what_is_printed_is_a_log() {
    let body = r#"printf("hello\n"); fflush(stdout); close(1); h->log(h, HW_LOG_WARNING, (hw_text){"a\nb", 3}); return HW_OK;"#;
    check(
        "printing",
        body,
        expect![[r#"
            # HELP t_size_bytes A size.
            # TYPE t_size_bytes gauge
            # UNIT t_size_bytes bytes
            # HELP t_runs Runs \\ so\nfar.
            # TYPE t_runs counter
            # EOF
            stderr: hello
            stderr: warning: a b
            exit status: 0
        "#]],
    );
}

#[test]
fn samples_outside_of_collect_are_not_taken() {
    let before = r#"
        static const hw_host *host;
        static void *later(void *unused) { usleep(1000); return (void *)(intptr_t)emit(host, "late", 1); }
        static pthread_t thread;"#;
    // The thread of one answer is joined in the next: whenever it emits, no text is broken by it.
    let body = r#"
        static int run;
        void *said = NULL;
        host = h;
        if (run++ == 0) pthread_create(&thread, NULL, later, NULL);
        else pthread_join(thread, &said);
        emit(h, "said", (intptr_t)said);
        return HW_OK;"#;
    let output = ask_times("{}", &collecting_with("threads", before, body), 2);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.matches("# EOF\n").count(), 2, "{text}");
    assert_eq!(text.matches("of=\"said\"").count(), 2, "{text}");
}

#[test]
fn an_object_that_cannot_be_used_is_told_for_each_answer() {
    let entry =
        "#include \"hostward_probe.h\"\n#include <stddef.h>\nconst hw_probe *hostward_probe_v1(uint32_t m)";
    let cases = [
        ("empty", "int x;".to_owned()),
        ("newer", "int hostward_probe_v3(void) { return 0; }".to_owned()),
        ("null", format!("{entry} {{ return NULL; }}")),
        (
            "small",
            format!(
                "#include \"hostward_probe.h\"\nstatic const hw_probe p = {{8}};\n{entry} {{ return &p; }}"
            ),
        ),
        (
            "bare",
            format!(
                "#include \"hostward_probe.h\"\nstatic const hw_probe p = {{sizeof p}};\n{entry} {{ return &p; }}"
            ),
        ),
        ("odd", format!("{entry} {{ return (const hw_probe *)3; }}")),
    ];
    let mut all = String::new();
    for (name, source) in cases {
        let output = ask_times("{}", &build(name, &source), 2);
        let text = shown(&output);
        let answers: Vec<_> = text.split("# EOF\n").collect();
        assert_eq!(answers[0], answers[1]);
        all += &format!("{name}: {}{}", answers[0], answers[2]);
    }
    expect![[r#"
        empty: # STATUS ERROR it exports no function hostward_probe_v1 (is it declared extern "C", and visible?)
        exit status: 0
        newer: # STATUS ERROR it was made for version 3 of the interface, this hostward has 1
        exit status: 0
        null: # STATUS ERROR it does not work with version 1.0 of the interface
        exit status: 0
        small: # STATUS ERROR hw_probe: struct_size is 8; in version 1.0 it is 40, set it to sizeof(hw_probe)
        exit status: 0
        bare: # STATUS ERROR hw_probe: create or collect is NULL
        exit status: 0
        odd: # STATUS ERROR hw_probe is not where a struct can be
        exit status: 0
    "#]]
    .assert_eq(&all);
}

#[test]
fn what_is_not_an_object_is_told() {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("text.so");
    std::fs::write(&path, "#!/bin/sh\necho this is no object\n".repeat(100)).unwrap();
    let text = shown(&ask("{}", &path));
    assert!(
        text.starts_with("# STATUS ERROR it cannot be loaded: ") && text.contains("invalid ELF header"),
        "{text}"
    );
    let text = shown(&ask("{}", &path.with_file_name("absent.so")));
    assert!(
        text.starts_with("# STATUS ERROR it cannot be loaded: ") && text.contains("No such file"),
        "{text}"
    );
}

#[test]
fn descriptions_that_would_break_the_answer_are_refused() {
    let metric = |fields: &str| {
        format!(
            "#include \"hostward_probe.h\"\nstatic const char *const l[] = {{\"a\", \"a\", \"__x\", NULL}};\n\
             static const hw_metric m = {{sizeof m, {fields}}}; static const hw_metric *const ms[] = {{&m, &m}};"
        )
    };
    let table = |rest: &str| {
        format!(
            "static const hw_description d = {{.struct_size = sizeof d, .name = \"t\", .version = \"1\", .about = \"x\", {rest}}};\n\
             static int32_t c(const hw_host *h, hw_text t, void **i) {{ return 0; }} static int32_t g(void *i, const hw_host *h) {{ return 0; }}\n\
             static const hw_probe p = {{sizeof p, 0, &d, c, g, NULL}};\nconst hw_probe *hostward_probe_v1(uint32_t m) {{ return &p; }}"
        )
    };
    let one = ".metrics = ms, .metrics_count = 1";
    let cases = [
        metric("1, \"a b\", NULL, \"x\", NULL, 0, 0") + &table(one),
        metric("9, \"ab\", NULL, \"x\", NULL, 0, 0") + &table(one),
        metric("1, \"ab\", \"seconds\", \"x\", NULL, 0, 0") + &table(one),
        metric("2, \"ab_seconds\", \"seconds\", \"x\", NULL, 0, 0") + &table(one),
        metric("3, \"ab\", NULL, \"x\", NULL, 0, 0") + &table(one),
        metric("1, \"ab_total\", NULL, \"x\", NULL, 0, 0") + &table(one),
        metric("1, \"ab\", NULL, NULL, NULL, 0, 0") + &table(one),
        metric("1, \"ab\", NULL, \"x\", l, 2, 0") + &table(one),
        metric("1, \"ab\", NULL, \"x\", l, 3, 0") + &table(one),
        metric("1, \"ab\", NULL, \"x\", l, 4, 0") + &table(one),
        metric("1, \"ab\", NULL, \"x\", NULL, 1, 0") + &table(one),
        metric("1, \"ab\", NULL, \"\\xff\", NULL, 0, 0") + &table(one),
        metric("1, \"ab\", NULL, \"x\", NULL, 0, 0") + &table(".metrics = ms, .metrics_count = 2"),
        metric("1, \"ab\", NULL, \"x\", NULL, 0, 0") + &table(".metrics = ms, .metrics_count = 4000000000"),
        metric("1, \"ab\", NULL, \"x\", NULL, 0, 0") + &table(".needs = 4096"),
        metric("1, \"ab\", NULL, \"x\", NULL, 0, 0") + &table(".config_schema = \"{\""),
    ];
    let said = |(index, source): (usize, &String)| {
        let text = shown(&ask("{}", &build(&format!("description{index}"), source)));
        text.lines().next().unwrap_or_default().to_owned() + "\n"
    };
    expect![[r##"
        # STATUS ERROR "a b" is no name of a metric: [a-zA-Z_:][a-zA-Z0-9_:]*
        # STATUS ERROR ab: there is no kind 9
        # STATUS ERROR ab: the unit is seconds, so the name ends with _seconds
        # STATUS ERROR ab_seconds counts, so its name ends with _total
        # STATUS ERROR ab is an info, so its name ends with _info
        # STATUS ERROR ab_total is a gauge, but its name ends like that of another kind
        # STATUS ERROR ab: help is NULL or empty
        # STATUS ERROR ab: the label a is there twice
        # STATUS ERROR ab: a label has a name that is not of the form [a-zA-Z_][a-zA-Z0-9_]*
        # STATUS ERROR ab: labels is NULL or empty
        # STATUS ERROR ab: labels is NULL or not where an array can be
        # STATUS ERROR ab: help is not UTF-8
        # STATUS ERROR ab: another metric has this name, with or without its ending
        # STATUS ERROR metrics: 4000000000 are more than 500
        # STATUS ERROR needs: 0x1000 is not known in version 1.0
        # STATUS ERROR config_schema is not JSON: EOF while parsing an object at line 1 column 1
    "##]]
    .assert_eq(&cases.iter().enumerate().map(said).collect::<String>());
}

#[test]
fn a_description_can_be_printed() {
    let object = collecting("described", "return HW_OK;");
    let output = start(&["describe", object.to_str().unwrap()]).wait_with_output().unwrap();
    expect![[r#"
        {
          "name": "t",
          "version": "1",
          "author": null,
          "about": "A test.",
          "interval_ms": 10000,
          "timeout_ms": 5000,
          "needs": [],
          "read_paths": [],
          "config_schema": null,
          "metrics": [
            {
              "name": "t_size_bytes",
              "kind": "gauge",
              "unit": "bytes",
              "help": "A size.",
              "labels": [
                "of"
              ],
              "series_max": 5000000
            },
            {
              "name": "t_runs_total",
              "kind": "counter",
              "unit": "",
              "help": "Runs \\ so\nfar.",
              "labels": [],
              "series_max": 1
            }
          ]
        }
        exit status: 0
    "#]]
    .assert_eq(&shown(&output));
}

#[test]
fn a_crash_is_the_childs_alone() {
    use std::os::unix::process::ExitStatusExt;
    let cases = [("segfault", "*(volatile int *)8 = 1; return 0;", 11), ("abort", "abort();", 6)];
    for (name, body, signal) in cases {
        assert_eq!(ask("{}", &collecting(name, body)).status.signal(), Some(signal), "{name}");
    }
}

#[test]
fn one_child_answers_again_and_again() {
    let object = collecting("again", "static double n; emit(h, \"n\", ++n); return HW_OK;");
    let mut child = start(&["object", object.to_str().unwrap()]);
    for n in 1..=1000 {
        assert!(answer(&mut child).contains(&format!("t_size_bytes{{of=\"n\"}} {n}\n")));
    }
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}
