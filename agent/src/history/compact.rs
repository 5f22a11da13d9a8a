//! Many small blocks become a large one, which takes less room and fewer looks.

use super::block::{Open, Unreadable};
use super::shelf::{Block, Name};
use super::{Archive, FLUSH_MS};
use crate::durable;
use hostward_engine::archive::{Index, Input, merge, window};
use std::collections::BTreeMap;
use std::io;

/// The windows whose blocks become one, from small to large, in milliseconds.
pub const WINDOWS_MS: [i64; 2] = [2 * 3_600_000, 24 * 3_600_000];

/// The blocks that may become one now: those of the oldest window that is over. Blocks that overlap, because somebody
/// set the clock, stay as they are.
pub fn due(blocks: &[Block], now_ms: i64) -> Option<Vec<Block>> {
    WINDOWS_MS.iter().find_map(|window_ms| due_in(blocks, now_ms, *window_ms))
}

fn due_in(blocks: &[Block], now_ms: i64, window_ms: i64) -> Option<Vec<Block>> {
    let mut windows: BTreeMap<i64, Vec<&Block>> = BTreeMap::new();
    for block in blocks {
        windows.entry(window(block.name.span_ms().0, window_ms)).or_default().push(block);
    }
    let is_over = |number: &i64| (number + 1).saturating_mul(window_ms) + FLUSH_MS <= now_ms;
    let may_join = |members: &[&Block]| {
        members.len() > 1 && members.windows(2).all(|pair| !pair[0].name.overlaps(&pair[1].name))
    };
    let found = windows.into_iter().find(|(number, members)| is_over(number) && may_join(members));
    found.map(|(_, members)| members.into_iter().cloned().collect())
}

/// Writes a block that takes the place of others, and removes them. A crash in between leaves both, of which the later
/// one counts.
pub fn compact(archive: &Archive, blocks: &[Block], number: u64) -> io::Result<()> {
    let Some(opened) = open(archive, blocks)? else { return Ok(()) };
    let indexes: Vec<Index<'_>> = opened.iter().filter_map(|open| open.index().ok()).collect();
    let readers: Vec<_> = opened.iter().map(|open| |place| open.read(place)).collect();
    let inputs = indexes.iter().zip(&readers).map(|(index, read)| Input { index, read });
    let inputs: Vec<Input<'_>> = inputs.collect();
    let ends =
        (blocks.first().map(|block| block.name.from_s), blocks.iter().map(|block| block.name.to_s).max());
    let (Some(from_s), Some(to_s)) = ends else { return Ok(()) };
    let name = Name { from_s, to_s, number };
    let damaged = durable::write_by(&archive.dir.join(name.to_string()), |out| {
        let merged = merge(&inputs, out)?;
        Ok((merged.out, merged.damaged))
    })?;
    if damaged > 0 {
        tracing::error!("{name}: {damaged} damaged columns of older blocks are left out");
    }
    blocks.iter().try_for_each(|block| durable::gone(std::fs::remove_file(&block.path)))
}

/// All of them, or nothing when one is damaged: that one is set aside first.
fn open(archive: &Archive, blocks: &[Block]) -> io::Result<Option<Vec<Open>>> {
    let mut opened = Vec::new();
    for block in blocks {
        match Open::new(block) {
            Ok(open) => opened.push(open),
            Err(Unreadable::Gone) => return Ok(None),
            Err(Unreadable::Io(error)) => return Err(error),
            Err(Unreadable::Damaged(damage)) => {
                archive.note_damage(block, &damage.0, true);
                return Ok(None);
            }
        }
    }
    Ok(Some(opened))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn due_of(names: &[&str], now_s: i64) -> Vec<String> {
        let block = |name: &&str| Block { name: Name::parse(name).unwrap(), path: PathBuf::new(), bytes: 1 };
        let blocks: Vec<Block> = names.iter().map(block).collect();
        due(&blocks, now_s * 1000).unwrap_or_default().iter().map(|block| block.name.to_string()).collect()
    }

    #[test]
    fn blocks_of_a_window_that_is_over_become_one() {
        let small = ["-5_595_1.block", "595_1195_2.block", "7195_7795_3.block", "7795_8395_4.block"];
        assert_eq!(due_of(&small, 7_300), [""; 0], "the last samples of the window may still come");
        assert_eq!(due_of(&small, 7_800), small[..2]);
        assert_eq!(due_of(&small[2..], 7_800), [""; 0], "their window goes on");
        let large = ["-5_7195_5.block", "7195_14395_6.block", "86395_93595_7.block"];
        assert_eq!(due_of(&large, 86_500), [""; 0]);
        assert_eq!(due_of(&large, 87_100), large[..2], "a day");
        assert_eq!(due_of(&["-5_595_1.block", "300_900_2.block"], 90_000), [""; 0], "the clock was set");
    }
}
