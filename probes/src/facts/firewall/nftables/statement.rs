//! nft's language as far as it is needed: statements of words, and the blocks that some of them open.

/// Words of all files of a configuration, which are kept until all of it is known.
pub const WORDS_MAX: usize = 250_000;

/// A piece of a file, with the line that it begins on.
#[derive(Debug, PartialEq)]
pub enum Piece {
    /// A statement; a set in braces is a part of it, and commas and quotes are gone.
    Statement(usize, Vec<String>),
    /// The head of a block.
    Open(usize, Vec<String>),
    /// The end of a block.
    Close,
}

/// What a text consists of; nothing more once there are too many words.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut lexer = Lexer::default();
    for (number, line) in (1..).zip(text.lines()) {
        lexer.line(number, line);
        if lexer.taken > WORDS_MAX {
            break;
        }
    }
    lexer.end_statement();
    lexer.pieces
}

#[derive(Default)]
struct Lexer {
    pieces: Vec<Piece>,
    /// The statement that is being read, and where it began.
    words: Vec<String>,
    begun: usize,
    word: String,
    /// Braces of sets that are open.
    sets: usize,
    taken: usize,
}

impl Lexer {
    fn line(&mut self, number: usize, line: &str) {
        let (line, goes_on) = line.strip_suffix('\\').map_or((line, false), |line| (line, true));
        let mut quoted = false;
        for c in line.chars() {
            if self.words.is_empty() && self.word.is_empty() {
                self.begun = number;
            }
            match c {
                '"' => quoted = !quoted,
                _ if quoted => self.word.push(c),
                '#' => break,
                '{' | '}' | ';' | ',' => self.sign(c),
                _ if c.is_whitespace() => self.end_word(),
                _ => self.word.push(c),
            }
        }
        self.end_word();
        if !goes_on && self.sets == 0 {
            self.end_statement();
        }
    }

    fn sign(&mut self, sign: char) {
        self.end_word();
        match sign {
            '{' if self.sets == 0 && opens(&self.words) => {
                let words = std::mem::take(&mut self.words);
                self.pieces.push(Piece::Open(self.begun, words));
            }
            '{' => self.sets += 1,
            '}' if self.sets > 0 => self.sets -= 1,
            '}' => {
                self.end_statement();
                self.pieces.push(Piece::Close);
            }
            ';' if self.sets == 0 => self.end_statement(),
            _ => {}
        }
    }

    fn end_word(&mut self) {
        if !self.word.is_empty() {
            self.taken += 1;
            self.words.push(std::mem::take(&mut self.word));
        }
    }

    fn end_statement(&mut self) {
        self.end_word();
        if !self.words.is_empty() {
            self.pieces.push(Piece::Statement(self.begun, std::mem::take(&mut self.words)));
        }
    }
}

/// Whether a brace after these words opens a block; after others it opens a set.
fn opens(words: &[String]) -> bool {
    let words: Vec<&str> =
        words.iter().map(String::as_str).skip_while(|word| is_command(word)).take(4).collect();
    match words.as_slice() {
        [] | ["table" | "chain", ..] => true,
        ["set" | "map" | "counter" | "quota" | "limit" | "flowtable" | "secmark" | "synproxy", ..] => {
            // Named in a table, or with the table's family and name before its own.
            words.len() == 2 || words.len() == 4
        }
        ["ct", "helper" | "timeout" | "expectation", ..] => true,
        _ => false,
    }
}

/// `add table x { … }` says what `table x { … }` says.
pub fn is_command(word: &str) -> bool {
    word == "add" || word == "create"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_sets_and_texts() {
        let text = "table inet a { # x\n chain c {\n  tcp dport { 22,\n 80 } accept comment \"a; { }\"; drop\n }\n}\n";
        let pieces = pieces(text);
        let words = |words: &str| words.split('|').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            pieces,
            [
                Piece::Open(1, words("table|inet|a")),
                Piece::Open(2, words("chain|c")),
                Piece::Statement(3, words("tcp|dport|22|80|accept|comment|a; { }")),
                Piece::Statement(4, words("drop")),
                Piece::Close,
                Piece::Close,
            ]
        );
    }
}
