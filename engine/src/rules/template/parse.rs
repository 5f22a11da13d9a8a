//! From text to a template: which blocks there are, and what stands in them.

use super::piece::{Piece, pieces};
use super::pipeline;
use super::token::Token;
use super::tree::{Block, Control, Defined, NESTED_MAX, Part};

/// What Prometheus declares before each template.
const VARIABLES: [&str; 5] = ["", "labels", "externalLabels", "externalURL", "value"];

/// The block of a template and what it defines.
pub fn parse(text: &str) -> Result<(Block, Defined), String> {
    let mut parser = Parser {
        pieces: pieces(text)?,
        at: 0,
        defined: Defined::new(),
        variables: VARIABLES.map(str::to_owned).to_vec(),
        nested: 0,
        loops: 0,
    };
    let (block, end) = parser.block()?;
    match end {
        None => Ok((block, parser.defined)),
        Some(word) => Err(format!("`{word}` is out of place: nothing is open")),
    }
}

struct Parser {
    pieces: Vec<Piece>,
    at: usize,
    defined: Defined,
    /// Names in scope.
    variables: Vec<String>,
    nested: usize,
    loops: usize,
}

impl Parser {
    /// Parts up to `end` or `else`, which is given back; what follows it stays to be read.
    fn block(&mut self) -> Result<(Block, Option<String>), String> {
        self.nested += 1;
        if self.nested > NESTED_MAX {
            return Err(format!("blocks nest deeper than {NESTED_MAX}"));
        }
        let mut block = Block::new();
        while let Some(piece) = self.pieces.get(self.at) {
            match piece {
                Piece::Text(text) if text.is_empty() => {}
                Piece::Text(text) => block.push(Part::Text(text.clone())),
                Piece::Action(tokens) => {
                    let tokens = tokens.clone();
                    if let Some(Token::Word(word)) = tokens.first()
                        && ["end", "else"].contains(&word.as_str())
                    {
                        self.nested -= 1;
                        return Ok((block, Some(word.clone())));
                    }
                    self.at += 1;
                    block.extend(self.action(&tokens)?);
                    continue;
                }
            }
            self.at += 1;
        }
        self.nested -= 1;
        Ok((block, None))
    }

    fn action(&mut self, tokens: &[Token]) -> Result<Option<Part>, String> {
        let word = if let Some(Token::Word(word)) = tokens.first() { word.as_str() } else { "" };
        let rest = tokens.get(1..).unwrap_or_default();
        match word {
            "if" => self.control(Control::If, rest).map(Some),
            "with" => self.control(Control::With, rest).map(Some),
            "range" => self.control(Control::Range, rest).map(Some),
            "define" => self.define(rest).map(|_| None),
            "block" => {
                let (name, rest) = name(rest)?;
                let pipeline = pipeline::parse(rest, &mut self.variables)?;
                self.body(&name)?;
                Ok(Some(Part::Call(name, Some(pipeline))))
            }
            "template" => {
                let (name, rest) = name(rest)?;
                let pipeline =
                    if rest.is_empty() { None } else { Some(pipeline::parse(rest, &mut self.variables)?) };
                Ok(Some(Part::Call(name, pipeline)))
            }
            "break" | "continue" if self.loops == 0 => Err(format!("`{word}` stands in no range")),
            "break" => Ok(Some(Part::Break)),
            "continue" => Ok(Some(Part::Continue)),
            _ => pipeline::parse(tokens, &mut self.variables).map(|pipeline| Some(Part::Action(pipeline))),
        }
    }

    fn define(&mut self, tokens: &[Token]) -> Result<(), String> {
        let (name, _) = name(tokens)?;
        self.body(&name)
    }

    /// What stands up to `end`, under a name; it sees no variable but `$`.
    fn body(&mut self, name: &str) -> Result<(), String> {
        let outer = std::mem::replace(&mut self.variables, vec![String::new()]);
        let block = self.until_end(&format!("define {name:?}"))?;
        self.variables = outer;
        self.defined.insert(name.to_owned(), block);
        Ok(())
    }

    fn until_end(&mut self, what: &str) -> Result<Block, String> {
        let (block, end) = self.block()?;
        self.at += 1;
        match end.as_deref() {
            Some("end") => Ok(block),
            Some(word) => Err(format!("`{word}` is out of place in `{what}`")),
            None => Err(format!("`{what}` is never closed by end")),
        }
    }

    fn control(&mut self, control: Control, tokens: &[Token]) -> Result<Part, String> {
        let scope = self.variables.len();
        let pipeline = pipeline::parse(tokens, &mut self.variables)?;
        if pipeline.names.len() > 1 && control != Control::Range {
            return Err("two variables are for range".to_owned());
        }
        self.loops += usize::from(control == Control::Range);
        let (body, end) = self.block()?;
        self.loops -= usize::from(control == Control::Range);
        let otherwise = self.otherwise(end)?;
        self.variables.truncate(scope);
        Ok(Part::Control(control, pipeline, body, otherwise))
    }

    /// What stands between `else` and `end`; `else if` is an `if` in there.
    fn otherwise(&mut self, end: Option<String>) -> Result<Block, String> {
        let Some(Piece::Action(tokens)) = self.pieces.get(self.at) else {
            return Err("`if`, `with` and `range` are closed by end".to_owned());
        };
        let tokens = tokens.clone();
        self.at += 1;
        match (end.as_deref(), tokens.get(1)) {
            (Some("end"), None) => Ok(Block::new()),
            (Some("else"), None) => self.until_end("else"),
            (Some("else"), Some(Token::Word(word))) if word == "if" => {
                self.control(Control::If, &tokens[2..]).map(|part| vec![part])
            }
            (Some("else"), Some(Token::Word(word))) if word == "with" => {
                self.control(Control::With, &tokens[2..]).map(|part| vec![part])
            }
            (_, Some(token)) => Err(format!("`{}` is out of place", token.shown())),
            _ => Err("`if`, `with` and `range` are closed by end".to_owned()),
        }
    }
}

fn name(tokens: &[Token]) -> Result<(String, &[Token]), String> {
    match tokens {
        [Token::Text(name), rest @ ..] => Ok((name.clone(), rest)),
        _ => Err("a template has a name in quotes".to_owned()),
    }
}
