//! From text to a template.

use super::function::Function;
use super::token::{Token, tokens};
use super::tree::{Block, Command, Control, Defined, Operand, Part, Pipeline};

/// Parentheses and blocks may nest so deep.
const NESTED_MAX: usize = 16;
/// What Prometheus declares before each template.
const VARIABLES: [&str; 5] = ["", "labels", "externalLabels", "externalURL", "value"];

/// The block of a template and what it defines.
pub fn parse(text: &str) -> Result<(Block, Defined), String> {
    let mut parser = Parser {
        actions: actions(text)?,
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

/// Text, or the tokens of an action.
enum Piece {
    Text(String),
    Action(Vec<Token>),
}

fn actions(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut trims = false;
    while let Some((before, after)) = rest.split_once("{{") {
        let end = action_end(after).ok_or("`{{` is never closed by `}}`")?;
        let (action, tail) = (&after[..end], &after[end + 2..]);
        let space = |c: Option<char>| c.is_some_and(char::is_whitespace);
        let trims_before = action.starts_with('-') && space(action.chars().nth(1));
        let trims_after = action.ends_with('-') && space(action.chars().rev().nth(1));
        let before = if trims { before.trim_start() } else { before };
        pieces.push(Piece::Text(if trims_before { before.trim_end() } else { before }.to_owned()));
        let action = if trims_before { &action[1..] } else { action };
        let action = if trims_after { &action[..action.len() - 1] } else { action }.trim();
        if !(action.starts_with("/*") && action.ends_with("*/")) {
            pieces.push(Piece::Action(tokens(action)?));
        }
        (rest, trims) = (tail, trims_after);
    }
    pieces.push(Piece::Text(if trims { rest.trim_start() } else { rest }.to_owned()));
    Ok(pieces)
}

/// Where `}}` stands outside strings.
fn action_end(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match quote {
            _ if escaped => escaped = false,
            Some('"') if c == '\\' => escaped = true,
            Some(open) if open == c => quote = None,
            Some(_) => {}
            None if c == '"' || c == '`' => quote = Some(c),
            None if text[at..].starts_with("}}") => return Some(at),
            None => {}
        }
    }
    None
}

struct Parser {
    actions: Vec<Piece>,
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
        while let Some(piece) = self.actions.get(self.at) {
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
                let pipeline = self.whole(rest)?;
                self.body(&name)?;
                Ok(Some(Part::Call(name, Some(pipeline))))
            }
            "template" => {
                let (name, rest) = name(rest)?;
                let pipeline = if rest.is_empty() { None } else { Some(self.whole(rest)?) };
                Ok(Some(Part::Call(name, pipeline)))
            }
            "break" | "continue" if self.loops == 0 => Err(format!("`{word}` stands in no range")),
            "break" => Ok(Some(Part::Break)),
            "continue" => Ok(Some(Part::Continue)),
            _ => self.whole(tokens).map(|pipeline| Some(Part::Action(pipeline))),
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
        let pipeline = self.whole(tokens)?;
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
        let Some(Piece::Action(tokens)) = self.actions.get(self.at) else {
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

    /// A pipeline that ends where the tokens do.
    fn whole(&mut self, tokens: &[Token]) -> Result<Pipeline, String> {
        let mut tokens = Tokens { rest: tokens, nested: 0, variables: &mut self.variables };
        let pipeline = tokens.pipeline(true)?;
        match tokens.rest.first() {
            Some(token) => Err(format!("`{}` is out of place", token.shown())),
            None => Ok(pipeline),
        }
    }
}

fn name(tokens: &[Token]) -> Result<(String, &[Token]), String> {
    match tokens {
        [Token::Text(name), rest @ ..] => Ok((name.clone(), rest)),
        _ => Err("a template has a name in quotes".to_owned()),
    }
}

struct Tokens<'a> {
    rest: &'a [Token],
    nested: usize,
    variables: &'a mut Vec<String>,
}

impl Tokens<'_> {
    fn next(&mut self) -> Option<Token> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first.clone())
    }

    fn pipeline(&mut self, declares: bool) -> Result<Pipeline, String> {
        let (names, assigns) = if declares { self.names()? } else { (Vec::new(), false) };
        let mut commands = vec![self.command(false)?];
        while self.rest.first() == Some(&Token::Pipe) {
            self.next();
            commands.push(self.command(true)?);
        }
        if !assigns {
            self.variables.extend(names.iter().cloned());
        }
        Ok(Pipeline { names, assigns, commands })
    }

    /// `$a :=`, `$a, $b :=` or `$a =`.
    fn names(&mut self) -> Result<(Vec<String>, bool), String> {
        let variable = |word: &str| word.strip_prefix('$').map(str::to_owned);
        let (names, length) = match self.rest {
            [Token::Word(one), Token::Declare | Token::Assign, ..] => (vec![variable(one)], 1),
            [Token::Word(one), Token::Comma, Token::Word(two), Token::Declare | Token::Assign, ..] => {
                (vec![variable(one), variable(two)], 3)
            }
            _ => return Ok((Vec::new(), false)),
        };
        let assigns = self.rest[length] == Token::Assign;
        self.rest = &self.rest[length + 1..];
        let names: Option<Vec<String>> = names.into_iter().collect();
        let names = names.ok_or("a variable begins with $")?;
        match names.iter().find(|name| assigns && !self.variables.contains(name)) {
            Some(name) => Err(format!("undefined variable \"${name}\"")),
            None => Ok((names, assigns)),
        }
    }

    fn command(&mut self, piped: bool) -> Result<Command, String> {
        if let Some(Token::Word(word)) = self.rest.first()
            && word.starts_with(char::is_alphabetic)
            && !["true", "false", "nil"].contains(&word.as_str())
        {
            let function = Function::find(word)?;
            self.next();
            let mut operands = Vec::new();
            while !matches!(self.rest.first(), None | Some(Token::Pipe | Token::Close)) {
                operands.push(self.operand()?);
            }
            return Ok(Command::Call(function, operands));
        }
        if piped {
            return Err("after `|` there must be a function".to_owned());
        }
        self.operand().map(Command::Operand)
    }

    fn operand(&mut self) -> Result<Operand, String> {
        match self.next().ok_or("an operand is missing")? {
            Token::Text(text) => Ok(Operand::Text(text)),
            Token::Char(c) => Ok(Operand::Int(i64::from(u32::from(c)))),
            Token::Word(word) => self.word(&word),
            Token::Open => self.parenthesis(),
            other => Err(format!("`{}` is out of place", other.shown())),
        }
    }

    fn parenthesis(&mut self) -> Result<Operand, String> {
        self.nested += 1;
        if self.nested > NESTED_MAX {
            return Err(format!("parentheses nest deeper than {NESTED_MAX}"));
        }
        let pipeline = self.pipeline(false)?;
        self.nested -= 1;
        if self.next() != Some(Token::Close) {
            return Err("`(` is never closed".to_owned());
        }
        let path = match self.rest.first() {
            Some(Token::Path(path)) => fields(path)?,
            _ => Vec::new(),
        };
        if !path.is_empty() {
            self.next();
        }
        Ok(Operand::Nested(Box::new(pipeline), path))
    }

    fn word(&self, word: &str) -> Result<Operand, String> {
        if let Some(rest) = word.strip_prefix('$') {
            let (name, path) = rest.split_at(rest.find('.').unwrap_or(rest.len()));
            if !self.variables.iter().any(|known| known == name) {
                return Err(format!("undefined variable \"${name}\""));
            }
            return Ok(Operand::Variable(name.to_owned(), fields(path)?));
        }
        if word == "." || (word.starts_with('.') && !word[1..].starts_with(|c: char| c.is_ascii_digit())) {
            return fields(word).map(Operand::Dot);
        }
        match word {
            "true" | "false" => return Ok(Operand::Bool(word == "true")),
            "nil" => return Ok(Operand::Nothing),
            _ => {}
        }
        if word.starts_with(char::is_alphabetic) {
            let function = Function::find(word)?;
            let command = Command::Call(function, Vec::new());
            let pipeline = Pipeline { names: Vec::new(), assigns: false, commands: vec![command] };
            return Ok(Operand::Nested(Box::new(pipeline), Vec::new()));
        }
        let whole = word.parse().map(Operand::Int);
        whole.or_else(|_| word.parse().map(Operand::Number)).map_err(|_| format!("`{word}` is unknown"))
    }
}

/// `.A.B` as names.
fn fields(path: &str) -> Result<Vec<String>, String> {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    match path {
        "" | "." => Ok(Vec::new()),
        path => path[1..]
            .split('.')
            .map(
                |name| {
                    if is_name(name) { Ok(name.to_owned()) } else { Err(format!("`{path}` is not a path")) }
                },
            )
            .collect(),
    }
}
