//! From the text of a script to its commands. A blank line, a comment or the next command ends one.

use super::expect::Expect;
use hostward_engine::rules::parse_duration_ms;

/// A command of a script.
pub enum Command {
    /// Forget all series.
    Clear,
    /// More series.
    Load(Load),
    /// A query and its answer.
    Eval(Eval),
}

/// `load STEP` and the series under it.
pub struct Load {
    /// Between two values.
    pub step_ms: i64,
    /// Classic histograms are native ones as well.
    pub with_nhcb: bool,
    /// One each line.
    pub series: Vec<String>,
}

/// `eval` and what is expected.
pub struct Eval {
    /// The expression.
    pub query: String,
    /// When it is evaluated.
    pub times: Times,
    /// What is expected beside the values.
    pub expect: Vec<Expect>,
    /// The values that are expected, one series each line.
    pub lines: Vec<String>,
}

/// When a query is evaluated.
#[derive(Clone, Copy)]
pub enum Times {
    /// At one instant.
    Instant(i64),
    /// First, last and step.
    Range(i64, i64, i64),
}

/// The commands, each with its line, or what is wrong there.
pub fn parse(text: &str) -> Vec<(usize, Result<Command, String>)> {
    let mut commands = Vec::new();
    let mut lines = text.lines().map(str::trim).enumerate().map(|(index, line)| (index + 1, line)).peekable();
    while let Some((number, line)) = lines.next() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut body = Vec::new();
        if line != "clear" {
            while let Some((_, line)) = lines.next_if(|(_, line)| !ends_command(line)) {
                body.push(line.to_owned());
            }
        }
        commands.push((number, command(line, body)));
    }
    commands
}

/// Old scripts leave the blank line out.
fn ends_command(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let is_eval = words.next().is_some_and(|word| word == "eval" || word.starts_with("eval_"))
        && matches!(words.next(), Some("instant" | "range"));
    line.is_empty() || line.starts_with('#') || line == "clear" || is_eval
}

fn command(line: &str, body: Vec<String>) -> Result<Command, String> {
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    match word {
        "clear" => Ok(Command::Clear),
        "load" | "load_with_nhcb" => {
            let with_nhcb = word == "load_with_nhcb";
            Ok(Command::Load(Load { step_ms: time_ms(rest)?, with_nhcb, series: body }))
        }
        _ if word.starts_with("eval") => eval(word, rest, body).map(Command::Eval),
        _ => Err(format!("`{word}` is no command: there are load, clear and eval")),
    }
}

fn eval(word: &str, rest: &str, body: Vec<String>) -> Result<Eval, String> {
    let mut expect = match word.strip_prefix("eval").and_then(|rest| rest.strip_prefix('_')) {
        Some(kind) => vec![Expect::parse(kind)?],
        None => Vec::new(),
    };
    let mut lines = Vec::new();
    for line in body {
        match Expect::parse_line(&line) {
            Some(found) => expect.push(found?),
            None => lines.push(line),
        }
    }
    let mut words = Words(rest);
    let times = match words.next() {
        "instant" => {
            words.skip("at")?;
            Times::Instant(time_ms(words.next())?)
        }
        "range" => {
            words.skip("from")?;
            let from_ms = time_ms(words.next())?;
            words.skip("to")?;
            let to_ms = time_ms(words.next())?;
            words.skip("step")?;
            Times::Range(from_ms, to_ms, time_ms(words.next())?)
        }
        other => return Err(format!("`{other}`: after eval there is instant or range")),
    };
    Ok(Eval { query: words.0.trim().to_owned(), times, expect, lines })
}

struct Words<'a>(&'a str);

impl<'a> Words<'a> {
    fn next(&mut self) -> &'a str {
        let text = self.0.trim_start();
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        self.0 = rest;
        word
    }

    fn skip(&mut self, wanted: &str) -> Result<(), String> {
        match self.next() {
            word if word == wanted => Ok(()),
            word => Err(format!("`{word}` stands where `{wanted}` should")),
        }
    }
}

/// A duration, or a number of seconds; either may be negative.
pub fn time_ms(text: &str) -> Result<i64, String> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Ok((seconds * 1000.0).round() as i64);
    }
    let (sign, length) = text.strip_prefix('-').map_or((1, text), |length| (-1, length));
    Ok(sign * i64::try_from(parse_duration_ms(length)?).map_err(|_| format!("`{text}` is too long"))?)
}
