//! The rows that a file begins with, which tell whether its newest come first.

use super::Stop;
use crate::dataset::{Row, Rows};

/// Bound of the rows that are held: some 550,000 of a file whose newest row comes first, and two of any other.
const HELD_BYTES_MAX: usize = 64 << 20;

/// Rows for as long as none is newer than the one before it.
pub struct Beginning {
    /// In the order of the file.
    pub rows: Vec<Row<'static>>,
    /// They are the whole file, and not all of one time.
    pub is_newest_first: bool,
}

impl Beginning {
    /// Reads up to the first row that is newer than the one before it.
    pub fn read(file: &mut Rows) -> Result<Beginning, Stop> {
        Self::bounded(file, HELD_BYTES_MAX)
    }

    fn bounded(file: &mut Rows, bytes_max: usize) -> Result<Beginning, Stop> {
        let (mut rows, mut bytes) = (Vec::new(), 0);
        let (mut before_ms, mut falls) = (None, false);
        while let Some(row) = next(file).map_err(Stop::Input)? {
            let at_ms = row.reading.as_ref().ok().map(|reading| reading.at_ms);
            bytes += size_of::<Row<'_>>() + row.timestamp.len() + row.value.len();
            rows.push(row.into_owned());
            let rises = at_ms.zip(before_ms).is_some_and(|(at_ms, before_ms)| at_ms > before_ms);
            if rises || (bytes > bytes_max && !falls) {
                return Ok(Beginning { rows, is_newest_first: false });
            }
            if bytes > bytes_max {
                return Err(Stop::Input(format!(
                    "its newest row comes first, and {} rows of it fill the {} MiB that are there to turn it round; sort it by time",
                    rows.len(),
                    bytes_max >> 20
                )));
            }
            falls |= at_ms.zip(before_ms).is_some_and(|(at_ms, before_ms)| at_ms < before_ms);
            before_ms = at_ms.or(before_ms);
        }
        Ok(Beginning { rows, is_newest_first: falls })
    }
}

/// The next row; an error says at which line it could not be read.
pub fn next(file: &mut Rows) -> Result<Option<Row<'_>>, String> {
    let line = file.line() + 1;
    file.read().map_err(|error| format!("line {line}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Need;

    /// How many rows are held, and whether the newest come first; or why not.
    fn read(body: &str, bytes_max: usize) -> Result<(usize, bool), String> {
        let text = format!("timestamp,value\n{body}");
        let mut rows = Rows::new(Box::new(std::io::Cursor::new(text)), Need::Values).unwrap();
        match Beginning::bounded(&mut rows, bytes_max) {
            Ok(own) => Ok((own.rows.len(), own.is_newest_first)),
            Err(Stop::Input(why)) => Err(why),
            Err(_) => panic!("nothing is written"),
        }
    }

    #[test]
    fn a_file_whose_times_all_fall_is_held() {
        assert_eq!(read("4,1\nx,1\n3,\n3,1\n1,1\n", HELD_BYTES_MAX), Ok((5, true)));
        assert_eq!(read("1,1\n2,1\n1,1\n", HELD_BYTES_MAX), Ok((2, false)));
        assert_eq!(read("4,1\n3,1\nx,1\n5,1\n1,1\n", HELD_BYTES_MAX), Ok((4, false)));
        assert_eq!(read("1,1\n1,1\n1,1\n", HELD_BYTES_MAX), Ok((3, false)));
        assert_eq!(read("", HELD_BYTES_MAX), Ok((0, false)));
    }

    #[test]
    fn what_is_held_is_bounded() {
        let falling: String = (0..20).rev().map(|at| format!("{at},1\n")).collect();
        let why = read(&falling, 1000).unwrap_err();
        assert!(why.contains("newest row comes first") && why.contains("sort it by time"), "{why}");
        let (rows, is_newest_first) = read(&"x,1\n".repeat(20), 1000).unwrap();
        assert!(rows < 20 && !is_newest_first, "{rows} rows without a time");
    }
}
