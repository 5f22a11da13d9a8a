//! Memory taken and touched until little is available.

use super::Fault;

const CHUNK_BYTES: usize = 64 << 20;
/// Far enough below the rule's 8 % that the alert cannot flap.
const AVAILABLE_PART: f64 = 0.055;
/// The machine must go on working, even a small one.
const AVAILABLE_BYTES_MIN: u64 = 600 << 20;

pub fn begin() -> Fault {
    let total = bytes("MemTotal").expect("MemTotal");
    let target = ((total as f64 * AVAILABLE_PART) as u64).max(AVAILABLE_BYTES_MIN.min(total * 7 / 100));
    let mut taken: Vec<Vec<u8>> = Vec::new();
    while bytes("MemAvailable").expect("MemAvailable") > target + CHUNK_BYTES as u64 {
        // Not zeros: those would be given as pages that do not exist until they are written to.
        taken.push(vec![0xa5; CHUNK_BYTES]);
    }
    Fault::now(taken)
}

/// A line of /proc/meminfo.
pub fn bytes(key: &str) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}
