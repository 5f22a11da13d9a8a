//! Several blocks become one: series by series, so that no more than one of them is in memory.

use super::{Builder, Index, Place, Row, Strip, times, values};
use crate::labels::Labels;
use crate::promql::LOOKBACK_MS;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// A block to be merged.
pub struct Input<'a> {
    /// What it holds.
    pub index: &'a Index<'a>,
    /// Reads a column of it.
    pub read: &'a dyn Fn(Place) -> io::Result<Vec<u8>>,
}

/// What came of it.
pub struct Merged<W> {
    /// What was written to.
    pub out: W,
    /// Size of the block.
    pub bytes: u64,
    /// Columns that were left out because they are damaged.
    pub damaged: u64,
}

/// For each line of each input: its number in the block that is written, and the place there of its first time.
type Places = Vec<Vec<Option<(u32, u32)>>>;

/// Merges blocks that come in the order of time and do not overlap.
pub fn merge<W: Write>(inputs: &[Input<'_>], out: W) -> io::Result<Merged<W>> {
    let (mut builder, mut damaged) = (Builder::new(out)?, 0);
    let places = lines(inputs, &mut builder, &mut damaged)?;
    let mut rows: Vec<_> = inputs.iter().map(|input| named_rows(input.index).peekable()).collect();
    while let Some(least) = rows.iter_mut().filter_map(|rows| Some(rows.peek()?.0.clone())).min() {
        let mut strips: BTreeMap<u32, Strip> = BTreeMap::new();
        for (number, input) in inputs.iter().enumerate() {
            while let Some((_, row)) = rows[number].next_if(|(labels, _)| *labels == least) {
                let Some((line, base)) = places[number][row.line as usize] else { continue };
                match values::decode(&(input.read)(row.place)?, row.count()) {
                    Ok(values) => {
                        let (strip, own) =
                            (strips.entry(line).or_default(), Strip { runs: row.runs, values });
                        own.samples().for_each(|(place, value)| strip.push(base + place, value));
                    }
                    Err(_) => damaged += 1,
                }
            }
        }
        strips.iter().try_for_each(|(line, strip)| builder.series(&least, *line, strip))?;
    }
    let (out, bytes) = builder.finish(spans(inputs))?;
    Ok(Merged { out, bytes, damaged })
}

/// An index is checked as a whole, so there is no damaged row in one that was read.
fn named_rows<'a>(index: &'a Index<'_>) -> impl Iterator<Item = (Labels, Row)> + use<'a> {
    index.rows().filter_map(Result::ok).map(|row| (index.labels(&row), row))
}

/// Puts the times of a probe from all inputs into one line.
fn lines<W: Write>(inputs: &[Input<'_>], builder: &mut Builder<W>, damaged: &mut u64) -> io::Result<Places> {
    let mut joined: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    let mut bases = Vec::new();
    for input in inputs {
        let mut own = Vec::new();
        for line in input.index.lines() {
            let at_ms = times::decode(&(input.read)(line.place)?, line.count as usize);
            *damaged += u64::from(at_ms.is_err());
            own.push(at_ms.ok().map(|at_ms| {
                let all = joined.entry(line.name).or_default();
                let base = all.len() as u32;
                all.extend(at_ms);
                (line.name, base)
            }));
        }
        bases.push(own);
    }
    let mut numbers = BTreeMap::new();
    for (name, at_ms) in &joined {
        numbers.insert(*name, builder.line(name, at_ms)?);
    }
    let place = |own: Option<(&str, u32)>| own.map(|(name, base)| (numbers[name], base));
    Ok(bases.into_iter().map(|own| own.into_iter().map(place).collect()).collect())
}

/// What was recorded; pauses that are shorter than the look-back of a query are none.
fn spans(inputs: &[Input<'_>]) -> Vec<(i64, i64)> {
    let mut joined: Vec<(i64, i64)> = Vec::new();
    for (from_ms, to_ms) in inputs.iter().flat_map(|input| input.index.spans()) {
        match joined.last_mut() {
            Some((_, end_ms)) if from_ms - *end_ms <= LOOKBACK_MS => *end_ms = *to_ms,
            _ => joined.push((*from_ms, *to_ms)),
        }
    }
    joined
}
