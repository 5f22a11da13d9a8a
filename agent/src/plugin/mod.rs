//! Plugins: probes from outside, in files that an administrator drops into a directory.
//!
//! A thread of its own keeps them: it looks which files there are ([`found`], [`watch`]), whether they can be trusted ([`trust`]), how each
//! is to be run ([`settle`]), when it is due ([`turns`], [`backoff`]) and what may be told of what they say ([`rows`], [`claims`]). What a plugin does is waited for by
//! threads of its own ([`worker`]): one that runs once by [`capture`], one that stays by [`stay`], and
//! a shared object that its administrator wants in hostward itself by [`inside`]. Neither the sampler nor the loop
//! ever waits for a plugin; all that they see of it is a batch.

mod backoff;
mod capture;
mod cgroup;
mod child;
mod claims;
mod conformance;
mod environment;
mod found;
mod gather;
mod ground;
mod host;
mod inside;
mod kin;
mod munin_conf;
mod once;
mod pace;
mod pipe;
mod reading;
mod recording;
mod refusal;
mod rows;
mod settle;
mod sidecar;
mod signatures;
mod spawn;
mod spec;
mod status;
mod stay;
mod sums;
mod thread;
mod told;
mod trial;
mod trouble;
mod trust;
mod turns;
mod watch;
mod worker;

pub use conformance::Rule;
pub use recording::{Recording, recordings};
pub use status::{Board, Status};
pub use thread::Plugins;
pub use told::SPEC;
pub use trial::{Trial, Tried, try_out};
