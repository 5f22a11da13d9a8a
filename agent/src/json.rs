//! What the engine gives, as JSON.

use hostward_engine::Labels;
use serde_json::{Map, Value};

/// Labels as an object.
pub fn labels(labels: &Labels) -> Value {
    let pairs = labels.iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
    Value::Object(pairs.collect::<Map<_, _>>())
}
