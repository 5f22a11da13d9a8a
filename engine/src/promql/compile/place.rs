//! Where things stand in the text: the parser's tree does not know, so words are looked for in the order in which
//! the tree has them.

use crate::promql::node::Place;

/// The text, and how far it has been looked through.
pub struct Places<'a> {
    /// Lower case, strings as quotes and comments as space.
    plain: &'a [u8],
    from: usize,
}

impl<'a> Places<'a> {
    /// From the beginning.
    pub fn new(plain: &'a [u8]) -> Self {
        Places { plain, from: 0 }
    }

    /// The next call of a function or aggregation: where its name stands and where each argument begins.
    pub fn call(&mut self, name: &str) -> (Place, Vec<Place>) {
        let Some(at) = self.next_call(&name.to_ascii_lowercase()) else { return Default::default() };
        self.from = at + name.len();
        let arguments = self.arguments(self.opening(self.from));
        (self.place(at), arguments.into_iter().map(|at| self.place(at)).collect())
    }

    fn next_call(&self, name: &str) -> Option<usize> {
        let name = name.as_bytes();
        let word = |at: Option<&u8>| at.is_some_and(|c| c.is_ascii_alphanumeric() || b"_:.".contains(c));
        let starts = self.from..self.plain.len().saturating_sub(name.len());
        starts.into_iter().find(|at| {
            let after = at + name.len();
            self.plain[*at..].starts_with(name)
                && !word(at.checked_sub(1).and_then(|before| self.plain.get(before)))
                && !word(self.plain.get(after))
                && matches!(self.plain.get(self.skip_space(after)), Some(b'(' | b'b' | b'w'))
        })
    }

    /// The parenthesis before the arguments; that of a grouping stands before it.
    fn opening(&self, from: usize) -> usize {
        let at = self.skip_space(from);
        if self.plain.get(at) == Some(&b'(') {
            return at;
        }
        let close = self.plain[at..].iter().position(|c| *c == b')');
        close.map_or(self.plain.len(), |close| self.skip_space(at + close + 1))
    }

    fn arguments(&self, opening: usize) -> Vec<usize> {
        let (mut starts, mut depth) = (Vec::new(), 0_usize);
        for (at, c) in self.plain.iter().enumerate().skip(opening) {
            match c {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if at == opening || (*c == b',' && depth == 1) {
                starts.push(self.skip_space(at + 1));
            }
            if depth == 0 {
                break;
            }
        }
        starts
    }

    fn skip_space(&self, from: usize) -> usize {
        let after = self.plain.get(from..).unwrap_or_default();
        from + after.iter().take_while(|c| c.is_ascii_whitespace()).count()
    }

    fn place(&self, at: usize) -> Place {
        let before = &self.plain[..at.min(self.plain.len())];
        let line_start = before.iter().rposition(|c| *c == b'\n').map_or(0, |newline| newline + 1);
        let column = before[line_start..].iter().filter(|c| **c & 0xc0 != 0x80).count() + 1;
        Place { line: before.iter().filter(|c| **c == b'\n').count() + 1, column }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown((place, arguments): (Place, Vec<Place>)) -> String {
        let arguments: Vec<_> = arguments.iter().map(Place::to_string).collect();
        format!("{place} {}", arguments.join(" "))
    }

    #[test]
    fn calls_are_found_in_order() {
        let text = "sum by (rate) (rate(a[5m]))\n + topk without (x)(2, max(abs(b), c))";
        let mut places = Places::new(text.as_bytes());
        assert_eq!(shown(places.call("sum")), "1:1 1:16");
        assert_eq!(shown(places.call("rate")), "1:16 1:21");
        assert_eq!(shown(places.call("topk")), "2:4 2:21 2:24");
        assert_eq!(shown(places.call("max")), "2:24 2:28 2:36");
        assert_eq!(shown(places.call("gone")), "0:0 ");
    }
}
