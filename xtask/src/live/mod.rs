//! A running agent, seen from outside: its process, its pages, what it says.

pub mod agent;
pub mod http;
pub mod process;
pub mod scrape;
pub mod scratch;
pub mod socket;
