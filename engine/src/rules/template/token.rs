//! What stands between `{{` and `}}`, word by word.

/// A token of an action.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Pipe,
    Open,
    Close,
    Comma,
    /// `:=`
    Declare,
    /// `=`
    Assign,
    Text(String),
    /// A character is a number.
    Char(char),
    /// A path that follows a closing parenthesis without space.
    Path(String),
    /// A name, a variable, a path or a number.
    Word(String),
}

impl Token {
    pub fn shown(&self) -> &str {
        match self {
            Token::Pipe => "|",
            Token::Open => "(",
            Token::Close => ")",
            Token::Comma => ",",
            Token::Declare => ":=",
            Token::Assign => "=",
            Token::Char(_) => "a character",
            Token::Text(text) | Token::Word(text) | Token::Path(text) => text,
        }
    }
}

/// The tokens of an action.
pub fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '|' => (Token::Pipe, 1),
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            ':' if rest.starts_with(":=") => (Token::Declare, 2),
            '=' => (Token::Assign, 1),
            '"' | '`' => string(rest)?,
            '\'' => character(rest)?,
            _ => word(rest),
        };
        tokens.push(token);
        rest = &rest[length..];
        if tokens.last() == Some(&Token::Close) && rest.starts_with('.') {
            let (path, length) = word(rest);
            tokens.push(Token::Path(path.shown().to_owned()));
            rest = &rest[length..];
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}

fn word(text: &str) -> (Token, usize) {
    let ends = |(at, c): &(usize, char)| *at > 0 && (c.is_whitespace() || "|(),:=\"`'".contains(*c));
    let length = text.char_indices().find(ends).map_or(text.len(), |(at, _)| at);
    (Token::Word(text[..length].to_owned()), length)
}

fn character(text: &str) -> Result<(Token, usize), String> {
    let mut chars = text[1..].chars();
    let c = match chars.next() {
        Some('\\') => match chars.next() {
            Some('n') => Some('\n'),
            Some('t') => Some('\t'),
            c => c,
        },
        c => c,
    };
    match (c, chars.next()) {
        (Some(c), Some('\'')) => Ok((Token::Char(c), text.len() - chars.as_str().len())),
        _ => Err(format!("{text}: between ' and ' there is one character")),
    }
}

/// The string that the text begins with, and its length.
fn string(text: &str) -> Result<(Token, usize), String> {
    let raw = text.starts_with('`');
    let (mut out, mut chars) = (String::new(), text.char_indices().skip(1));
    while let Some((at, c)) = chars.next() {
        match c {
            '`' if raw => return Ok((Token::Text(out), at + 1)),
            '"' if !raw => return Ok((Token::Text(out), at + 1)),
            '\\' if !raw => match chars.next().map(|(_, c)| c) {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some(c @ ('"' | '\\' | '\'')) => out.push(c),
                _ => return Err(format!("{text}: after \\ there are n, t, r, \\ and \"")),
            },
            c => out.push(c),
        }
    }
    Err(format!("the string {text} is never closed"))
}
