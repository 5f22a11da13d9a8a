//! One shared object: loaded, described, asked.

mod conform;
pub mod describe;
mod raw;
mod table;

pub use conform::conform;
pub use describe::Description;
pub use table::Emission;

use crate::answer::{Status, failed};
use crate::wants::Wants;
use hostward_plugin_abi as abi;
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::path::Path;
use std::ptr::null_mut;
use std::time::{Duration, Instant};
use table::Table;

/// Major versions that are looked for, to tell an object of another one from what is none.
const MAJORS_LOOKED_FOR: std::ops::RangeInclusive<u32> = 2..=9;

/// A shared object and its instance.
pub struct Object {
    probe: abi::Probe,
    table: Box<Table>,
    config_json: String,
    wants: Wants,
    timeout: Duration,
    instance: Option<*mut c_void>,
    /// The last answer; its memory is used again.
    text: String,
}

impl Object {
    /// Loads a shared object and checks all that it says of itself. Whatever its constructors do is done here.
    pub fn open(file: &Path, config_json: &str, timeout_ms: u64) -> Result<Self, (Status, String)> {
        let loaded = load(file, false).map_err(|why| (Status::Error, why))?;
        Ok(Object::of(loaded, config_json, timeout_ms, false))
    }

    fn of(loaded: Loaded, config_json: &str, timeout_ms: u64, newer: bool) -> Self {
        let (probe, description) = loaded;
        let wants = Wants { interval_ms: description.interval_ms, timeout_ms: description.timeout_ms };
        let timeout_ms = if timeout_ms > 0 { timeout_ms } else { u64::from(wants.timeout_ms) };
        let table = Table::new(description.metrics, newer);
        let (config_json, timeout) = (config_json.to_owned(), Duration::from_millis(timeout_ms));
        Object { probe, table, config_json, wants, timeout, instance: None, text: String::new() }
    }

    /// How it wants to be asked.
    pub fn wants(&self) -> Wants {
        self.wants
    }

    /// Asks once: the text of the answer, up to and with `# EOF`. The first time, and as long as that fails, an instance is made.
    pub fn collect(&mut self) -> &str {
        self.asked(self.timeout, Emission::Taken);
        &self.text
    }

    /// Asks once, with so much time and this done to samples: how that went.
    fn asked(&mut self, time: Duration, emission: Emission) -> Status {
        let deadline = Instant::now() + time;
        self.text.clear();
        let instance = match self.instance.map_or_else(|| self.create(deadline), Ok) {
            Ok(instance) => *self.instance.insert(instance),
            Err((status, reason)) => {
                failed(status, &reason, &mut self.text);
                return status;
            }
        };
        let Some(collect) = self.probe.collect else {
            failed(Status::Error, "collect is NULL", &mut self.text);
            return Status::Error;
        };
        self.table.begin(deadline, emission);
        // SAFETY: the instance is what create gave, used by this thread alone; the table lives as long as this object.
        let code = unsafe { collect(instance, self.table.raw()) };
        self.table.end(code, &mut self.text)
    }

    fn create(&mut self, deadline: Instant) -> Result<*mut c_void, (Status, String)> {
        let create = self.probe.create.ok_or((Status::Error, "create is NULL".to_owned()))?;
        let config = abi::Text { bytes: self.config_json.as_ptr().cast(), length: self.config_json.len() };
        let mut instance = null_mut();
        self.table.begin(deadline, Emission::Stopped);
        // SAFETY: the configuration and the place for the instance outlive the call; the table lives as long as this object.
        let code = unsafe { create(self.table.raw(), config, &raw mut instance) };
        match self.table.ended(code) {
            (Status::Ok, _) => Ok(instance),
            failure => Err(failure),
        }
    }
}

impl Object {
    /// Gives the instance back, if there is one.
    fn destroy(&mut self) {
        if let (Some(destroy), Some(instance)) = (self.probe.destroy, self.instance.take()) {
            // SAFETY: the instance is what create gave, and is given back once.
            unsafe { destroy(instance) };
        }
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        self.destroy();
    }
}

/// What a shared object says of itself, as JSON.
pub fn description(file: &Path) -> Result<String, String> {
    let (_, description) = load(file, false)?;
    serde_json::to_string_pretty(&description).map_err(|error| error.to_string())
}

/// What a shared object offers, and what it says of itself.
type Loaded = (abi::Probe, Description);

/// Loads it, as a host of this minor version or of the next.
fn load(file: &Path, newer: bool) -> Result<Loaded, String> {
    // SAFETY: its constructors run here. That they may do anything is why this process is confined and has nothing else to do;
    // who loads an object into another process was told so.
    let library = unsafe { Library::open(Some(file), RTLD_NOW | RTLD_LOCAL) };
    // It stays for as long as the process: its threads, its destructors of thread-local values and Go's runtime rely on it.
    let library =
        ManuallyDrop::new(library.map_err(|error| format!("it cannot be loaded: {}", cause(&error)))?);
    // SAFETY: the symbol's name holds the version of the interface, which defines its type.
    let entry = unsafe { library.get::<abi::Entry>(abi::SYMBOL) };
    let entry = *entry.map_err(|_| missing(&library))?;
    let minor = abi::ABI_MINOR + u32::from(newer);
    // SAFETY: the function of that name takes a number and gives a pointer.
    let probe = unsafe { entry(minor) };
    if probe.is_null() {
        return Err(format!("it does not work with version {}.{} of the interface", abi::ABI_MAJOR, minor));
    }
    // SAFETY: by the interface it points to a struct that begins with its size and is static.
    let probe: abi::Probe = unsafe { raw::sized("hw_probe", probe) }?;
    if probe.create.is_none() || probe.collect.is_none() {
        return Err("hw_probe: create or collect is NULL".to_owned());
    }
    let description = describe::read(probe.description)?;
    Ok((probe, description))
}

/// What the loader itself said.
fn cause(error: &libloading::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

fn missing(library: &Library) -> String {
    let has = |major: &u32| {
        let symbol = format!("hostward_probe_v{major}\0");
        // SAFETY: only whether it is there is looked at.
        unsafe { library.get::<*const ()>(symbol.as_bytes()) }.is_ok()
    };
    match MAJORS_LOOKED_FOR.into_iter().find(has) {
        Some(major) => {
            format!("it was made for version {major} of the interface, this hostward has {}", abi::ABI_MAJOR)
        }
        None => {
            "it exports no function hostward_probe_v1 (is it declared extern \"C\", and visible?)".to_owned()
        }
    }
}
