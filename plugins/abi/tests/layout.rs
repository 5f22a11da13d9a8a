//! The header and its mirror agree, and neither has moved since version 1.0 was frozen.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use expect_test::expect_file;
use hostward_plugin_abi as abi;
use std::fmt::Write;
use std::mem::{align_of, offset_of, size_of};
use std::process::Command;

/// One line for a struct and one for each member: as Rust has it, and the C that prints the same.
macro_rules! layouts {
    ($rust:ident, $c:ident; $(struct $type:ident = $name:literal { $($member:ident),* })*) => {$(
        writeln!($rust, "{} {} {}", $name, size_of::<abi::$type>(), align_of::<abi::$type>()).unwrap();
        writeln!($c, "printf(\"{0} %zu %zu\\n\", sizeof({0}), _Alignof({0}));", $name).unwrap();
        $(
            writeln!($rust, "{}.{} {}", $name, stringify!($member), offset_of!(abi::$type, $member)).unwrap();
            writeln!($c, "printf(\"{0}.{1} %zu\\n\", offsetof({0}, {1}));", $name, stringify!($member)).unwrap();
        )*
    )*};
}

macro_rules! numbers {
    ($rust:ident, $c:ident; $($name:ident = $macro:literal),*) => {$(
        writeln!($rust, "{} {}", $macro, abi::$name).unwrap();
        writeln!($c, "printf(\"{0} %d\\n\", (int){0});", $macro).unwrap();
    )*};
}

#[test]
fn header_and_mirror_agree() {
    let (mut rust, mut c) = (String::new(), String::new());
    layouts! { rust, c;
        struct Text = "hw_text" { bytes, length }
        struct Metric = "hw_metric" { struct_size, kind, name, unit, help, labels, labels_count, series_max }
        struct Description = "hw_description" {
            struct_size, interval_ms, timeout_ms, needs, name, version, author, about, config_schema, metrics,
            read_paths, metrics_count, read_paths_count
        }
        struct Sample = "hw_sample" { struct_size, metric, value, time_ms, labels, labels_count, reserved }
        struct Host = "hw_host" { struct_size, abi_minor, log, reason, emit, time_left_ms, extension }
        struct Probe = "hw_probe" { struct_size, abi_minor, description, create, collect, destroy }
    }
    numbers! { rust, c;
        ABI_MAJOR = "HW_ABI_MAJOR", ABI_MINOR = "HW_ABI_MINOR", OK = "HW_OK", ERROR = "HW_ERROR",
        UNAVAILABLE = "HW_UNAVAILABLE", PERMISSION = "HW_PERMISSION", CONFIG = "HW_CONFIG", TIMEOUT = "HW_TIMEOUT",
        GAUGE = "HW_GAUGE", COUNTER = "HW_COUNTER", INFO = "HW_INFO", TAKEN = "HW_TAKEN", REFUSED = "HW_REFUSED",
        STOP = "HW_STOP", LOG_ERROR = "HW_LOG_ERROR", LOG_WARNING = "HW_LOG_WARNING", LOG_INFO = "HW_LOG_INFO",
        LOG_DEBUG = "HW_LOG_DEBUG", NEEDS_NETWORK = "HW_NEEDS_NETWORK",
        NEEDS_LOCAL_SOCKETS = "HW_NEEDS_LOCAL_SOCKETS", NEEDS_RAW_DEVICES = "HW_NEEDS_RAW_DEVICES",
        NEEDS_ROOT = "HW_NEEDS_ROOT"
    }
    assert_eq!(compiled(&c, "c11"), rust);
    // 64-bit Linux of either architecture lays it out the same way.
    expect_file!["layout.txt"].assert_eq(&rust);
}

#[test]
fn the_symbol_is_that_of_the_header() {
    let name = std::str::from_utf8(abi::SYMBOL).unwrap().trim_end_matches('\0');
    // Either compiler refuses if the function has another name or type.
    compiled(&format!("const hw_probe *(*entry)(uint32_t) = {name}; (void)sizeof(entry);"), "c11");
    let _: abi::Entry = entry;
}

extern "C" fn entry(_: u32) -> *const abi::Probe {
    std::ptr::null()
}

#[test]
fn the_header_is_strict_c99_and_cpp11() {
    for (language, standard) in [("c", "c99"), ("c++", "c++11")] {
        let header = concat!(env!("CARGO_MANIFEST_DIR"), "/include/hostward_probe.h");
        let flags = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"];
        let output = Command::new("cc")
            .args(["-x", language, &format!("-std={standard}"), header])
            .args(flags)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// What a C program with this body prints.
fn compiled(body: &str, standard: &str) -> String {
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("layout-{:x}", body.len()));
    std::fs::create_dir_all(&dir).unwrap();
    let (source, program) = (dir.join("layout.c"), dir.join("layout"));
    let text = format!(
        "#include \"hostward_probe.h\"\n#include <stdio.h>\n\
         const hw_probe *hostward_probe_v1(uint32_t host_minor) {{ (void)host_minor; return NULL; }}\n\
         int main(void) {{ {body} return 0; }}\n"
    );
    std::fs::write(&source, text).unwrap();
    let include = concat!("-I", env!("CARGO_MANIFEST_DIR"), "/include");
    let flags = [&format!("-std={standard}"), "-Werror", include, "-o"];
    let built = Command::new("cc").args(flags).args([&program, &source]).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    String::from_utf8(Command::new(&program).output().unwrap().stdout).unwrap()
}
