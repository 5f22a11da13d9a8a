//! Questions to the kernel over netlink, netlink(7), where its files say too little or are slow.
//!
//! Messages are made and taken apart by pure functions; [`ask()`] is the only one that talks.

mod ask;
mod links;
mod message;

pub use ask::{Protocol, ask, ask_within};
pub use links::links;
pub use message::{Attributes, Message, Request, attribute, bytes_at, text, u16_at, u32_at, u64_at};

/// Asks only for what is there, all of it: `NLM_F_REQUEST | NLM_F_DUMP`.
pub const DUMP: u16 = 0x301;
/// A single answer, and word that it is complete: `NLM_F_REQUEST | NLM_F_ACK`.
pub const ONE: u16 = 0x5;
