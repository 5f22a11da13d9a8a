//! A transition as JSON that reads back the same.

use hostward_engine::{Alert, Transition};
use hostward_model::number;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// JSON has no word for infinity and NaN, and `x / 0 > 5` fires with just such a value: they stand beside the
/// transition by JSON pointer.
#[derive(Serialize, Deserialize)]
struct Record {
    transition: Transition,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    not_finite: BTreeMap<String, String>,
}

/// As JSON.
pub fn encode(transition: &Transition) -> serde_json::Result<String> {
    let mut record = Record { transition: transition.clone(), not_finite: BTreeMap::new() };
    for (place, value) in numbers(&mut record.transition.alert) {
        if !value.is_finite() {
            record.not_finite.insert(place, number::to_string(*value));
            *value = 0.0;
        }
    }
    serde_json::to_string(&record)
}

/// From JSON.
pub fn decode(text: &[u8]) -> Result<Transition, String> {
    let Record { mut transition, not_finite } =
        serde_json::from_slice(text).map_err(|error| error.to_string())?;
    for (place, value) in numbers(&mut transition.alert) {
        if let Some(text) = not_finite.get(&place) {
            *value = text.parse().map_err(|_| format!("{place}: {text:?} is not a number"))?;
        }
    }
    Ok(transition)
}

/// Every number of an alert that may be infinite, and where it stands.
fn numbers(alert: &mut Alert) -> Vec<(String, &mut f64)> {
    let mut all = vec![("/value".to_owned(), &mut alert.value)];
    for (index, evidence) in alert.evidence.iter_mut().enumerate() {
        let place = |name: &str| format!("/evidence/{index}/{name}");
        all.push((place("value"), &mut evidence.value));
        all.extend(evidence.expected.as_mut().map(|value| (place("expected"), value)));
        all.extend(evidence.confidence.as_mut().map(|value| (place("confidence"), value)));
        if let Some((low, high)) = evidence.band.as_mut() {
            all.extend([(place("band/0"), low), (place("band/1"), high)]);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::transition;
    use hostward_engine::State::{Firing, Pending};

    #[test]
    fn numbers_that_json_cannot_write_read_back() {
        let mut odd = transition(1, Pending, Firing);
        odd.alert.value = f64::INFINITY;
        odd.alert.evidence[0].band = Some((f64::NEG_INFINITY, 0.1 + 0.2));
        let back = decode(encode(&odd).unwrap().as_bytes()).unwrap();
        assert_eq!(back, odd);
        odd.alert.value = f64::NAN;
        let back = decode(encode(&odd).unwrap().as_bytes()).unwrap();
        assert!(back.alert.value.is_nan());
    }

    #[test]
    fn ordinary_records_are_plain() {
        let text = encode(&transition(1, Pending, Firing)).unwrap();
        assert!(!text.contains("not_finite"), "{text}");
        assert!(decode(b"{}").is_err());
    }
}
