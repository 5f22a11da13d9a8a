//! From the tokens of an action to a pipeline.

use super::function::Function;
use super::token::Token;
use super::tree::{Command, NESTED_MAX, Operand, Pipeline};

/// The pipeline that the tokens are, all of them; variables that it declares come into scope.
pub fn parse(tokens: &[Token], variables: &mut Vec<String>) -> Result<Pipeline, String> {
    let mut tokens = Tokens { rest: tokens, nested: 0, variables };
    let pipeline = tokens.pipeline(true)?;
    match tokens.rest.first() {
        Some(token) => Err(format!("`{}` is out of place", token.shown())),
        None => Ok(pipeline),
    }
}

/// What is left of the tokens.
struct Tokens<'a> {
    rest: &'a [Token],
    nested: usize,
    /// Names in scope.
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
