//! What somebody asks for in words, made a silence or refused.

use super::{Silence, Window, window};
use crate::config::Span;
use hostward_engine::Labels;
use hostward_engine::telling::Matchers;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;

/// The longest silence that holds once; what is longer wants another rule.
const ONCE_DAYS_MAX: i64 = 365;
const DAY_MS: i64 = 86_400_000;
/// Bound of a comment.
const COMMENT_CHARS_MAX: usize = 1000;

/// What is asked for, in the words of the command line.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Request {
    /// Conditions on labels.
    pub matchers: Vec<String>,
    /// Why.
    pub comment: String,
    /// For how long.
    pub r#for: Option<String>,
    /// From when, RFC 3339; now unless given.
    pub from: Option<String>,
    /// Until when, RFC 3339.
    pub until: Option<String>,
    /// Days of the week, for a silence that comes again.
    pub days: Option<String>,
    /// Times of day, for a silence that comes again.
    pub between: Option<String>,
    /// Time zone of these.
    pub zone: Option<String>,
}

/// The error beyond a bound on the number of silences.
pub fn refused_beyond(max: usize) -> String {
    format!("there are {max} silences already; end some of them first")
}

impl Request {
    /// The silence, or why there is none.
    pub fn silence(self, id: String, by: String, now_ms: i64) -> Result<Silence, String> {
        let matchers = Matchers::parse(self.matchers.clone())?;
        if matchers.matches(&Labels::default()) {
            return Err("that would silence everything: at least one matcher must want a label to be there"
                .to_owned());
        }
        let window =
            if self.days.is_some() || self.between.is_some() { self.weekly()? } else { self.once(now_ms)? };
        if window.end_ms().is_some_and(|end_ms| end_ms <= now_ms) {
            return Err("it would be over already".to_owned());
        }
        let comment = self.comment.chars().take(COMMENT_CHARS_MAX).collect();
        Ok(Silence { id, matchers, window, by, comment, created_ms: now_ms, ended: None, matched_ms: None })
    }

    fn once(&self, now_ms: i64) -> Result<Window, String> {
        if self.zone.is_some() {
            return Err("a time zone goes with days and between".to_owned());
        }
        let from_ms = self.from.as_deref().map(instant).transpose()?.unwrap_or(now_ms);
        let until_ms = match (&self.r#for, &self.until) {
            (Some(span), None) => {
                from_ms.saturating_add(i64::try_from(span.parse::<Span>()?.ms()).unwrap_or(i64::MAX))
            }
            (None, Some(until)) => instant(until)?,
            _ => return Err("say how long: either for or until, or days and between".to_owned()),
        };
        if until_ms <= from_ms || until_ms - from_ms > ONCE_DAYS_MAX * DAY_MS {
            return Err(format!("it must end after it begins, and within {ONCE_DAYS_MAX} days"));
        }
        Ok(Window::Once { from_ms, until_ms })
    }

    fn weekly(&self) -> Result<Window, String> {
        if self.from.is_some() || self.r#for.is_some() {
            return Err("days and between go with until, not with from or for".to_owned());
        }
        let days = window::days(self.days.as_deref().unwrap_or("mon-sun"))?;
        let (from, to) = window::times(self.between.as_deref().unwrap_or("00:00-24:00"))?;
        let zone = zone(self.zone.as_deref())?;
        let until_ms = self.until.as_deref().map(instant).transpose()?;
        Ok(Window::Weekly { days, from, to, zone, until_ms })
    }
}

fn instant(text: &str) -> Result<i64, String> {
    let refused =
        |_| format!("{text:?} is not a time such as 2026-11-21T14:00:00Z or 2026-11-21T15:00:00+01:00");
    text.parse::<Timestamp>().map(Timestamp::as_millisecond).map_err(refused)
}

/// The name of a zone that this host knows; the host's own unless given.
fn zone(name: Option<&str>) -> Result<String, String> {
    let own = || TimeZone::system().iana_name().map_or_else(|| "UTC".to_owned(), str::to_owned);
    let name = name.map_or_else(own, str::to_owned);
    let refused = |_| format!("this host knows no time zone {name:?}; is the package tzdata installed?");
    TimeZone::get(&name).map(|_| name.clone()).map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_795_269_600_000;

    fn asked(json: serde_json::Value) -> Result<Window, String> {
        let request: Request = serde_json::from_value(json).map_err(|error| error.to_string())?;
        request.silence("1".to_owned(), "ann".to_owned(), NOW_MS).map(|own| own.window)
    }

    #[test]
    fn what_is_asked_for_comes() {
        let matchers = ["alertname=Full"];
        let once = asked(serde_json::json!({ "matchers": matchers, "for": "2h" }));
        assert_eq!(once, Ok(Window::Once { from_ms: NOW_MS, until_ms: NOW_MS + 7_200_000 }));
        let weekly =
            asked(serde_json::json!({ "matchers": matchers, "days": "sat-sun", "zone": "Europe/Berlin" }));
        assert!(matches!(weekly, Ok(Window::Weekly { from: 0, to: 1440, .. })), "{weekly:?}");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let matchers = ["a=b"];
        for bad in [
            serde_json::json!({ "for": "2h" }),
            serde_json::json!({ "matchers": ["a!=b"], "for": "2h" }),
            serde_json::json!({ "matchers": ["a=~.*"], "for": "2h" }),
            serde_json::json!({ "matchers": matchers }),
            serde_json::json!({ "matchers": matchers, "for": "2h", "until": "2030-01-01T00:00:00Z" }),
            serde_json::json!({ "matchers": matchers, "until": "2001-01-01T00:00:00Z" }),
            serde_json::json!({ "matchers": matchers, "until": "tomorrow" }),
            serde_json::json!({ "matchers": matchers, "for": "400d" }),
            serde_json::json!({ "matchers": matchers, "for": "soon" }),
            serde_json::json!({ "matchers": matchers, "for": "1h", "zone": "UTC" }),
            serde_json::json!({ "matchers": matchers, "days": "mon", "for": "1h" }),
            serde_json::json!({ "matchers": matchers, "days": "mon", "zone": "Mars/Olympus" }),
            serde_json::json!({ "matchers": matchers, "for": "1h", "who": "me" }),
        ] {
            assert!(asked(bad.clone()).is_err(), "{bad}");
        }
    }
}
