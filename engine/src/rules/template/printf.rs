//! Numbers and texts by a format, as Go's `fmt` prints them: `%s %v %q %d %f %e %g %%` with width and precision.

use super::decimal::{scientific, shortest, significant, special};
use super::item::Item;

/// Fills a format; what does not fit is said in the text, as Go does it.
pub fn printf(format: &str, items: &[Item]) -> String {
    let mut out = String::new();
    let mut items = items.iter();
    for piece in pieces(format) {
        match piece {
            Piece::Text(text) => out.push_str(&text),
            Piece::Verb(verb) => match items.next() {
                Some(item) => out.push_str(&verb.fill(item)),
                None => out.push_str(&format!("%!{}(MISSING)", verb.letter)),
            },
        }
    }
    let extra: Vec<_> = items.map(typed).collect();
    if !extra.is_empty() {
        out.push_str(&format!("%!(EXTRA {})", extra.join(", ")));
    }
    out
}

/// A value with Go's name for its kind.
fn typed(item: &Item) -> String {
    let kind = match item {
        Item::Text(_) => "string",
        Item::Number(_) => "float64",
        Item::Int(_) => "int",
        Item::Bool(_) => "bool",
        Item::Labels(_) => "map[string]string",
        _ => "value",
    };
    format!("{kind}={}", item.to_text())
}

enum Piece {
    Text(String),
    Verb(Verb),
}

struct Verb {
    left: bool,
    plus: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
    letter: char,
}

/// Width and precision may be so large.
const WIDTH_MAX: usize = 100;

fn pieces(format: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = format;
    while let Some((text, after)) = rest.split_once('%') {
        pieces.push(Piece::Text(text.to_owned()));
        let (piece, tail) = verb(after).unwrap_or((Piece::Text("%!(NOVERB)".to_owned()), after));
        pieces.push(piece);
        rest = tail;
    }
    pieces.push(Piece::Text(rest.to_owned()));
    pieces
}

fn verb(text: &str) -> Option<(Piece, &str)> {
    let flags_end = text.find(|c| !"-+0 ".contains(c))?;
    let (flags, rest) = text.split_at(flags_end);
    let (width, rest) = number(rest)?;
    let (precision, rest) = match rest.strip_prefix('.') {
        Some(rest) => number(rest).map(|(precision, rest)| (Some(precision.unwrap_or(0)), rest))?,
        None => (None, rest),
    };
    let letter = rest.chars().next()?;
    let [left, plus, zero] = ['-', '+', '0'].map(|flag| flags.contains(flag));
    let verb = Verb { left, plus, zero: zero && !left, width: width.unwrap_or(0), precision, letter };
    let piece = if letter == '%' { Piece::Text("%".to_owned()) } else { Piece::Verb(verb) };
    Some((piece, &rest[letter.len_utf8()..]))
}

fn number(text: &str) -> Option<(Option<usize>, &str)> {
    let (digits, rest) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    if digits.is_empty() {
        return Some((None, rest));
    }
    digits.parse().ok().filter(|number| *number <= WIDTH_MAX).map(|number| (Some(number), rest))
}

impl Verb {
    fn fill(&self, item: &Item) -> String {
        let body = match (self.letter, item) {
            ('s' | 'v', Item::Text(text)) => self.cut(text),
            ('q', Item::Text(text)) => format!("{:?}", self.cut(text)),
            ('x', Item::Text(text)) => text.bytes().map(|byte| format!("{byte:02x}")).collect(),
            ('v', Item::Number(number)) => self.signed(*number, shortest(*number)),
            ('f' | 'F' | 'e' | 'g', Item::Number(number)) => self.signed(*number, self.float(*number)),
            ('d' | 'v', Item::Int(number)) => self.signed(*number as f64, number.to_string()),
            ('x', Item::Int(number)) => format!("{number:x}"),
            ('c', Item::Int(number)) => {
                u32::try_from(*number).ok().and_then(char::from_u32).unwrap_or('\u{fffd}').to_string()
            }
            ('t' | 'v', Item::Bool(truth)) => truth.to_string(),
            ('v' | 's', Item::Labels(_) | Item::Sample(..) | Item::List(_) | Item::Map(_)) => item.to_text(),
            (letter, item) => return format!("%!{letter}({})", typed(item)),
        };
        self.pad(
            body,
            matches!(item, Item::Int(_)) || matches!(item, Item::Number(number) if number.is_finite()),
        )
    }

    fn cut(&self, text: &str) -> String {
        text.chars().take(self.precision.unwrap_or(usize::MAX)).collect()
    }

    fn float(&self, number: f64) -> String {
        let precision = self.precision.unwrap_or(6);
        match (special(number), self.letter) {
            (Some(text), _) => text,
            (None, 'f' | 'F') => format!("{number:.precision$}"),
            (None, 'e') => scientific(number, precision),
            (None, _) => {
                self.precision.map_or_else(|| shortest(number), |digits| significant(number, digits))
            }
        }
    }

    fn signed(&self, number: f64, text: String) -> String {
        if self.plus && (number >= 0.0 || number.is_nan()) && !text.starts_with('+') {
            format!("+{text}")
        } else {
            text
        }
    }

    fn pad(&self, body: String, number: bool) -> String {
        let missing = self.width.saturating_sub(body.chars().count());
        if self.left {
            body + &" ".repeat(missing)
        } else if self.zero && number {
            let sign = body.len() - body.trim_start_matches(['-', '+']).len();
            format!("{}{}{}", &body[..sign], "0".repeat(missing), &body[sign..])
        } else {
            " ".repeat(missing) + &body
        }
    }
}
