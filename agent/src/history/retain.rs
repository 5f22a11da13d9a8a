//! What goes: blocks that are too old, that are too much, that a larger one has taken the place of, or that are damaged.

use super::shelf::Block;
use super::{Archive, shelf};
use crate::state::damaged_name;
use std::fs;
use std::io;
use std::path::PathBuf;

/// Blocks that were damaged as a whole and are kept beside the others; the oldest go.
const ASIDE_MAX: usize = 5;
/// A block that begins so far in the future is of a clock that was wrong.
const FUTURE_MS: i64 = 24 * 3_600_000;

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How long.
    pub keep_ms: i64,
    /// How many bytes.
    pub bytes_max: u64,
}

/// The blocks that are too much, the oldest first. The last one always stays.
pub fn surplus(blocks: &[Block], bytes_max: u64) -> &[Block] {
    let mut bytes: u64 = blocks.iter().map(|block| block.bytes).sum();
    let mut count = 0;
    while count + 1 < blocks.len() && bytes > bytes_max {
        bytes -= blocks[count].bytes;
        count += 1;
    }
    &blocks[..count]
}

/// One block that is too old, or of a clock that was far ahead.
pub fn outdated(blocks: &[Block], keep_ms: i64, now_ms: i64) -> Option<&Block> {
    blocks.iter().find(|block| {
        let (from_ms, to_ms) = block.name.span_ms();
        to_ms < now_ms.saturating_sub(keep_ms) || from_ms > now_ms.saturating_add(FUTURE_MS)
    })
}

/// Blocks whose place a later one has taken: what a crash left of a compaction.
pub fn replaced(blocks: &[Block]) -> impl Iterator<Item = &Block> {
    blocks.iter().filter(|block| {
        let (from_ms, to_ms) = block.name.span_ms();
        shelf::hidden(block, blocks).iter().any(|(begin_ms, end_ms)| *begin_ms <= from_ms && to_ms <= *end_ms)
    })
}

/// Gives blocks that are damaged as a whole another name, so that nobody comes upon them again.
pub fn set_aside(archive: &Archive, now_ms: i64) -> io::Result<()> {
    let broken: Vec<String> =
        archive.damaged().iter().filter(|(_, is_whole)| **is_whole).map(|(name, _)| name.clone()).collect();
    for name in &broken {
        let path = archive.dir.join(name);
        if path.exists() {
            fs::rename(&path, damaged_name(&path, now_ms))?;
        }
        archive.damaged().remove(name);
    }
    let mut aside: Vec<PathBuf> = fs::read_dir(&archive.dir)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().contains(".block.damaged-"))
        .collect();
    aside.sort();
    aside.iter().rev().skip(ASIDE_MAX).try_for_each(fs::remove_file)
}

#[cfg(test)]
mod tests {
    use super::super::shelf::Name;
    use super::*;

    fn blocks(names: &[&str]) -> Vec<Block> {
        let block =
            |name: &&str| Block { name: Name::parse(name).unwrap(), path: PathBuf::from(name), bytes: 100 };
        names.iter().map(block).collect()
    }

    fn names<'a>(blocks: impl IntoIterator<Item = &'a Block>) -> Vec<String> {
        blocks.into_iter().map(|block| block.name.to_string()).collect()
    }

    #[test]
    fn the_oldest_go_and_the_last_stays() {
        let all = blocks(&["0_10_1.block", "10_20_2.block", "20_30_3.block"]);
        assert_eq!(names(surplus(&all, 300)), [""; 0]);
        assert_eq!(names(surplus(&all, 299)), ["0_10_1.block"]);
        assert_eq!(names(surplus(&all, 0)), ["0_10_1.block", "10_20_2.block"]);
        assert_eq!(surplus(&[], 0).len(), 0);
        assert_eq!(outdated(&all, 10_000, 20_000), None);
        assert_eq!(names(outdated(&all, 10_000, 20_001)), ["0_10_1.block"]);
        assert_eq!(names(outdated(&all, 1_000_000, -86_400_000)), ["10_20_2.block"], "begins a day ahead");
    }

    #[test]
    fn what_became_part_of_another_goes() {
        let all = blocks(&["0_10_1.block", "0_20_3.block", "10_20_2.block", "15_25_4.block"]);
        assert_eq!(names(replaced(&all)), ["0_10_1.block", "10_20_2.block"]);
    }
}
