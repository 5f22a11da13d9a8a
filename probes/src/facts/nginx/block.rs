//! nginx's language: words, ended by `;` or followed by a block in braces.

use crate::Fault;
use hostward_model::Origin;
use std::iter::Peekable;
use std::str::Chars;

/// A directive, or the head of a block.
#[derive(Debug, Clone)]
pub struct Directive {
    pub name: String,
    pub words: Vec<String>,
    pub origin: Origin,
}

/// Reads directives from one file.
pub struct Lexer<'t> {
    path: &'t str,
    chars: Peekable<Chars<'t>>,
    line: usize,
}

impl<'t> Lexer<'t> {
    pub fn new(path: &'t str, text: &'t str) -> Self {
        Lexer { path, chars: text.chars().peekable(), line: 1 }
    }

    /// The next directive, and whether it opens a block; nothing at the end of the block or file.
    pub fn directive(&mut self) -> Result<Option<(Directive, bool)>, Fault> {
        let mut words = Vec::new();
        let mut line = self.line;
        loop {
            self.skip();
            if words.is_empty() {
                line = self.line;
            }
            match self.chars.peek() {
                None | Some('}') if words.is_empty() => return Ok(None),
                None | Some('}') => return Err(self.fault(&words.join(" "), "a semicolon after it")),
                // It says nothing; a file can be full of them.
                Some(';') if words.is_empty() => drop(self.chars.next()),
                Some(';' | '{') => break,
                Some(_) => words.push(self.word()?),
            }
        }
        let opens = self.chars.next() == Some('{');
        if words.is_empty() {
            return Err(self.fault("{", "a directive"));
        }
        let name = words.remove(0);
        Ok(Some((Directive { name, words, origin: Origin::line(self.path, line) }, opens)))
    }

    /// The brace that ends a block.
    pub fn close(&mut self) -> Result<(), Fault> {
        match self.chars.next() {
            Some('}') => Ok(()),
            _ => Err(self.fault("", "a closing brace")),
        }
    }

    /// The end of the file.
    pub fn end(&mut self) -> Result<(), Fault> {
        if self.chars.peek().is_none() { Ok(()) } else { Err(self.fault("}", "a directive")) }
    }

    pub fn fault(&self, word: &str, expected: &'static str) -> Fault {
        Fault::malformed(self.path, self.line, word, expected)
    }

    fn skip(&mut self) {
        while let Some(c) = self.chars.peek().copied() {
            if c == '#' {
                while self.chars.peek().is_some_and(|c| *c != '\n') {
                    self.chars.next();
                }
            } else if c.is_whitespace() {
                self.step();
            } else {
                return;
            }
        }
    }

    fn step(&mut self) -> Option<char> {
        let c = self.chars.next();
        self.line += usize::from(c == Some('\n'));
        c
    }

    /// A word in quotes, or up to a blank, `;` or `{`; `${name}` belongs to the word.
    fn word(&mut self) -> Result<String, Fault> {
        let mut word = String::new();
        if let Some(quote) = self.chars.next_if(|c| matches!(c, '"' | '\'')) {
            loop {
                match self.step() {
                    None => return Err(self.fault(&word, "a closing quote")),
                    Some('\\') => word.extend(self.step()),
                    Some(c) if c == quote => return Ok(word),
                    Some(c) => word.push(c),
                }
            }
        }
        while let Some(c) = self.chars.peek().copied() {
            if c.is_whitespace() || c == ';' || (c == '{' && !word.ends_with('$')) {
                break;
            }
            self.step();
            word.push(c);
            if c == '\\' {
                word.extend(self.step());
            } else if c == '{' {
                word.extend(std::iter::from_fn(|| self.chars.next_if(|c| *c != '}' && *c != '\n')));
                word.extend(self.chars.next_if(|c| *c == '}'));
            }
        }
        Ok(word)
    }
}
