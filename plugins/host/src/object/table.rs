//! The functions that a plugin calls, and what they work on.

use super::{Metric, raw};
use crate::answer::{Answer, Status, Taken, Value, failed, one_line};
use crate::complain;
use hostward_plugin_abi as abi;
use std::ffi::{c_char, c_void};
use std::ptr::null;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Most labels of a sample: beyond it the number is taken for nonsense.
const LABELS_MAX: u32 = 1000;
/// Most bytes of a message that are looked at.
const MESSAGE_BYTES_MAX: usize = 1024;
/// Most lines that one answer may log; the others are counted.
const LOG_LINES_MAX: usize = 100;

/// The table of functions with the call that they belong to. The plugin gets a pointer to the first member and gives it back.
#[repr(C)]
pub struct Table {
    raw: abi::Host,
    metrics: Vec<Metric>,
    call: Mutex<Call>,
}

/// The call that is going on.
struct Call {
    /// None while nothing may be emitted.
    answer: Option<Answer>,
    deadline: Instant,
    reason: String,
    logged: usize,
}

impl Table {
    /// A table for a plugin with these metrics. Boxed, as the plugin may keep the pointer.
    pub fn new(metrics: Vec<Metric>) -> Box<Self> {
        let raw = abi::Host {
            struct_size: size_of::<abi::Host>() as u32,
            abi_minor: abi::ABI_MINOR,
            log: Some(log),
            reason: Some(reason),
            emit: Some(emit),
            time_left_ms: Some(time_left_ms),
            extension: Some(extension),
        };
        let call = Call { answer: None, deadline: Instant::now(), reason: String::new(), logged: 0 };
        Box::new(Table { raw, metrics, call: Mutex::new(call) })
    }

    /// What the plugin gets.
    pub fn raw(&self) -> *const abi::Host {
        std::ptr::from_ref(self).cast()
    }

    /// A call begins.
    pub fn begin(&self, deadline: Instant, may_emit: bool) {
        let answer = may_emit.then(|| Answer::new(self.metrics.len()));
        *self.call() = Call { answer, deadline, reason: String::new(), logged: 0 };
    }

    /// A call without an answer has ended: how, and why.
    pub fn ended(&self, code: i32) -> (Status, String) {
        let mut call = self.call();
        call.answer = None;
        if call.logged > LOG_LINES_MAX {
            complain(&format!("{} more lines were logged", call.logged - LOG_LINES_MAX));
        }
        let status = Status::from_code(code);
        match call.reason.is_empty() && status != Status::Ok {
            true => (status, format!("it gave no reason (status {code})")),
            false => (status, std::mem::take(&mut call.reason)),
        }
    }

    /// A call with an answer has ended: the answer.
    pub fn end(&self, code: i32) -> String {
        let answer = self.call().answer.take();
        match (self.ended(code), answer) {
            ((Status::Ok, _), Some(answer)) => answer.text(&self.metrics),
            ((status, reason), _) => failed(status, &reason),
        }
    }

    fn call(&self) -> MutexGuard<'_, Call> {
        self.call.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The table behind the pointer that a plugin gave back; none for NULL.
///
/// # Safety
/// The pointer is NULL or what the plugin was given.
unsafe fn table<'a>(host: *const abi::Host) -> Option<&'a Table> {
    // SAFETY: what the plugin was given is the address of a `Table`, which lives as long as its instance may call.
    unsafe { host.cast::<Table>().as_ref() }
}

unsafe extern "C" fn log(host: *const abi::Host, level: u32, message: abi::Text) {
    // SAFETY: by the interface a plugin gives back what it was given.
    let Some(table) = (unsafe { table(host) }) else { return };
    let mut call = table.call();
    call.logged += 1;
    if call.logged <= LOG_LINES_MAX {
        // SAFETY: by the interface the text is there until this returns.
        let text = unsafe { lossy(&message) };
        complain(&format!("{}: {}", level_name(level), one_line(&text)));
    }
}

unsafe extern "C" fn reason(host: *const abi::Host, sentence: abi::Text) {
    // SAFETY: by the interface a plugin gives back what it was given.
    if let Some(table) = unsafe { table(host) } {
        // SAFETY: by the interface the text is there until this returns.
        table.call().reason = one_line(&unsafe { lossy(&sentence) });
    }
}

unsafe extern "C" fn emit(host: *const abi::Host, sample: *const abi::Sample) -> i32 {
    // SAFETY: by the interface a plugin gives back what it was given.
    let Some(table) = (unsafe { table(host) }) else { return abi::REFUSED };
    // SAFETY: by the interface the sample and its labels are there until this returns.
    let taken = unsafe { take(table, sample) };
    match taken {
        Taken::Yes => abi::TAKEN,
        Taken::Refused(_) => abi::REFUSED,
        Taken::Stop(_) => abi::STOP,
    }
}

unsafe extern "C" fn time_left_ms(host: *const abi::Host) -> i64 {
    // SAFETY: by the interface a plugin gives back what it was given.
    let Some(table) = (unsafe { table(host) }) else { return 0 };
    let left = table.call().deadline.saturating_duration_since(Instant::now());
    i64::try_from(left.as_millis()).unwrap_or(i64::MAX)
}

/// Version 1.0 has none.
unsafe extern "C" fn extension(_host: *const abi::Host, _name: *const c_char) -> *const c_void {
    null()
}

/// # Safety
/// The sample is NULL, or it and its labels are there.
unsafe fn take(table: &Table, sample: *const abi::Sample) -> Taken {
    let mut call = table.call();
    let deadline = call.deadline;
    let Some(answer) = &mut call.answer else { return Taken::Stop("nothing is asked for now") };
    // SAFETY: promised by the caller.
    let read = unsafe { raw::sized("hw_sample", sample) };
    let read = read.and_then(|sample| {
        // SAFETY: promised by the caller.
        let labels =
            unsafe { raw::array("the labels of a sample", sample.labels, sample.labels_count, LABELS_MAX) }?;
        // SAFETY: promised by the caller.
        let labels: Vec<&[u8]> = labels.iter().map(|label| unsafe { bytes(label) }).collect();
        Ok((sample, labels))
    });
    match read {
        Ok((sample, labels)) => {
            let value = Value { labels: &labels, value: sample.value, time_ms: sample.time_ms };
            answer.push(&table.metrics, sample.metric, &value, deadline)
        }
        Err(why) => answer.refuse(why),
    }
}

/// # Safety
/// The text's bytes are there, or the pointer is NULL.
unsafe fn bytes(text: &abi::Text) -> &[u8] {
    match text.bytes.is_null() {
        true => &[],
        // SAFETY: promised by the caller.
        false => unsafe { std::slice::from_raw_parts(text.bytes.cast(), text.length) },
    }
}

/// # Safety
/// As for [`bytes`].
unsafe fn lossy(text: &abi::Text) -> String {
    let text = abi::Text { length: text.length.min(MESSAGE_BYTES_MAX), ..*text };
    // SAFETY: promised by the caller.
    let bytes = unsafe { bytes(&text) };
    String::from_utf8_lossy(bytes).into_owned()
}

fn level_name(level: u32) -> &'static str {
    match level {
        0..=abi::LOG_ERROR => "error",
        abi::LOG_WARNING => "warning",
        5..=abi::LOG_INFO => "info",
        _ => "debug",
    }
}
