//! A template cut into text and actions.

use super::token::{Token, tokens};

/// Text, or the tokens of an action.
pub enum Piece {
    Text(String),
    Action(Vec<Token>),
}

/// A template cut at its actions; the space that `{{-` and `-}}` trim and comments are left out.
pub fn pieces(text: &str) -> Result<Vec<Piece>, String> {
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
