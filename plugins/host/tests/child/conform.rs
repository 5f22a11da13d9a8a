//! Shared objects that keep the rules of the interface, and those that break one each.

use crate::support::{HOST, build, collecting, collecting_with};
use expect_test::{Expect, expect};
use std::path::Path;
use std::process::{Command, Stdio};

/// What is said of an object; figures of this machine are left out.
fn rules(object: &Path) -> String {
    let child = Command::new(HOST)
        .args(["--confinement", "{\"cpu_s_max\":60}", "--timeout-ms", "2000", "conform"])
        .arg(object)
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .unwrap();
    String::from_utf8(child.stdout).unwrap()
}

/// The rules that are broken, or were not come back from.
fn check(name: &str, object: &Path, expected: Expect) {
    let said = rules(object);
    let broken = said.lines().filter(|line| line.starts_with("bad "));
    let last = said.lines().last().filter(|line| line.starts_with("try "));
    let told: String = broken.chain(last).map(|line| format!("{line}\n")).collect();
    expected.assert_eq(&told);
    assert!(!told.is_empty(), "{name} breaks a rule, yet: {said}");
}

#[test]
fn one_that_keeps_them_all() {
    let said = rules(&collecting("conform_good", "emit(h, \"a\", 1); return HW_OK;"));
    let names: Vec<_> =
        said.lines().filter_map(|line| line.strip_prefix("ok ")?.split(": ").next()).collect();
    expect![[r#"
        [
            "description",
            "promises",
            "newer host",
            "configuration",
            "first answer",
            "second answer",
            "another thread",
            "no time",
            "samples refused",
            "1000 answers",
            "its process",
            "destroy",
        ]
    "#]]
    .assert_debug_eq(&names);
    assert!(!said.contains("bad "), "{said}");
}

#[test]
fn series_that_come_and_go() {
    let body = "static int n; char of[9]; sprintf(of, \"%d\", n++); emit(h, of, 1); return HW_OK;";
    check(
        "other series",
        &collecting("conform_series", body),
        expect![[r#"
            bad second answer: other series than at first: t_size_bytes{of="0"} is gone, t_size_bytes{of="1"} has come
            bad another thread: other series than at first: t_size_bytes{of="0"} is gone, t_size_bytes{of="2"} has come
            bad no time: other series than at first: t_size_bytes{of="0"} is gone, t_size_bytes{of="4"} has come
            bad samples refused: other series than at first: t_size_bytes{of="0"} is gone, t_size_bytes{of="6"} has come
        "#]],
    );
}

#[test]
fn an_error_that_it_does_not_recover_from() {
    let body = "static int broken; if (broken) return say(h, HW_ERROR, \"still broken\");
                if (emit(h, \"a\", 1) != HW_TAKEN) { broken = 1; return say(h, HW_ERROR, \"broke\"); } return HW_OK;";
    check(
        "no recovery",
        &collecting("conform_error", body),
        expect![[r#"
            bad no time: STATUS ERROR still broken
            bad samples refused: STATUS ERROR still broken
            bad 1000 answers: STATUS ERROR still broken
        "#]],
    );
}

#[test]
fn what_is_left_behind() {
    let leaves = |name: &str, before: &str, body: &str, what: &str| {
        let body = format!("{body} emit(h, \"a\", 1); return HW_OK;");
        let said = rules(&collecting_with(name, before, &body));
        assert!(
            said.lines().any(|line| line.starts_with("bad 1000 answers: ") && line.contains(what)),
            "{said}"
        );
    };
    let nap = "static void *nap(void *x) { sleep(100); return x; }";
    let start = "static int n; pthread_t thread; if (++n % 300 == 0) pthread_create(&thread, 0, nap, 0);";
    leaves("conform_threads", nap, start, " threads and ended with ");
    leaves("conform_files", "", "open(\"/proc/self/stat\", O_RDONLY);", " open files and ended with ");
    leaves("conform_memory", "", "memset(malloc(1000), 1, 1000);", "its memory grew by ");
}

#[test]
fn a_process_that_is_not_as_it_was() {
    let signal = "signal(SIGTERM, SIG_IGN); emit(h, \"a\", 1); return HW_OK;";
    check(
        "signal",
        &collecting("conform_signal", signal),
        expect![[r#"
        bad its process: it replaced the action of signal 15
    "#]],
    );
    let directory = "chdir(\"/proc\"); emit(h, \"a\", 1); return HW_OK;";
    check(
        "directory",
        &collecting("conform_directory", directory),
        expect![[r#"
        bad its process: it changed the working directory
    "#]],
    );
    let closed = "close(0); emit(h, \"a\", 1); return HW_OK;";
    check(
        "descriptor",
        &collecting("conform_closed", closed),
        expect![[r#"
        bad its process: it closed or replaced the descriptor 0
    "#]],
    );
}

#[test]
fn time_that_is_up_and_is_not_looked_at() {
    let slow = "if (h->time_left_ms(h) <= 0) sleep(1); emit(h, \"a\", 1); return HW_OK;";
    let said = rules(&collecting("conform_slow", slow));
    assert!(said.contains("bad no time: it took 1."), "{said}");
}

#[test]
fn a_crash_is_the_rule_that_was_tried() {
    let crash = "if (h->time_left_ms(h) <= 0) abort(); emit(h, \"a\", 1); return HW_OK;";
    check(
        "crash",
        &collecting("conform_crash", crash),
        expect![[r#"
        try no time
    "#]],
    );
}

#[test]
fn what_a_description_promises() {
    let table = |interval: u32, timeout: u32, size: &str, refuses: &str| {
        format!(
            r#"#include "hostward_probe.h"
            #include <stddef.h>
            static const hw_metric m = {{sizeof m, HW_GAUGE, "m", NULL, "A test.", NULL, 0, 1}};
            static const hw_metric *const metrics[] = {{&m}};
            static const hw_description about = {{{size}, {interval}, {timeout}, 0, "t", "1", NULL, "A test.", NULL, metrics, NULL, 1, 0}};
            static int32_t create(const hw_host *h, hw_text c, void **me) {{ *me = NULL; return c.length > 2 ? HW_ERROR : HW_OK; }}
            static int32_t collect(void *me, const hw_host *h) {{
              hw_sample s = {{sizeof s, 0, 1, 0, NULL, 0, 0}}; h->emit(h, &s); return HW_OK; }}
            static const hw_probe probe = {{sizeof probe, 0, &about, create, collect, NULL}};
            const hw_probe *hostward_probe_v1(uint32_t minor) {{ return {refuses} ? NULL : &probe; }}"#
        )
    };
    let object = build("conform_promises", &table(2000, 3000, "sizeof about", "0"));
    check(
        "promises",
        &object,
        expect![[r#"
        bad promises: timeout_ms is 3000, longer than the interval of 2000 ms
        bad configuration: with an unknown key create() says ERROR (it gave no reason (status 1)), and should say HW_CONFIG
    "#]],
    );
    let object = build("conform_size", &table(0, 0, "8", "0"));
    check(
        "struct_size",
        &object,
        expect![[r#"
            bad description: hw_description: struct_size is 8; in version 1.0 it is 80, set it to sizeof(hw_description)
        "#]],
    );
    let object = build("conform_minor", &table(0, 0, "sizeof about", "minor > 0"));
    check(
        "newer",
        &object,
        expect![[r#"
        bad newer host: it does not work with version 1.1 of the interface
    "#]],
    );
}
