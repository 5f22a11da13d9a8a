//! A place in a line, and what can be taken from there.

use super::error::ReadError;

/// Walks along one line.
pub struct Cursor<'a> {
    line: usize,
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(line: usize, text: &'a str) -> Self {
        Cursor { line, text, at: 0 }
    }

    pub fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub fn is_done(&self) -> bool {
        self.rest().is_empty()
    }

    /// Steps over `word` if it comes next.
    pub fn eat(&mut self, word: &str) -> bool {
        let there = self.rest().starts_with(word);
        self.at += if there { word.len() } else { 0 };
        there
    }

    /// Steps over `word`, which must come next.
    pub fn expect(&mut self, word: &str, message: &str) -> Result<(), ReadError> {
        if self.eat(word) { Ok(()) } else { Err(self.error(message)) }
    }

    /// Takes characters while they are accepted.
    pub fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !accept(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// Takes a name: a first character that is no digit, then any that is accepted.
    pub fn name(&mut self, colon: bool, message: &str) -> Result<&'a str, ReadError> {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || (colon && c == ':');
        if self.rest().starts_with(|c: char| c.is_ascii_digit() || !fits(c)) || self.is_done() {
            return Err(self.error(message));
        }
        Ok(self.take_while(fits))
    }

    /// Takes one character.
    pub fn next(&mut self) -> Option<char> {
        let next = self.rest().chars().next();
        self.at += next.map_or(0, char::len_utf8);
        next
    }

    /// What comes next is not what should come; the error shows it up to the next blank.
    pub fn error(&self, message: impl Into<String>) -> ReadError {
        let word = self.rest().split([' ', '\t']).next().unwrap_or("");
        self.error_with(word, message)
    }

    /// What was just taken, `word`, is not acceptable.
    pub fn refuse(&self, word: &str, message: impl Into<String>) -> ReadError {
        let start = Cursor { at: self.at - word.len(), ..*self };
        start.error_with(word, message)
    }

    fn error_with(&self, word: &str, message: impl Into<String>) -> ReadError {
        ReadError::new(self.line, self.text[..self.at].chars().count() + 1, word, message)
    }
}
