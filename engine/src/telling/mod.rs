//! Who is to be told of which alert, and when it is better to keep quiet.
//!
//! Pure like the rest: told the time, the alerts and what was told before, it says what to tell now. Whoever keeps a
//! [`Standing`] for each alert and writes it down together with the notices that come out of it can stop at any moment
//! and goes on without a loss or a repetition.

mod flap;
mod inhibit;
mod matcher;
mod policy;
mod standing;
mod together;

#[cfg(test)]
mod tests;

pub use inhibit::Inhibition;
pub use matcher::Matchers;
pub use policy::{Policy, Route, Severity};
pub use standing::{Moment, Mute, Notice, Standing, Told};
pub use together::{Company, company};
