//! What a file looks like, from outside: enough to tell which format it is.

use super::fault::Fault;
use super::json;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

const KEYS_MAX: usize = 64;

/// What a file looks like.
#[derive(Debug)]
pub(super) enum Shape<'a> {
    /// A JSON object, or several in lines; the keys of the first.
    Object(Vec<String>),
    /// A JSON list; the keys of its first object.
    List(Vec<String>),
    /// XML, from its first element on.
    Xml(&'a str),
    /// Anything else.
    Text(&'a str),
}

impl<'a> Shape<'a> {
    pub fn of(text: &'a str) -> Result<Shape<'a>, Fault> {
        match text.trim_start().chars().next() {
            None => Err(Fault::whole("the file is empty; did the scanner run to its end?")),
            Some('{' | '[') => json_shape(text),
            Some('<') => Ok(Shape::Xml(head(text))),
            Some(_) => Ok(Shape::Text(head(text))),
        }
    }

    /// True for an object with that key.
    pub fn has(&self, key: &str) -> bool {
        matches!(self, Shape::Object(keys) if keys.iter().any(|own| own == key))
    }

    /// True for a list whose first object has that key.
    pub fn lists(&self, key: &str) -> bool {
        matches!(self, Shape::List(keys) if keys.iter().any(|own| own == key))
    }
}

/// The first 64 KiB or so.
fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(64 << 10)]
}

fn json_shape<'a>(text: &str) -> Result<Shape<'a>, Fault> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Keys>();
    match values.next() {
        Some(Ok(Keys::Object(keys))) => Ok(Shape::Object(keys)),
        Some(Ok(Keys::List(keys))) => Ok(Shape::List(keys)),
        Some(Err(error)) => Err(json::fault(text, text, &error)),
        _ => Err(Fault::whole("expected a JSON object or list")),
    }
}

impl fmt::Display for Shape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Object(keys) => write!(f, "a JSON object with the keys {}", keys.join(", ")),
            Shape::List(keys) => write!(f, "a JSON list of objects with the keys {}", keys.join(", ")),
            Shape::Xml(_) => f.write_str("this XML"),
            Shape::Text(_) => f.write_str("this text"),
        }
    }
}

enum Keys {
    Object(Vec<String>),
    List(Vec<String>),
    Neither,
}

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeysVisitor)
    }
}

struct KeysVisitor;

impl<'de> Visitor<'de> for KeysVisitor {
    type Value = Keys;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object or a list")
    }
    fn visit_str<E: Error>(self, _: &str) -> Result<Keys, E> {
        Ok(Keys::Neither)
    }
    fn visit_f64<E: Error>(self, _: f64) -> Result<Keys, E> {
        Ok(Keys::Neither)
    }
    fn visit_i64<E: Error>(self, _: i64) -> Result<Keys, E> {
        Ok(Keys::Neither)
    }
    fn visit_u64<E: Error>(self, _: u64) -> Result<Keys, E> {
        Ok(Keys::Neither)
    }
    fn visit_bool<E: Error>(self, _: bool) -> Result<Keys, E> {
        Ok(Keys::Neither)
    }
    fn visit_unit<E: Error>(self) -> Result<Keys, E> {
        Ok(Keys::Neither)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
        let mut keys = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            map.next_value::<IgnoredAny>()?;
            if keys.len() < KEYS_MAX {
                keys.push(key);
            }
        }
        Ok(Keys::Object(keys))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Keys, A::Error> {
        let first = list.next_element::<Keys>()?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Keys::List(match first {
            Some(Keys::Object(keys)) => keys,
            _ => Vec::new(),
        }))
    }
}
