//! Questions to the kernel over netlink, netlink(7), where its files say too little or are slow.
//!
//! Messages are made and taken apart by pure functions; [`ask`] is the only one that talks.

mod ask;
mod message;

pub use ask::{Protocol, ask, ask_within};
pub use message::{Attributes, Message, Request, attribute, bytes_at, text, u32_at};

/// Asks only for what is there, all of it: `NLM_F_REQUEST | NLM_F_DUMP`.
pub const DUMP: u16 = 0x301;
/// A single answer: `NLM_F_REQUEST`.
pub const ONE: u16 = 0x1;
