//! What a script expects beside values: failures, notes, an order.

use regex::Regex;

/// One line that begins with `expect`, or the ending of `eval_fail`.
pub enum Expect {
    /// The query fails.
    Fail(Text),
    /// There is a warning.
    Warn(Text),
    /// There is a note.
    Info(Text),
    /// There is no warning.
    NoWarn,
    /// There is no note.
    NoInfo,
    /// The series come in the order of the script.
    Ordered,
    /// The answer is this text.
    String(String),
    /// The answer is a range vector whose points stand at these times.
    RangeVector { from: String, step: String },
}

/// What a message says.
pub enum Text {
    /// Anything.
    Any,
    /// Exactly this.
    Exact(String),
    /// Something that has a match.
    Match(Regex),
}

impl Expect {
    /// A line of an eval, if it says what to expect.
    pub fn parse_line(line: &str) -> Option<Result<Self, String>> {
        if let Some(message) = line.strip_prefix("expected_fail_message") {
            return Some(Ok(Expect::Fail(Text::Exact(message.trim().to_owned()))));
        }
        if let Some(pattern) = line.strip_prefix("expected_fail_regexp") {
            return Some(pattern_of(pattern).map(Expect::Fail));
        }
        let rest = line.strip_prefix("expect")?;
        rest.starts_with(char::is_whitespace).then(|| Expect::parse(rest.trim()))
    }

    /// What stands after `expect`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        match word {
            "fail" => Text::parse(rest).map(Expect::Fail),
            "warn" => Text::parse(rest).map(Expect::Warn),
            "info" => Text::parse(rest).map(Expect::Info),
            "no_warn" => Ok(Expect::NoWarn),
            "no_info" => Ok(Expect::NoInfo),
            "ordered" => Ok(Expect::Ordered),
            "string" => Ok(Expect::String(unquoted(rest.trim()))),
            "range" => range_vector(rest),
            _ => Err(format!("`{word}` cannot be expected")),
        }
    }
}

impl Text {
    fn parse(text: &str) -> Result<Self, String> {
        match text.trim().split_once(':') {
            None => Ok(Text::Any),
            Some(("msg", message)) => Ok(Text::Exact(message.trim().to_owned())),
            Some(("regex", pattern)) => pattern_of(pattern),
            Some((word, _)) => Err(format!("`{word}`: a message is given by msg: or regex:")),
        }
    }

    /// Whether a message is what is expected; an error may go on after it, and a place may follow.
    pub fn fits(&self, message: &str) -> bool {
        match self {
            Text::Any => true,
            Text::Exact(wanted) => message
                .strip_prefix(wanted.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(": ") || is_place(rest)),
            Text::Match(pattern) => pattern.is_match(message),
        }
    }

    /// For messages.
    pub fn shown(&self) -> &str {
        match self {
            Text::Any => "anything",
            Text::Exact(text) => text,
            Text::Match(pattern) => pattern.as_str(),
        }
    }
}

/// ` (LINE:COLUMN)`, as a note ends.
fn is_place(text: &str) -> bool {
    let place = text.strip_prefix(" (").and_then(|rest| rest.strip_suffix(')'));
    place
        .and_then(|place| place.split_once(':'))
        .is_some_and(|(line, column)| [line, column].iter().all(|number| number.parse::<usize>().is_ok()))
}

fn pattern_of(text: &str) -> Result<Text, String> {
    Regex::new(text.trim()).map(Text::Match).map_err(|error| format!("`{text}`: {error}"))
}

fn unquoted(text: &str) -> String {
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('`')).or_else(|| inner('\'')).unwrap_or(text).to_owned()
}

fn range_vector(text: &str) -> Result<Expect, String> {
    let words: Vec<_> = text.split_whitespace().collect();
    match words.as_slice() {
        ["vector", "from", from, "to", _, "step", step] => {
            Ok(Expect::RangeVector { from: (*from).to_owned(), step: (*step).to_owned() })
        }
        _ => Err(format!("`{text}`: write range vector from TIME to TIME step LENGTH")),
    }
}
