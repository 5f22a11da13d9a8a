//! Readers of other programs' metric formats, one module each.
//!
//! Bytes in, samples and verdicts out: no files, clock or processes. A reader remembers nothing and is strict: what it
//! does not understand is rejected with its line and the reason, never a value that is quietly dropped; and
//! a run that cannot be relied on is [`Report::unknown`] with its reason and without samples, never zero.
//!
//! [`Format::read`] takes what a plugin said and gives a [`Report`]. Names of metrics are made in one place, `name`.

pub mod checkmk;
pub mod collectd;
pub mod exposition;
mod failure;
mod format;
pub mod influx;
mod limits;
pub mod munin;
pub mod nagios;
mod name;
pub mod native;
pub mod netdata;
mod number;
mod output;
mod range;
mod report;
mod sheet;
mod shown;
mod sniff;
mod text;
pub mod textfile;
mod unit;
mod whole;

pub use failure::failure;
pub use format::Format;
pub use limits::Limits;
pub use output::{Exit, Output};
pub use range::Range;
pub use report::{Dropped, Levels, Rejected, Report, Service, State};
pub use sniff::sniff;
