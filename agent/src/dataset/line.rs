//! Lines of bounded length.

use std::io::{self, BufRead, Read};

/// Longer lines are passed over and reported; a row of a series has some fifty bytes.
pub const LINE_BYTES_MAX: usize = 64 << 10;

/// What became of reading a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineRead {
    /// It is there, without its end.
    Whole,
    /// It was longer than the bound; its beginning is there.
    Cut,
    /// There is none any more.
    End,
}

/// Reads the next line in place of what was in `line`.
pub fn read(source: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<LineRead> {
    line.clear();
    let bound = LINE_BYTES_MAX as u64 + 1;
    if source.take(bound).read_until(b'\n', line)? == 0 {
        return Ok(LineRead::End);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() > LINE_BYTES_MAX {
        source.skip_until(b'\n')?;
        line.truncate(LINE_BYTES_MAX);
        return Ok(LineRead::Cut);
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(LineRead::Whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> Vec<(LineRead, usize)> {
        let (mut source, mut line, mut all) = (text, Vec::new(), Vec::new());
        loop {
            match read(&mut source, &mut line).unwrap() {
                LineRead::End => return all,
                read => all.push((read, line.len())),
            }
        }
    }

    #[test]
    fn lines_end_as_they_like_and_are_bounded() {
        use LineRead::{Cut, Whole};
        assert_eq!(lines(b"a\r\n\nbc"), [(Whole, 1), (Whole, 0), (Whole, 2)]);
        let longest = "x".repeat(LINE_BYTES_MAX);
        assert_eq!(lines(format!("{longest}\na").as_bytes()), [(Whole, LINE_BYTES_MAX), (Whole, 1)]);
        let cut = [(Cut, LINE_BYTES_MAX), (Whole, 1)];
        assert_eq!(lines(format!("{longest}yyy\na").as_bytes()), cut);
        assert_eq!(lines(format!("{longest}y").as_bytes()), [(Cut, LINE_BYTES_MAX)]);
    }
}
