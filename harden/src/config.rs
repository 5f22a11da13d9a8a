//! From what is known of a host and a level to the configuration that its servers should have.
//!
//! ```text
//! content/templates/NAME.j2 ── front, body ──▶ Template ──┐
//! facts and texts of the host ── target ──▶ inputs ───────┼──▶ Rendering: artifacts, what was kept, what was refused
//! level and frameworks ── choose ──▶ values ──────────────┘
//! ```
//!
//! Text from outside enters a configuration only as a [`Literal`]: it has a type, and is quoted for the program that
//! reads the file. A template cannot make one, and nothing else can be printed by it. What would lock an administrator
//! out, or stop what the host does today, is refused with the reason.

mod artifact;
mod choice;
mod diff;
mod draft;
mod front;
mod host;
mod json;
mod keyed;
mod library;
mod literal;
mod plan;
mod profile;
mod target;
mod wish;

pub use artifact::{Artifact, Entry, Remark, Rendering};
pub use choice::Choice;
pub use front::{Front, Shape};
pub use host::{Account, Host, Text};
pub use library::Library;
pub use literal::{Kind, Literal, Syntax};
pub use plan::{Danger, Plan, Step, plan};
pub use profile::{Role, Tailoring};
pub use wish::Wish;
