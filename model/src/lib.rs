//! The words that every other crate speaks: metrics, batches, facts, time, and their text form.
//!
//! Nothing here reads the host, keeps state or decides anything. There are no dependencies.

pub mod batch;
pub mod escaping;
pub mod fact;
pub mod intern;
pub mod metric;
pub mod number;
pub mod text;
pub mod time;

pub use batch::{Batch, Gap, Sample};
pub use fact::{Fact, Facts, FileFact, FileKind, Look, Origin, Wanted};
pub use intern::intern;
pub use metric::{Kind, Metric};
pub use time::Now;
