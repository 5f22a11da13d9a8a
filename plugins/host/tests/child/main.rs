//! The child as the daemon meets it: started, asked, confined.

mod confinement;
mod examples;
mod object;
mod support;
