//! Conditions on labels as Alertmanager writes them: `severity="critical"`, `alertname=~"Disk.*"`.

use crate::labels::Labels;
use crate::promql::source::{Matcher, Pattern, Selector, Test};
use regex::RegexBuilder;
use serde::{Deserialize, Serialize};

/// Conditions in one list.
const MATCHERS_MAX: usize = 32;
/// A condition's text.
const MATCHER_BYTES_MAX: usize = 1024;
/// Memory of a compiled pattern.
const PATTERN_BYTES_MAX: usize = 1 << 20;
/// The longer ones first, or `=~` would be read as `=`.
const OPERATORS: [&str; 4] = ["=~", "!~", "!=", "="];

/// Conditions that must all hold; without any, everything matches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Matchers {
    texts: Vec<String>,
    selector: Selector,
}

impl Matchers {
    /// Reads each text as one condition.
    pub fn parse(texts: Vec<String>) -> Result<Self, String> {
        if texts.len() > MATCHERS_MAX {
            return Err(format!("more than {MATCHERS_MAX} matchers"));
        }
        let matchers = texts.iter().map(|text| parse(text)).collect::<Result<_, _>>()?;
        Ok(Matchers { texts, selector: Selector { name: None, matchers } })
    }

    /// Whether all conditions hold.
    pub fn matches(&self, labels: &Labels) -> bool {
        self.selector.matches(labels)
    }

    /// Without any condition.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The conditions as they were written.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }
}

impl Default for Matchers {
    fn default() -> Self {
        Matchers { texts: Vec::new(), selector: Selector { name: None, matchers: Vec::new() } }
    }
}

impl TryFrom<Vec<String>> for Matchers {
    type Error = String;

    fn try_from(texts: Vec<String>) -> Result<Self, String> {
        Matchers::parse(texts)
    }
}

impl From<Matchers> for Vec<String> {
    fn from(own: Matchers) -> Vec<String> {
        own.texts
    }
}

fn parse(text: &str) -> Result<Matcher, String> {
    let refused = |why: &str| format!("{text:?} is not a matcher such as severity=\"critical\": {why}");
    if text.len() > MATCHER_BYTES_MAX {
        return Err(format!("a matcher is longer than {MATCHER_BYTES_MAX} bytes"));
    }
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let (label, rest) = text.split_at(end);
    if !label.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return Err(refused("it does not begin with the name of a label"));
    }
    let rest = rest.trim_start();
    let operator = OPERATORS.into_iter().find(|own| rest.starts_with(own));
    let operator = operator.ok_or_else(|| refused("after the name comes =, !=, =~ or !~"))?;
    let value = unquoted(rest[operator.len()..].trim()).ok_or_else(|| refused("its quotes do not match"))?;
    let test = match operator {
        "=" => Test::Equal(value),
        "!=" => Test::NotEqual(value),
        "=~" => Test::Match(pattern(&value).map_err(|why| refused(&why))?),
        _ => Test::NoMatch(pattern(&value).map_err(|why| refused(&why))?),
    };
    Ok(Matcher { label: label.to_owned(), test })
}

/// Anchored at both ends, as everywhere in Prometheus.
fn pattern(text: &str) -> Result<Pattern, String> {
    let built = RegexBuilder::new(&format!("^(?s:{text})$")).size_limit(PATTERN_BYTES_MAX).build();
    built.map(Pattern).map_err(|error| error.to_string())
}

/// The text between quotes, with `\"`, `\\` and `\n` resolved; a text without quotes is itself.
fn unquoted(text: &str) -> Option<String> {
    let Some(inner) = text.strip_prefix('"') else { return (!text.contains('"')).then(|| text.to_owned()) };
    let (mut out, mut rest) = (String::new(), inner.chars());
    loop {
        match rest.next()? {
            '"' => return rest.next().is_none().then_some(out),
            '\\' => match rest.next()? {
                'n' => out.push('\n'),
                own @ ('"' | '\\') => out.push(own),
                other => out.extend(['\\', other]),
            },
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn holds(text: &str) -> Result<bool, String> {
        let labels = Labels::new([("severity", "critical"), ("path", "/a \"b\"\\")]);
        Ok(Matchers::parse(vec![text.to_owned()])?.matches(&labels))
    }

    #[test]
    fn conditions_hold_or_not() {
        for text in [
            "severity=critical",
            "severity=\"critical\"",
            " severity = \"critical\" ",
            "severity!=warning",
            "severity=~crit.*|info",
            "severity!~\"crit\"",
            "absent=\"\"",
            "absent!=x",
            r#"path="/a \"b\"\\""#,
            r#"path=~"/a.*\\\\""#,
        ] {
            assert_eq!(holds(text), Ok(true), "{text}");
        }
        for text in ["severity=warning", "severity=~crit", "severity=\"\"", "absent=x"] {
            assert_eq!(holds(text), Ok(false), "{text}");
        }
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        for text in
            ["", "=x", "severity", "severity>3", "severity=\"x", "severity=x\"", "a=~(", "1a=b", "a=\"b\"c"]
        {
            assert!(holds(text).is_err(), "{text}");
        }
        assert!(Matchers::parse(vec!["a=b".to_owned(); MATCHERS_MAX + 1]).is_err());
        assert!(holds(&format!("a={}", "x".repeat(MATCHER_BYTES_MAX))).is_err());
    }

    proptest! {
        #[test]
        fn any_value_can_be_written(value in "\\PC*") {
            let text = format!("a=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""));
            prop_assume!(text.len() <= MATCHER_BYTES_MAX);
            let matchers = Matchers::parse(vec![text]).unwrap();
            prop_assert!(matchers.matches(&Labels::new([("a", value.as_str())])));
        }

        #[test]
        fn nothing_that_is_written_breaks_it(text in "\\PC{0,60}") {
            let _ = Matchers::parse(vec![text]);
        }
    }
}
