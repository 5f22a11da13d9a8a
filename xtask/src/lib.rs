//! Builds, tests and measures hostward. The commands are in `main.rs`, one module each.

pub mod agree;
pub mod arrows;
pub mod boot;
pub mod calibration;
pub mod content;
pub mod crash;
pub mod detect;
pub mod docs;
pub mod faults;
pub mod figures;
pub mod harden;
pub mod history;
pub mod lint;
pub mod live;
pub mod load;
pub mod lockout;
pub mod options;
pub mod parity;
pub mod peers;
pub mod plugins;
pub mod plugins_e2e;
pub mod promqltest;
pub mod quiet;
pub mod remedy;
pub mod ruling;
pub mod sim;
pub mod suite;
pub mod table;
pub mod workflows;

/// What a command of this crate fails with: a sentence for the person at the terminal.
pub type Outcome<T> = Result<T, String>;

/// The root of the checkout.
pub fn root() -> &'static std::path::Path {
    let own = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}
