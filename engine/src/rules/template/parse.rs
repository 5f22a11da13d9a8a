//! From text to a template.

use super::function::Function;
use super::token::{Token, tokens};
use super::{Command, Operand, Part, Pipeline, printf};
use crate::promql::regex_reason;
use regex::Regex;

/// Parentheses may nest so deep.
const NESTED_MAX: usize = 16;
const KEYWORDS: [&str; 10] =
    ["if", "else", "end", "range", "with", "define", "template", "block", "query", "break"];

/// The parts of a template.
pub fn parse(text: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let end = action_end(after).ok_or("`{{` is never closed by `}}`")?;
        let (action, tail) = (&after[..end], &after[end + 2..]);
        let trims_before = action.starts_with("- ");
        let trims_after = action.ends_with(" -");
        let before = if trims_before { before.trim_end() } else { before };
        let action = action.strip_prefix("- ").unwrap_or(action);
        let action = action.strip_suffix(" -").unwrap_or(action);
        parts.push(Part::Text(before.to_owned()));
        parts.extend(self::action(action)?);
        rest = if trims_after { tail.trim_start() } else { tail };
    }
    parts.push(Part::Text(rest.to_owned()));
    parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
    Ok(parts)
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

fn action(text: &str) -> Result<Option<Part>, String> {
    let text = text.trim();
    if text.starts_with("/*") && text.ends_with("*/") {
        return Ok(None);
    }
    let tokens = tokens(text)?;
    let mut tokens = Tokens { rest: &tokens, nested: 0 };
    let pipeline = tokens.pipeline()?;
    match tokens.rest.first() {
        Some(token) => Err(format!("`{}` is out of place in `{text}`", token.shown())),
        None => Ok(Some(Part::Action(pipeline))),
    }
}

struct Tokens<'a> {
    rest: &'a [Token],
    nested: usize,
}

impl Tokens<'_> {
    fn next(&mut self) -> Option<Token> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first.clone())
    }

    fn pipeline(&mut self) -> Result<Pipeline, String> {
        let mut commands = vec![self.command(false)?];
        while self.rest.first() == Some(&Token::Pipe) {
            self.next();
            commands.push(self.command(true)?);
        }
        Ok(Pipeline(commands))
    }

    fn command(&mut self, piped: bool) -> Result<Command, String> {
        match self.rest.first() {
            Some(Token::Word(word)) if word.starts_with(|c: char| c.is_alphabetic()) => {
                let function = function(word)?;
                self.next();
                self.call(function, piped)
            }
            _ if piped => Err("after `|` there must be a function".to_owned()),
            _ => self.operand().map(Command::Operand),
        }
    }

    fn call(&mut self, function: Function, piped: bool) -> Result<Command, String> {
        let mut operands = Vec::new();
        while !matches!(self.rest.first(), None | Some(Token::Pipe | Token::Close)) {
            operands.push(self.operand()?);
        }
        let count = operands.len() + usize::from(piped);
        function.check(count)?;
        check_text(function, &operands, count)?;
        Ok(Command::Call(function, operands))
    }

    fn operand(&mut self) -> Result<Operand, String> {
        match self.next().ok_or("an operand is missing")? {
            Token::Text(text) => Ok(Operand::Text(text)),
            Token::Word(word) => self::word(&word),
            Token::Open => self.nested(),
            other => Err(format!("`{}` is out of place", other.shown())),
        }
    }

    fn nested(&mut self) -> Result<Operand, String> {
        self.nested += 1;
        if self.nested > NESTED_MAX {
            return Err(format!("parentheses nest deeper than {NESTED_MAX}"));
        }
        let pipeline = self.pipeline()?;
        self.nested -= 1;
        match self.next() {
            Some(Token::Close) => Ok(Operand::Nested(Box::new(pipeline))),
            _ => Err("`(` is never closed".to_owned()),
        }
    }
}

fn function(word: &str) -> Result<Function, String> {
    if KEYWORDS.contains(&word) {
        return Err(format!("`{word}` is not supported in templates: they can only print values"));
    }
    Function::find(word)
}

/// Formats and patterns that are written out are checked when the rule is loaded.
fn check_text(function: Function, operands: &[Operand], count: usize) -> Result<(), String> {
    match (function.name, operands.first()) {
        ("printf", Some(Operand::Text(format))) => printf::check(format, count - 1),
        ("reReplaceAll", Some(Operand::Text(pattern))) => {
            Regex::new(pattern).map(drop).map_err(|error| regex_reason(pattern, &error))
        }
        _ => Ok(()),
    }
}

fn word(word: &str) -> Result<Operand, String> {
    let path = |prefix: &str| word.strip_prefix(prefix).filter(|name| super::super::is_label_name(name));
    if word == "$value" || word == ".Value" {
        return Ok(Operand::Value);
    }
    if word == "$labels" || word == ".Labels" {
        return Ok(Operand::Labels);
    }
    if let Some(name) = path("$labels.").or_else(|| path(".Labels.")) {
        return Ok(Operand::Label(name.to_owned()));
    }
    if path("$externalLabels.").or_else(|| path(".ExternalLabels.")).is_some() {
        return Ok(Operand::ExternalLabel);
    }
    word.parse().map(Operand::Number).map_err(|_| {
        format!(
            "`{word}` is unknown: there are $value, $labels.NAME, $externalLabels.NAME, texts and numbers"
        )
    })
}
