//! The part of a URL after `?`.

use super::problem::Problem;
use crate::dataset::date;
use crate::percent::decode;
use hostward_engine::rules::parse_duration_ms;

/// Names and values, decoded; of two with the same name the first counts.
#[derive(Debug, Default)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Decodes `a=b&c=d`.
    pub fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        let split = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        };
        Parameters(pairs.map(split).collect())
    }

    /// These, and behind them others.
    pub fn then(mut self, others: Parameters) -> Self {
        self.0.extend(others.0);
        self
    }

    /// A value that must be there.
    pub fn text(&self, name: &str) -> Result<&str, Problem> {
        self.get(name).ok_or_else(|| Problem::bad(format!("the parameter {name:?} is missing")))
    }

    /// A value, if it is there.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// All values with that name.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_str()).collect()
    }

    /// A number of seconds since the epoch, or a date and time, in milliseconds.
    pub fn seconds_ms(&self, name: &str, default: Option<i64>) -> Result<i64, Problem> {
        if let (None, Some(default)) = (self.get(name), default) {
            return Ok(default);
        }
        let text = self.text(name)?;
        let bad =
            || Problem::bad(format!("{name:?} must be a number of seconds or a date, {text:?} is neither"));
        seconds(text).or_else(|| date(text)).ok_or_else(bad)
    }

    /// A length of time, as a number of seconds or as in PromQL, in milliseconds.
    pub fn span_ms(&self, name: &str, default: Option<i64>) -> Result<i64, Problem> {
        if let (None, Some(default)) = (self.get(name), default) {
            return Ok(default);
        }
        let text = self.text(name)?;
        let span = || i64::try_from(parse_duration_ms(text).ok()?).ok();
        let bad =
            || Problem::bad(format!("{name:?} must be a length of time such as 15 or 1m, {text:?} is not"));
        seconds(text).or_else(span).ok_or_else(bad)
    }
}

fn seconds(text: &str) -> Option<i64> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| seconds.abs() < 1e12);
    seconds.map(|seconds| (seconds * 1000.0).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded() {
        let parameters = Parameters::parse("query=a%7Bb%3D%22c%22%7D&x=1+2&bad=%zz%4&empty");
        let values = ["query", "x", "bad", "empty"].map(|name| parameters.text(name).ok().unwrap());
        assert_eq!(values, ["a{b=\"c\"}", "1 2", "%zz%4", ""]);
    }

    #[test]
    fn numbers_are_checked() {
        let parameters = Parameters::parse("a=1.5&b=x&c=1e300");
        assert_eq!(parameters.seconds_ms("a", None).ok(), Some(1500));
        assert_eq!(parameters.seconds_ms("d", Some(7)).ok(), Some(7));
        assert!(["b", "c", "d"].iter().all(|name| parameters.seconds_ms(name, None).is_err()));
    }
}
