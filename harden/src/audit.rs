//! What an audit found, as a record that can be kept and compared, and in the formats of others.
//!
//! Everything below is a function of a [`Record`]: the text of a host enters it once, made harmless and bounded, and no
//! format needs to think of that again.

mod drift;
mod html;
mod junit;
mod oscal;
mod outside;
mod record;
mod sarif;
mod uuid;

pub use drift::{Change, Drift, Shift};
pub use html::html;
pub use junit::junit;
pub use oscal::oscal;
pub use record::{About, Asking, Checked, Conflict, Record, Scored, Seen};
pub use sarif::sarif;

/// The name under which findings and other programs know what we found.
pub const TOOL: &str = "hostward";

#[cfg(test)]
mod testing;
