//! What C sees of a probe in Rust: its description, its statuses, and never a panic.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use hostward_plugin_abi as abi;
use hostward_probe::{Batch, Description, Failure, Metric, Need, Probe, export_probe};
use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};

const DEPTH: Metric =
    Metric::gauge("moody_depth_meters", "A depth.").unit("meters").labels(&["of"]).series_max(7);
const OTHER: Metric = Metric::counter("other_total", "Not of this probe.");

/// Does what its configuration says.
struct Moody(String);

impl Probe for Moody {
    const DESCRIPTION: Description = Description {
        needs: &[Need::Network, Need::RawDevices],
        read_paths: &["/srv/a"],
        ..Description::new("moody", "2.1", "Does as told.", &[DEPTH])
    };

    fn new(config: &str) -> Result<Self, Failure> {
        match config {
            "panic" => panic!("at birth"),
            "missing" => Err(std::fs::read("/no/such/file").unwrap_err().into()),
            _ => Ok(Moody(config.to_owned())),
        }
    }

    fn collect(&mut self, batch: &mut Batch<'_>) -> Result<(), Failure> {
        batch.emit(&DEPTH, &["a", "too many"], 1.5)?;
        match self.0.as_str() {
            "later panic" => panic!("{} of all", 1),
            "stop" => (0..100).try_for_each(|_| batch.emit(&DEPTH, &["a"], 1.0)),
            "other" => batch.emit(&OTHER, &[], 1.0),
            _ => Ok(()),
        }
    }
}

export_probe!(Moody);

thread_local! {
    /// What the host was told.
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn note(line: String) -> usize {
    TOLD.with_borrow_mut(|told| {
        told.push(line);
        told.len()
    })
}

fn text(text: abi::Text) -> String {
    // SAFETY: the probe gives a text that is there during the call.
    let bytes = unsafe { std::slice::from_raw_parts(text.bytes.cast::<u8>(), text.length) };
    String::from_utf8(bytes.to_vec()).unwrap()
}

unsafe extern "C" fn log(_: *const abi::Host, level: u32, message: abi::Text) {
    note(format!("log {level} {}", text(message)));
}

unsafe extern "C" fn reason(_: *const abi::Host, sentence: abi::Text) {
    note(format!("reason {}", text(sentence)));
}

/// Takes three.
unsafe extern "C" fn emit(_: *const abi::Host, sample: *const abi::Sample) -> i32 {
    // SAFETY: the probe gives a sample that is there during the call.
    let sample = unsafe { *sample };
    let said = note(format!("emit {} {} with {} labels", sample.metric, sample.value, sample.labels_count));
    if said > 3 { abi::STOP } else { abi::TAKEN }
}

unsafe extern "C" fn time_left_ms(_: *const abi::Host) -> i64 {
    100
}

unsafe extern "C" fn extension(_: *const abi::Host, _: *const c_char) -> *const c_void {
    null()
}

/// Statuses of create and, if there is an instance, collect; and what the host was told.
fn run(config: &str) -> (i32, Option<i32>, Vec<String>) {
    TOLD.take();
    let host = abi::Host {
        struct_size: size_of::<abi::Host>() as u32,
        abi_minor: 0,
        log: Some(log),
        reason: Some(reason),
        emit: Some(emit),
        time_left_ms: Some(time_left_ms),
        extension: Some(extension),
    };
    // SAFETY: the table is static.
    let probe = unsafe { *hostward_probe_v1(0) };
    let config = abi::Text { bytes: config.as_ptr().cast(), length: config.len() };
    let mut instance = null_mut();
    // SAFETY: all that is handed over outlives the call.
    let created = unsafe { probe.create.unwrap()(&raw const host, config, &raw mut instance) };
    let collected = (!instance.is_null()).then(|| {
        // SAFETY: the instance is what was given, on the same thread.
        let status = unsafe { probe.collect.unwrap()(instance, &raw const host) };
        // SAFETY: it is given back once.
        unsafe { probe.destroy.unwrap()(instance) };
        status
    });
    (created, collected, TOLD.take())
}

#[test]
fn statuses_and_reasons_cross_the_boundary_and_panics_do_not() {
    let emitted = "emit 0 1.5 with 2 labels";
    let cases: [(&str, i32, Option<i32>, &[&str]); 6] = [
        ("fine", abi::OK, Some(abi::OK), &[emitted]),
        ("panic", abi::ERROR, None, &["reason it panicked: at birth"]),
        ("missing", abi::UNAVAILABLE, None, &["reason No such file or directory (os error 2)"]),
        ("later panic", abi::OK, Some(abi::ERROR), &[emitted, "reason it panicked: 1 of all"]),
        ("other", abi::OK, Some(abi::ERROR), &[emitted, "reason other_total is not in the description"]),
        (
            "stop",
            abi::OK,
            Some(abi::TIMEOUT),
            &[
                emitted,
                "emit 0 1 with 1 labels",
                "emit 0 1 with 1 labels",
                "emit 0 1 with 1 labels",
                "reason the host takes no more samples",
            ],
        ),
    ];
    for (config, created, collected, told) in cases {
        let told = told.iter().map(ToString::to_string).collect();
        assert_eq!(run(config), (created, collected, told), "{config}");
    }
}

#[test]
fn the_description_is_what_the_header_says() {
    let string = |from: *const c_char| {
        // SAFETY: texts of descriptions end with NUL and are static.
        unsafe { CStr::from_ptr(from) }.to_str().unwrap()
    };
    // SAFETY: the table is static.
    let probe = unsafe { *hostward_probe_v1(0) };
    // SAFETY: as is the description.
    let description = unsafe { *probe.description };
    assert_eq!(
        [description.struct_size as usize, probe.struct_size as usize],
        [size_of::<abi::Description>(), size_of::<abi::Probe>()]
    );
    assert_eq!([string(description.name), string(description.version)], ["moody", "2.1"]);
    assert_eq!((description.interval_ms, description.timeout_ms, description.needs), (10_000, 5_000, 5));
    assert!(description.author.is_null() && description.config_schema.is_null());
    // SAFETY: there is one path and one metric.
    assert_eq!(string(unsafe { *description.read_paths }), "/srv/a");
    // SAFETY: as above.
    let metric = unsafe { *description.metrics };
    // SAFETY: it is static.
    let metric = unsafe { *metric };
    assert_eq!([string(metric.name), string(metric.unit)], ["moody_depth_meters", "meters"]);
    assert_eq!((metric.kind, metric.labels_count, metric.series_max), (abi::GAUGE, 1, 7));
}
