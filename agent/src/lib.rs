//! The hands and the mouth of hostward: the daemon, its outlets and its command line.
//!
//! This is the only crate with an asynchronous runtime, an HTTP stack and a database. What it does is in the
//! folders: `cli` one file for each verb, `run` the daemon and its loop, `sampler` the thread that runs
//! the probes, `outlet` where others come and read, `state` what outlives the process.
//!
//! It is a library for the binary, which only calls `main`, and for the fuzz targets, which call `readers` and `read_csv`.

mod apply;
mod aside;
mod auditing;
mod catalogue;
mod cli;
mod clock;
mod config;
mod content;
mod dataset;
mod durable;
mod evidence;
mod history;
mod hostname;
mod inotify;
mod json;
mod known;
mod lay;
mod look;
mod mend;
mod outbox;
mod outlet;
mod percent;
mod plugin;
mod receiver;
mod request;
mod respond;
mod role;
mod run;
mod sampler;
mod silence;
mod state;
mod telemetry;
mod trial;
mod visible;
mod vitals;
mod workflow;

pub use cli::main;
pub use dataset::read_csv;
pub use outlet::readers;
