//! What stands between `{{` and `}}`, word by word.

/// A token of an action.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Pipe,
    Open,
    Close,
    Text(String),
    /// A name, a variable, a path or a number.
    Word(String),
}

impl Token {
    pub fn shown(&self) -> &str {
        match self {
            Token::Pipe => "|",
            Token::Open => "(",
            Token::Close => ")",
            Token::Text(text) | Token::Word(text) => text,
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
            '"' | '`' => string(rest)?,
            _ => {
                let length =
                    rest.find(|c: char| c.is_whitespace() || "|()\"`".contains(c)).unwrap_or(rest.len());
                (Token::Word(rest[..length].to_owned()), length)
            }
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
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
                Some(c @ ('"' | '\\')) => out.push(c),
                _ => return Err(format!("{text}: after \\ there are n, t, \\ and \"")),
            },
            c => out.push(c),
        }
    }
    Err(format!("the string {text} is never closed"))
}
