//! The functions that a plugin calls, and what they work on.

use super::describe::Metric;
use super::raw;
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
/// Members that a table may seem to have beyond those of this version.
const NEWER_BYTES: u32 = 64;

/// The table of functions with the call that they belong to. The plugin gets a pointer to the first member and gives it back.
#[repr(C)]
pub struct Table {
    raw: abi::Host,
    metrics: Vec<Metric>,
    call: Mutex<Call>,
}

/// What becomes of samples in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emission {
    /// They are checked and taken.
    Taken,
    /// None is valid, whatever it is: for authors, who want to know what their plugin does then.
    Refused,
    /// Nothing is asked for.
    Stopped,
}

/// The call that is going on, or the last one.
struct Call {
    answer: Answer,
    emission: Emission,
    deadline: Instant,
    reason: String,
    logged: usize,
}

impl Table {
    /// A table for a plugin with these metrics. Boxed, as the plugin may keep the pointer. One that seems `newer` says that it has
    /// more members than the plugin can know, which are none of its business.
    pub fn new(metrics: Vec<Metric>, newer: bool) -> Box<Self> {
        let more = if newer { NEWER_BYTES } else { 0 };
        let raw = abi::Host {
            struct_size: size_of::<abi::Host>() as u32 + more,
            abi_minor: abi::ABI_MINOR + u32::from(newer),
            log: Some(log),
            reason: Some(reason),
            emit: Some(emit),
            time_left_ms: Some(time_left_ms),
            extension: Some(extension),
        };
        let answer = Answer::new(metrics.len());
        let (deadline, emission) = (Instant::now(), Emission::Stopped);
        let call = Call { answer, emission, deadline, reason: String::new(), logged: 0 };
        Box::new(Table { raw, metrics, call: Mutex::new(call) })
    }

    /// What the plugin gets.
    pub fn raw(&self) -> *const abi::Host {
        std::ptr::from_ref(self).cast()
    }

    /// A call begins.
    pub fn begin(&self, deadline: Instant, emission: Emission) {
        let mut call = self.call();
        call.answer.clear();
        call.reason.clear();
        (call.emission, call.deadline, call.logged) = (emission, deadline, 0);
    }

    /// A call has ended: how, and why.
    pub fn ended(&self, code: i32) -> (Status, String) {
        let mut call = self.call();
        call.emission = Emission::Stopped;
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
    pub fn end(&self, code: i32, text: &mut String) -> Status {
        let (status, reason) = self.ended(code);
        match status {
            Status::Ok => self.call().answer.write(&self.metrics, text),
            _ => failed(status, &reason, text),
        }
        status
    }

    /// The series of the last call, sorted.
    pub fn series(&self) -> Vec<String> {
        let mut all: Vec<String> = self.call().answer.series().map(str::to_owned).collect();
        all.sort();
        all
    }

    /// Why a sample of the last call was refused.
    pub fn refused(&self) -> Option<String> {
        self.call().answer.refused().map(str::to_owned)
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
    let Call { answer, emission, deadline, .. } = &mut *call;
    match emission {
        Emission::Taken => {}
        Emission::Refused => return Taken::Refused("every sample is refused for now".to_owned()),
        Emission::Stopped => return Taken::Stop("nothing is asked for now"),
    }
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
            answer.push(&table.metrics, sample.metric, &value, *deadline)
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
