//! What a block holds, and where.

use super::{Damage, MAGIC, Run, strip};
use crate::labels::{Labels, NAME};
use serde::{Deserialize, Serialize};

/// How many bytes the end of a block takes that says where its index is.
pub const FOOTER_BYTES: usize = 24;
/// A larger index is none.
const INDEX_BYTES_MAX: u32 = 64 << 20;
/// A line with more times is none: a block is a day of slots at most.
const TIMES_MAX: u32 = 100_000;

/// Where the index lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footer {
    /// First byte.
    pub at: u64,
    /// Number of bytes.
    pub bytes: u32,
    /// Their checksum.
    pub checksum: u32,
}

/// Where a column lies, its checksum included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// First byte.
    pub at: u64,
    /// Number of bytes.
    pub bytes: u32,
}

/// A column of times, and whose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line<'a> {
    /// Name of the probe.
    pub name: &'a str,
    /// Where the times are.
    pub place: Place,
    /// How many.
    pub count: u32,
}

/// What the index begins with.
#[derive(Serialize, Deserialize)]
pub struct Head<'a> {
    /// Stretches of time that were recorded, from and before, in milliseconds.
    pub spans: Vec<(i64, i64)>,
    /// Names and values of labels.
    #[serde(borrow)]
    pub symbols: Vec<&'a str>,
    /// Columns of times.
    #[serde(borrow)]
    pub lines: Vec<Line<'a>>,
    /// How many series follow.
    pub series: u32,
}

/// One series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Names and values, as numbers of symbols.
    pub labels: Vec<(u32, u32)>,
    /// Number of the line.
    pub line: u32,
    /// Where the values are.
    pub place: Place,
    /// At which of the times.
    pub runs: Vec<Run>,
}

/// An index that was read. Its rows are looked at one by one, so that it takes no more memory than its bytes.
pub struct Index<'a> {
    head: Head<'a>,
    rows: &'a [u8],
}

impl Footer {
    /// The bytes at the end of a block.
    pub fn to_bytes(self) -> [u8; FOOTER_BYTES] {
        let mut bytes = [0; FOOTER_BYTES];
        bytes[..8].copy_from_slice(&self.at.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.bytes.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.checksum.to_le_bytes());
        bytes[16..].copy_from_slice(&MAGIC);
        bytes
    }

    /// Reads the end of a block of so many bytes.
    pub fn parse(bytes: &[u8; FOOTER_BYTES], file_bytes: u64) -> Result<Self, Damage> {
        let (at, rest) = bytes.split_first_chunk::<8>().ok_or_else(no_block)?;
        let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(no_block)?;
        let (checksum, magic) = rest.split_first_chunk::<4>().ok_or_else(no_block)?;
        let footer = Footer {
            at: u64::from_le_bytes(*at),
            bytes: u32::from_le_bytes(*length),
            checksum: u32::from_le_bytes(*checksum),
        };
        let end = footer.at.checked_add(u64::from(footer.bytes) + FOOTER_BYTES as u64);
        match magic == MAGIC && end == Some(file_bytes) && footer.bytes <= INDEX_BYTES_MAX {
            true => Ok(footer),
            false => Err(no_block()),
        }
    }
}

fn no_block() -> Damage {
    Damage("not a whole block of history of this version".to_owned())
}

fn damaged(why: &str) -> Damage {
    Damage(format!("the index is damaged: {why}"))
}

impl<'a> Index<'a> {
    /// Reads the index that a footer speaks of.
    pub fn parse(bytes: &'a [u8], footer: Footer) -> Result<Self, Damage> {
        if crc32fast::hash(bytes) != footer.checksum {
            return Err(damaged("the checksum does not fit"));
        }
        let (head, rows) =
            postcard::take_from_bytes::<Head<'_>>(bytes).map_err(|error| damaged(&error.to_string()))?;
        match head.lines.iter().any(|line| line.count > TIMES_MAX) {
            true => Err(damaged("too many times")),
            false => Ok(Index { head, rows }),
        }
    }

    /// Stretches of time that were recorded.
    pub fn spans(&self) -> &[(i64, i64)] {
        &self.head.spans
    }

    /// The columns of times.
    pub fn lines(&self) -> &[Line<'a>] {
        &self.head.lines
    }

    /// The series in the order of their labels; it ends with the first that is damaged.
    pub fn rows(&self) -> impl Iterator<Item = Result<Row, Damage>> + '_ {
        let mut rest = self.rows;
        let mut left = self.head.series;
        std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let row = postcard::take_from_bytes::<Row>(rest);
            let row = row.map_err(|error| damaged(&error.to_string())).and_then(|(row, after)| {
                rest = after;
                self.checked(row)
            });
            left = if row.is_ok() { left } else { 0 };
            Some(row)
        })
    }

    fn checked(&self, row: Row) -> Result<Row, Damage> {
        let line = self.head.lines.get(row.line as usize).ok_or_else(|| damaged("a series without times"))?;
        let symbols = self.head.symbols.len();
        if row.labels.iter().any(|(name, value)| *name as usize >= symbols || *value as usize >= symbols) {
            return Err(damaged("a label without text"));
        }
        strip::count(&row.runs, line.count)?;
        Ok(row)
    }

    fn pairs(&self, row: &Row) -> impl Iterator<Item = (&'a str, &'a str)> {
        let symbol = |at: u32| self.head.symbols[at as usize];
        row.labels.iter().map(move |(name, value)| (symbol(*name), symbol(*value)))
    }

    /// Name of the metric.
    pub fn name(&self, row: &Row) -> &'a str {
        self.pairs(row).find(|(name, _)| *name == NAME).map_or("", |(_, value)| value)
    }

    /// The labels of a series.
    pub fn labels(&self, row: &Row) -> Labels {
        Labels::new(self.pairs(row))
    }
}

impl Row {
    /// How many values it has.
    pub fn count(&self) -> usize {
        self.runs.iter().map(|run| run.count as usize).sum()
    }
}
