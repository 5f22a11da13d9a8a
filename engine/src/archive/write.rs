//! Writing a block, one column after the other.

use super::index::Head;
use super::{Footer, Line, MAGIC, Place, Row, Strip, times, values};
use crate::labels::Labels;
use std::collections::HashMap;
use std::io::{self, Write};

/// A block that is being written.
pub struct Builder<W> {
    out: W,
    at: u64,
    symbols: Vec<String>,
    numbers: HashMap<String, u32>,
    lines: Vec<(String, Place, u32)>,
    rows: Vec<u8>,
    series: u32,
}

impl<W: Write> Builder<W> {
    /// Begins a block.
    pub fn new(mut out: W) -> io::Result<Self> {
        out.write_all(&MAGIC)?;
        let (symbols, numbers, lines, rows) = Default::default();
        Ok(Builder { out, at: MAGIC.len() as u64, symbols, numbers, lines, rows, series: 0 })
    }

    /// Writes a column of times; gives the number of the line.
    pub fn line(&mut self, name: &str, at_ms: &[i64]) -> io::Result<u32> {
        let place = self.column(&times::encode(at_ms))?;
        self.lines.push((name.to_owned(), place, at_ms.len() as u32));
        Ok(self.lines.len() as u32 - 1)
    }

    /// Writes a series; they come in the order of their labels.
    pub fn series(&mut self, labels: &Labels, line: u32, strip: &Strip) -> io::Result<()> {
        let place = self.column(&values::encode(&strip.values))?;
        let labels = labels.iter().map(|(name, value)| (self.symbol(name), self.symbol(value))).collect();
        let row = Row { labels, line, place, runs: strip.runs.clone() };
        self.rows = postcard::to_extend(&row, std::mem::take(&mut self.rows)).map_err(io::Error::other)?;
        self.series += 1;
        Ok(())
    }

    fn column(&mut self, bytes: &[u8]) -> io::Result<Place> {
        self.out.write_all(bytes)?;
        let place = Place { at: self.at, bytes: bytes.len() as u32 };
        self.at += bytes.len() as u64;
        Ok(place)
    }

    fn symbol(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.symbols.len() as u32;
        self.symbols.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        number
    }

    /// Writes the index; gives what was written to, and the size of the block.
    pub fn finish(mut self, spans: Vec<(i64, i64)>) -> io::Result<(W, u64)> {
        let lines = self.lines.iter().map(|(name, place, count)| Line { name, place: *place, count: *count });
        let head = Head {
            spans,
            symbols: self.symbols.iter().map(String::as_str).collect(),
            lines: lines.collect(),
            series: self.series,
        };
        let mut index = postcard::to_stdvec(&head).map_err(io::Error::other)?;
        index.append(&mut self.rows);
        let footer = Footer { at: self.at, bytes: index.len() as u32, checksum: crc32fast::hash(&index) };
        self.out.write_all(&index)?;
        self.out.write_all(&footer.to_bytes())?;
        self.out.flush()?;
        let bytes = footer.at + u64::from(footer.bytes) + super::FOOTER_BYTES as u64;
        Ok((self.out, bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FOOTER_BYTES, Index};
    use super::*;
    use crate::history::stale;
    use crate::promql::source::Point;

    fn strip(samples: &[(u32, f64)]) -> Strip {
        let mut strip = Strip::default();
        samples.iter().for_each(|(place, value)| strip.push(*place, *value));
        strip
    }

    fn block() -> Vec<u8> {
        let mut builder = Builder::new(Vec::new()).unwrap();
        let fast = builder.line("cpu", &[0, 10_000, 20_000, 30_000]).unwrap();
        let slow = builder.line("disk", &[0, 30_000]).unwrap();
        let named = |name: &str| Labels::new([("__name__", name), ("host", "h")]);
        builder.series(&named("a"), fast, &strip(&[(0, 1.0), (1, 2.0), (2, stale())])).unwrap();
        builder.series(&named("b"), slow, &strip(&[(1, 7.5)])).unwrap();
        let (bytes, length) = builder.finish(vec![(0, 40_000)]).unwrap();
        assert_eq!(bytes.len() as u64, length);
        bytes
    }

    fn footer(bytes: &[u8]) -> Result<Footer, super::super::Damage> {
        Footer::parse(bytes.last_chunk::<FOOTER_BYTES>().unwrap(), bytes.len() as u64)
    }

    #[test]
    fn what_was_written_is_read() {
        let bytes = block();
        let footer = footer(&bytes).unwrap();
        let column = |place: Place| &bytes[place.at as usize..place.at as usize + place.bytes as usize];
        let index_bytes = &bytes[footer.at as usize..bytes.len() - FOOTER_BYTES];
        let index = Index::parse(index_bytes, footer).unwrap();
        assert_eq!(index.spans(), [(0, 40_000)]);
        let mut shown = Vec::new();
        for row in index.rows().map(Result::unwrap) {
            let line = &index.lines()[row.line as usize];
            let times = times::decode(column(line.place), line.count as usize).unwrap();
            let values = values::decode(column(row.place), row.count()).unwrap();
            let strip = Strip { runs: row.runs.clone(), values };
            let point = |point: Point| format!("{}@{}", point.value, point.at_ms / 1000);
            let points: Vec<_> = strip.points(&times).map(point).collect();
            shown.push(format!("{} {} {}", line.name, index.labels(&row), points.join(" ")));
        }
        assert_eq!(shown, ["cpu a{host=\"h\"} 1@0 2@10 NaN@20", "disk b{host=\"h\"} 7.5@30"]);
    }

    #[test]
    fn a_block_that_is_cut_or_changed_is_noticed() {
        let bytes = block();
        for end in FOOTER_BYTES..bytes.len() {
            assert!(footer(&bytes[..end]).is_err(), "cut at {end}");
        }
        let whole = footer(&bytes).unwrap();
        for at in whole.at as usize..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            let read = footer(&damaged).and_then(|own| {
                Index::parse(&damaged[own.at as usize..damaged.len() - FOOTER_BYTES], own).map(|_| ())
            });
            assert!(read.is_err(), "byte {at}");
        }
    }
}
