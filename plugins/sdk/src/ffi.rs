//! The boundary: the tables that C sees, made once from a [`Description`], and the functions behind them.
//!
//! Descriptions live as long as the process, so what they are made of is leaked on purpose, once.

use crate::batch::{Level, Sample, Sink};
use crate::{Batch, Description, Failure, Metric, Probe};
use hostward_plugin_abi as abi;
use std::any::Any;
use std::ffi::{CString, c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{null, null_mut};
use std::sync::OnceLock;

/// What the exported function gives.
pub type RawProbe = abi::Probe;

/// The table, which threads may share: it never changes.
struct Table(abi::Probe);

// SAFETY: the table and all that it points to are written once, before anybody sees them, and never again.
unsafe impl Send for Table {}
// SAFETY: as above.
unsafe impl Sync for Table {}

/// The body of the exported function. There is one probe in a shared object, so there is one table.
pub fn entry<P: Probe>(_host_minor: u32) -> *const RawProbe {
    static TABLE: OnceLock<Table> = OnceLock::new();
    let table = catch_unwind(|| TABLE.get_or_init(table::<P>));
    table.map_or(null(), |table| &raw const table.0)
}

fn table<P: Probe>() -> Table {
    Table(abi::Probe {
        struct_size: size::<abi::Probe>(),
        abi_minor: abi::ABI_MINOR,
        description: described(&P::DESCRIPTION),
        create: Some(create::<P>),
        collect: Some(collect::<P>),
        destroy: Some(destroy::<P>),
    })
}

fn described(from: &Description) -> *const abi::Description {
    let metrics = leaked(from.metrics.iter().map(metric).collect::<Vec<_>>());
    Box::leak(Box::new(abi::Description {
        struct_size: size::<abi::Description>(),
        interval_ms: u32::try_from(from.interval.as_millis()).unwrap_or(u32::MAX),
        timeout_ms: u32::try_from(from.timeout.as_millis()).unwrap_or(u32::MAX),
        needs: from.needs.iter().fold(0, |needs, need| needs | *need as u32),
        name: text(from.name),
        version: text(from.version),
        author: optional(from.author),
        about: text(from.about),
        config_schema: optional(from.config_schema),
        metrics,
        read_paths: texts(from.read_paths),
        metrics_count: from.metrics.len() as u32,
        read_paths_count: from.read_paths.len() as u32,
    }))
}

fn metric(from: &Metric) -> *const abi::Metric {
    Box::leak(Box::new(abi::Metric {
        struct_size: size::<abi::Metric>(),
        kind: from.kind as u32,
        name: text(from.name),
        unit: optional(from.unit),
        help: text(from.help),
        labels: texts(from.labels),
        labels_count: from.labels.len() as u32,
        series_max: from.series_max,
    }))
}

fn size<T>() -> u32 {
    size_of::<T>() as u32
}

fn leaked<T>(items: Vec<T>) -> *const T {
    Box::leak(items.into_boxed_slice()).as_ptr()
}

fn texts(from: &[&str]) -> *const *const c_char {
    leaked(from.iter().map(|item| text(item)).collect())
}

/// A NUL within would end the text early in C, so it is left out.
fn text(from: &str) -> *const c_char {
    CString::new(from.replace('\0', "")).unwrap_or_default().into_raw()
}

fn optional(from: &str) -> *const c_char {
    if from.is_empty() { null() } else { text(from) }
}

unsafe extern "C" fn create<P: Probe>(
    host: *const abi::Host,
    config: abi::Text,
    instance: *mut *mut c_void,
) -> i32 {
    // SAFETY: the host gives a text that stays as it is during this call, or none.
    let config = unsafe { bytes(&config) };
    let made = guarded(|| {
        let config =
            std::str::from_utf8(config).map_err(|_| Failure::config("the configuration is not UTF-8"))?;
        P::new(config)
    });
    let made = made.map(|probe| Box::into_raw(Box::new(probe)).cast());
    // SAFETY: the host gives a place for the pointer.
    unsafe { instance.write(made.as_ref().map_or(null_mut(), |made| *made)) };
    told(host, made.map(|_| ()))
}

unsafe extern "C" fn collect<P: Probe>(instance: *mut c_void, host: *const abi::Host) -> i32 {
    // SAFETY: the host gives back what `create` put there, and no other thread uses it meanwhile.
    let probe = unsafe { &mut *instance.cast::<P>() };
    let mut sink = HostSink(host);
    told(host, guarded(|| probe.collect(&mut Batch::new(P::DESCRIPTION.metrics, &mut sink))))
}

unsafe extern "C" fn destroy<P: Probe>(instance: *mut c_void) {
    // SAFETY: `create` made the pointer from a box of this type, and the host gives it back once.
    let probe = unsafe { Box::from_raw(instance.cast::<P>()) };
    let _ = catch_unwind(AssertUnwindSafe(|| drop(probe)));
}

/// Runs the author's code. What it was working on is only used again to be asked again, so a half-changed state is its own.
fn guarded<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let outcome = catch_unwind(AssertUnwindSafe(work));
    outcome.unwrap_or_else(|panic| Err(Failure::error(format!("it panicked: {}", message(&*panic)))))
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message")
}

/// The status, after the host was told the reason.
fn told(host: *const abi::Host, outcome: Result<(), Failure>) -> i32 {
    let Err(failure) = outcome else { return abi::OK };
    // SAFETY: the host's table lives as long as the process.
    if let Some(reason) = unsafe { (*host).reason } {
        // SAFETY: the text lives until the call returns, and the host copies it.
        unsafe { reason(host, borrowed(&failure.reason)) };
    }
    failure.status as i32
}

fn borrowed(from: &str) -> abi::Text {
    abi::Text { bytes: from.as_ptr().cast(), length: from.len() }
}

/// # Safety
/// The text's bytes must be there, and stay as they are for as long as the slice is used.
unsafe fn bytes(text: &abi::Text) -> &[u8] {
    match text.bytes.is_null() {
        true => &[],
        // SAFETY: promised by the caller.
        false => unsafe { std::slice::from_raw_parts(text.bytes.cast(), text.length) },
    }
}

/// The host, for the length of one call.
struct HostSink(*const abi::Host);

impl Sink for HostSink {
    fn emit(&mut self, sample: Sample<'_>) -> i32 {
        let labels: Vec<abi::Text> = sample.labels.iter().map(|label| borrowed(label)).collect();
        let raw = abi::Sample {
            struct_size: size::<abi::Sample>(),
            metric: sample.index as u32,
            value: sample.value,
            time_ms: sample.time_ms,
            labels: labels.as_ptr(),
            labels_count: labels.len() as u32,
            reserved: 0,
        };
        // SAFETY: the host's table lives as long as the process.
        match unsafe { (*self.0).emit } {
            // SAFETY: the sample and its labels live until the call returns, and the host copies them.
            Some(emit) => unsafe { emit(self.0, &raw const raw) },
            None => abi::STOP,
        }
    }

    fn log(&mut self, level: Level, message: &str) {
        // SAFETY: the host's table lives as long as the process.
        if let Some(log) = unsafe { (*self.0).log } {
            // SAFETY: the text lives until the call returns, and the host copies it.
            unsafe { log(self.0, level as u32, borrowed(message)) };
        }
    }

    fn time_left_ms(&mut self) -> i64 {
        // SAFETY: the host's table lives as long as the process.
        match unsafe { (*self.0).time_left_ms } {
            // SAFETY: a batch exists only during `collect`, on its thread.
            Some(left) => unsafe { left(self.0) },
            None => 0,
        }
    }
}
