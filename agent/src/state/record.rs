//! What holds an alert, as JSON that reads back the same.

use super::fault::StoreError;
use super::json;
use hostward_engine::telling::{Notice, Standing};
use hostward_engine::{Alert, Transition};
use hostward_model::number;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A record that holds an alert.
pub trait Bears: Clone + Serialize + DeserializeOwned {
    /// The alert.
    fn alert(&mut self) -> &mut Alert;
}

impl Bears for Transition {
    fn alert(&mut self) -> &mut Alert {
        &mut self.alert
    }
}

impl Bears for Standing {
    fn alert(&mut self) -> &mut Alert {
        &mut self.alert
    }
}

impl Bears for Notice {
    fn alert(&mut self) -> &mut Alert {
        &mut self.alert
    }
}

/// JSON has no word for infinity and NaN, and `x / 0 > 5` fires with just such a value: they stand beside the
/// record by JSON pointer.
#[derive(Serialize, Deserialize)]
struct Record<T> {
    #[serde(alias = "transition")]
    record: T,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    not_finite: BTreeMap<String, String>,
}

/// The record as text.
pub fn write<T: Bears>(own: &T) -> Result<String, StoreError> {
    let mut record = Record { record: own.clone(), not_finite: BTreeMap::new() };
    for (place, value) in numbers(record.record.alert()) {
        if !value.is_finite() {
            record.not_finite.insert(place, number::to_string(*value));
            *value = 0.0;
        }
    }
    json::write(&record)
}

/// The record from its text.
pub fn read<T: Bears>(text: &[u8]) -> Result<T, StoreError> {
    decode(text).map_err(|error| StoreError::Record(format!("hostward.db: {error}")))
}

/// Whether a record can be understood.
pub fn check<T: Bears>(text: &[u8]) -> Result<(), String> {
    decode::<T>(text).map(drop)
}

fn decode<T: Bears>(text: &[u8]) -> Result<T, String> {
    let Record { mut record, not_finite } = json::read::<Record<T>>(text)?;
    for (place, value) in numbers(record.alert()) {
        if let Some(text) = not_finite.get(&place) {
            *value = text.parse().map_err(|_| format!("{place}: {text:?} is not a number"))?;
        }
    }
    Ok(record)
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
        let back: Transition = read(write(&odd).unwrap().as_bytes()).unwrap();
        assert_eq!(back, odd);
        odd.alert.value = f64::NAN;
        let back: Transition = read(write(&odd).unwrap().as_bytes()).unwrap();
        assert!(back.alert.value.is_nan());
    }

    #[test]
    fn ordinary_records_are_plain_and_older_ones_are_read() {
        let text = write(&transition(1, Pending, Firing)).unwrap();
        assert!(!text.contains("not_finite"), "{text}");
        assert!(check::<Transition>(b"{}").is_err());
        let older = text.replacen("\"record\"", "\"transition\"", 1).replace(",\"until_ms\":null", "");
        assert_eq!(read::<Transition>(older.as_bytes()).unwrap(), transition(1, Pending, Firing));
    }
}
