//! Bytes into lines: a last line without its end waits for it, a line too long is cut.

/// Longest line that is looked at; rsyslog's own default bound.
const LINE_BYTES_MAX: usize = 8 << 10;

/// Holds what has come of a line so far.
#[derive(Debug, Default)]
pub struct Splitter {
    pending: Vec<u8>,
    /// The rest of the current line is thrown away.
    cutting: bool,
    /// Lines cut since the start.
    pub cut: u64,
}

impl Splitter {
    /// Calls `each` for every line that ends in `bytes`.
    pub fn feed(&mut self, bytes: &[u8], each: &mut dyn FnMut(&str)) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ended) = part.strip_suffix(b"\n").map_or((part, false), |text| (text, true));
            self.hold(text);
            if ended {
                self.finish(each);
            }
        }
    }

    /// Bytes of the line that has not ended.
    pub fn pending_bytes(&self) -> usize {
        self.pending.len()
    }

    /// Forgets the line that has not ended: its file was truncated.
    pub fn forget(&mut self) {
        self.pending.clear();
        self.cutting = false;
    }

    fn hold(&mut self, text: &[u8]) {
        let room = LINE_BYTES_MAX - self.pending.len();
        self.pending.extend_from_slice(&text[..text.len().min(room)]);
        if text.len() > room && !self.cutting {
            self.cutting = true;
            self.cut += 1;
        }
    }

    fn finish(&mut self, each: &mut dyn FnMut(&str)) {
        each(&String::from_utf8_lossy(&self.pending));
        self.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(chunks: &[&[u8]]) -> (Vec<String>, Splitter) {
        let (mut splitter, mut seen) = (Splitter::default(), Vec::new());
        chunks.iter().for_each(|chunk| splitter.feed(chunk, &mut |line| seen.push(line.to_owned())));
        (seen, splitter)
    }

    #[test]
    fn a_line_waits_for_its_end() {
        let (seen, splitter) = lines(&[b"one\ntw", b"o", b"\n\nthr"]);
        assert_eq!(seen, ["one", "two", ""]);
        assert_eq!(splitter.pending_bytes(), 3);
    }

    #[test]
    fn a_long_line_is_cut_once_and_the_next_is_whole() {
        let long = vec![b'x'; 3 * LINE_BYTES_MAX];
        let (seen, splitter) = lines(&[&long, &long, b"\nnext\n"]);
        assert_eq!((seen[0].len(), seen[1].as_str(), splitter.cut), (LINE_BYTES_MAX, "next", 1));
        let exact = [vec![b'x'; LINE_BYTES_MAX], b"\n".to_vec()].concat();
        assert_eq!(lines(&[&exact]).1.cut, 0);
    }

    proptest! {
        #[test]
        fn chunks_do_not_matter(bytes in prop::collection::vec(prop::sample::select(b"ab\n\xff".to_vec()), 0..200), at in 0usize..200) {
            let (head, tail) = bytes.split_at(at.min(bytes.len()));
            prop_assert_eq!(lines(&[&bytes]).0, lines(&[head, tail]).0);
        }
    }
}
