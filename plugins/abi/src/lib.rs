//! `include/hostward_probe.h` as Rust types, member for member; what each means is said there.
//!
//! Only types and numbers: no code, so nothing here is unsafe. Functions that may be absent are `Option`s. The test `layout`
//! compares every size, alignment, offset and number with what a C compiler makes of the header.

use std::ffi::{c_char, c_void};

/// Major version; it is part of the symbol.
pub const ABI_MAJOR: u32 = 1;
/// Minor version.
pub const ABI_MINOR: u32 = 0;
/// The function that is looked up, with its terminating NUL.
pub const SYMBOL: &[u8] = b"hostward_probe_v1\0";

/// The call did what it should.
pub const OK: i32 = 0;
/// Something went wrong.
pub const ERROR: i32 = 1;
/// What is measured is not here.
pub const UNAVAILABLE: i32 = 2;
/// It may not be read.
pub const PERMISSION: i32 = 3;
/// The configuration is wrong.
pub const CONFIG: i32 = 4;
/// Time was up.
pub const TIMEOUT: i32 = 5;

/// Goes up and down.
pub const GAUGE: u32 = 1;
/// Only grows.
pub const COUNTER: u32 = 2;
/// Says something with its labels.
pub const INFO: u32 = 3;

/// The sample was taken.
pub const TAKEN: i32 = 0;
/// The sample is not valid.
pub const REFUSED: i32 = 1;
/// Nothing more is taken.
pub const STOP: i32 = 2;

/// Level of an error.
pub const LOG_ERROR: u32 = 3;
/// Level of a warning.
pub const LOG_WARNING: u32 = 4;
/// Level of ordinary news.
pub const LOG_INFO: u32 = 6;
/// Level of what only its author wants to know.
pub const LOG_DEBUG: u32 = 7;

/// Internet sockets.
pub const NEEDS_NETWORK: u32 = 1;
/// Unix sockets.
pub const NEEDS_LOCAL_SOCKETS: u32 = 2;
/// Devices below `/dev`.
pub const NEEDS_RAW_DEVICES: u32 = 4;
/// The user root.
pub const NEEDS_ROOT: u32 = 8;

/// `hw_text`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Text {
    pub bytes: *const c_char,
    pub length: usize,
}

/// `hw_metric`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Metric {
    pub struct_size: u32,
    pub kind: u32,
    pub name: *const c_char,
    pub unit: *const c_char,
    pub help: *const c_char,
    pub labels: *const *const c_char,
    pub labels_count: u32,
    pub series_max: u32,
}

/// `hw_description`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Description {
    pub struct_size: u32,
    pub interval_ms: u32,
    pub timeout_ms: u32,
    pub needs: u32,
    pub name: *const c_char,
    pub version: *const c_char,
    pub author: *const c_char,
    pub about: *const c_char,
    pub config_schema: *const c_char,
    pub metrics: *const *const Metric,
    pub read_paths: *const *const c_char,
    pub metrics_count: u32,
    pub read_paths_count: u32,
}

/// `hw_sample`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Sample {
    pub struct_size: u32,
    pub metric: u32,
    pub value: f64,
    pub time_ms: i64,
    pub labels: *const Text,
    pub labels_count: u32,
    pub reserved: u32,
}

/// `hw_host`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Host {
    pub struct_size: u32,
    pub abi_minor: u32,
    pub log: Option<unsafe extern "C" fn(*const Host, u32, Text)>,
    pub reason: Option<unsafe extern "C" fn(*const Host, Text)>,
    pub emit: Option<unsafe extern "C" fn(*const Host, *const Sample) -> i32>,
    pub time_left_ms: Option<unsafe extern "C" fn(*const Host) -> i64>,
    pub extension: Option<unsafe extern "C" fn(*const Host, *const c_char) -> *const c_void>,
}

/// `hw_probe`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Probe {
    pub struct_size: u32,
    pub abi_minor: u32,
    pub description: *const Description,
    pub create: Option<unsafe extern "C" fn(*const Host, Text, *mut *mut c_void) -> i32>,
    pub collect: Option<unsafe extern "C" fn(*mut c_void, *const Host) -> i32>,
    pub destroy: Option<unsafe extern "C" fn(*mut c_void)>,
}

/// The type of `hostward_probe_v1`.
pub type Entry = unsafe extern "C" fn(host_minor: u32) -> *const Probe;
