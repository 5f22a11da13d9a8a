//! A probe of hostward in safe Rust.
//!
//! ```
//! use hostward_probe::{Batch, Description, Failure, Metric, Probe, export_probe};
//!
//! const AGE: Metric = Metric::gauge("motd_age_seconds", "How long ago the message of the day was written.")
//!     .unit("seconds")
//!     .labels(&["path"]);
//!
//! struct Motd {
//!     path: String,
//! }
//!
//! impl Probe for Motd {
//!     const DESCRIPTION: Description =
//!         Description::new("motd", "1.0", "Age of the message of the day.", &[AGE]);
//!
//!     fn new(_config: &str) -> Result<Self, Failure> {
//!         Ok(Motd { path: "/etc/motd".to_owned() })
//!     }
//!
//!     fn collect(&mut self, batch: &mut Batch<'_>) -> Result<(), Failure> {
//!         let written = std::fs::metadata(&self.path)?.modified()?;
//!         let age = written.elapsed().unwrap_or_default();
//!         batch.emit(&AGE, &[&self.path], age.as_secs_f64())
//!     }
//! }
//!
//! export_probe!(Motd);
//! # fn main() {}
//! ```
//!
//! The crate of a plugin is a `cdylib`. Nothing in it has to be unsafe: what crosses the boundary to C is in this crate and in what
//! [`export_probe!`] writes. A panic is caught and told as an error.

mod batch;
mod description;
mod failure;
#[doc(hidden)]
pub mod ffi;
pub mod testing;

pub use batch::{Batch, Level};
pub use description::{Description, Kind, Metric, Need};
pub use failure::{Failure, Status};

/// Reads something of the host.
pub trait Probe: Sized + 'static {
    /// What it measures.
    const DESCRIPTION: Description;

    /// Makes an instance from the configuration: the text of a JSON object, `{}` if nothing is configured. If it fails it is tried
    /// again at the next interval.
    fn new(config: &str) -> Result<Self, Failure>;

    /// Reads once and emits what it saw. If it fails, none of it counts.
    fn collect(&mut self, batch: &mut Batch<'_>) -> Result<(), Failure>;
}

/// Exports the function that hostward looks up in a shared object. Once in a crate.
#[macro_export]
macro_rules! export_probe {
    ($probe:ty) => {
        /// What hostward looks up.
        // SAFETY: the name is the interface's own, so nothing else in the process has it.
        #[unsafe(no_mangle)]
        pub extern "C" fn hostward_probe_v1(host_minor: u32) -> *const $crate::ffi::RawProbe {
            $crate::ffi::entry::<$probe>(host_minor)
        }
    };
}
