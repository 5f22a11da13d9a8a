//! Failures that somebody answers for, until a day.

use crate::check::{Judgement, Verdict};
use crate::content::{self, ContentError};
use serde::Deserialize;

/// A failure that somebody answers for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// Id of the check.
    pub check: String,
    /// Who answers for it.
    pub owner: String,
    /// Why it may fail.
    pub reason: String,
    /// The last day on which it may, as `2026-12-31`.
    pub expires: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "waiver")]
    waivers: Vec<Waiver>,
}

impl Waiver {
    /// Reads the waivers of a file.
    pub fn parse(file: &str, text: &str) -> Result<Vec<Waiver>, ContentError> {
        let waivers = content::parse::<File>(file, text)?.waivers;
        match waivers.iter().find(|own| !is_day(&own.expires)) {
            Some(own) => {
                let message =
                    format!("{}: expires {:?}: expected a day as 2026-12-31", own.check, own.expires);
                Err(ContentError::whole(file, message))
            }
            None => Ok(waivers),
        }
    }
}

/// Marks the failures that somebody answers for on the day `today`, as `2026-11-21`. One that has run out changes
/// nothing but the reason.
pub fn waive(judgements: &mut [Judgement], waivers: &[Waiver], today: &str) {
    for own in judgements.iter_mut().filter(|own| own.verdict == Verdict::Fail) {
        let Some(waiver) =
            waivers.iter().filter(|waiver| waiver.check == own.check).max_by_key(|own| &own.expires)
        else {
            continue;
        };
        if today <= waiver.expires.as_str() {
            own.verdict = Verdict::Waived;
            own.reason = format!("{} until {}: {}", waiver.owner, waiver.expires, waiver.reason);
        } else {
            own.reason = format!("the waiver of {} ran out on {}", waiver.owner, waiver.expires);
        }
    }
}

/// Such days are in order as text.
fn is_day(text: &str) -> bool {
    let digits = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.split('-').collect::<Vec<_>>().as_slice() {
        [year, month, day] => {
            digits(year, 4)
                && digits(month, 2)
                && digits(day, 2)
                && ("01"..="12").contains(month)
                && ("01"..="31").contains(day)
        }
        _ => false,
    }
}
