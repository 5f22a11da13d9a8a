//! A running agent, seen from outside: its process, its pages, what it says.

pub mod agent;
pub mod cost;
pub mod http;
pub mod peer;
pub mod process;
pub mod prometheus;
pub mod scrape;
pub mod scratch;
pub mod socket;
