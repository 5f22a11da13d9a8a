//! JSON, a record at a time: lists stay text until each of their records is looked at, so memory is bounded by the
//! file and not by what somebody wrote into it.

use super::fault::Fault;
use super::report::FINDINGS_MAX;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

/// Records kept of one list; the others are counted.
const RECORDS_MAX: usize = FINDINGS_MAX;
/// Elements kept of a list inside a record.
const FEW_MAX: usize = 64;

/// What is kept of one text: more than any part of a finding takes. Without it, one long text that many records
/// refer to would be copied for each.
const TEXT_BYTES_MAX: usize = 16 << 10;

/// A part of a file as a record of that type, or where it is none. `part` is a piece of `text`.
pub(super) fn parse<'a, T: Deserialize<'a>>(text: &str, part: &'a str) -> Result<T, Fault> {
    serde_json::from_str(part).map_err(|error| fault(text, part, &error))
}

/// What serde_json says, with its place in the whole file.
pub(super) fn fault(text: &str, part: &str, error: &serde_json::Error) -> Fault {
    let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let lines = part.split_inclusive('\n').take(error.line().saturating_sub(1));
    let inside = lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
    let said = error.to_string();
    let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
    Fault::at(start + inside, said)
}

/// A text, or a number or truth value as text; anything else is no text. Nothing is the empty text.
#[derive(Clone, Debug, Default)]
pub(super) struct Words<'a>(Cow<'a, str>);

impl std::ops::Deref for Words<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Words<'_> {
    pub fn owned(&self) -> String {
        self.0.clone().into_owned()
    }

    /// Nothing, when it is empty.
    pub fn some(&self) -> Option<String> {
        (!self.0.trim().is_empty()).then(|| self.owned())
    }

    /// This one, or another when it is empty.
    pub fn or<'o>(&'o self, other: &'o str) -> &'o str {
        if self.0.trim().is_empty() { other } else { &self.0 }
    }

    /// As a number of a line or column; 0 is none.
    pub fn number(&self) -> Option<u32> {
        self.0.trim().parse().ok().filter(|number| *number > 0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Words<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordsVisitor).map(Words)
    }
}

/// An object, or null where a program writes that for none.
pub(super) fn given<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_BYTES_MAX)]
}

struct WordsVisitor;

impl<'de> Visitor<'de> for WordsVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a text")
    }
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(beginning(text)))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(beginning(text).to_owned()))
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(number.to_string()))
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(number.to_string()))
    }
    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(number.to_string()))
    }
    fn visit_bool<E: Error>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(Cow::Owned(truth.to_string()))
    }
    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(""))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        IgnoredAny.visit_seq(list).map(|_| Cow::Borrowed(""))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        IgnoredAny.visit_map(map).map(|_| Cow::Borrowed(""))
    }
}

/// A list or the values of an object, each still as text.
#[derive(Debug, Default)]
pub(super) struct Records<'a> {
    pub kept: Vec<&'a str>,
    /// How many more there were.
    pub more: usize,
}

impl<'de: 'a, 'a> Deserialize<'de> for Records<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let kept = List::<&'de RawValue>::deserialize(deserializer, RECORDS_MAX)?;
        Ok(Records { kept: kept.kept.into_iter().map(RawValue::get).collect(), more: kept.more })
    }
}

/// A short list; what is beyond its bound is left out.
#[derive(Debug)]
pub(super) struct Few<T>(pub Vec<T>);

impl<T> Default for Few<T> {
    fn default() -> Self {
        Few(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Few<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        List::deserialize(deserializer, FEW_MAX).map(|list| Few(list.kept))
    }
}

struct List<T> {
    kept: Vec<T>,
    more: usize,
}

impl<'de, T: Deserialize<'de>> List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D, max: usize) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor { max, of: PhantomData })
    }
}

struct ListVisitor<T> {
    max: usize,
    of: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(List { kept: Vec::new(), more: 0 })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut out = List { kept: Vec::new(), more: 0 };
        while out.kept.len() < self.max {
            match list.next_element()? {
                Some(element) => out.kept.push(element),
                None => return Ok(out),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {
            out.more += 1;
        }
        Ok(out)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut out = List { kept: Vec::new(), more: 0 };
        while map.next_key::<IgnoredAny>()?.is_some() {
            if out.kept.len() < self.max {
                out.kept.push(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
                out.more += 1;
            }
        }
        Ok(out)
    }
}

/// A short object whose keys are text; what is beyond its bound is left out.
#[derive(Debug)]
pub(super) struct Map<T>(pub BTreeMap<String, T>);

impl<T> Default for Map<T> {
    fn default() -> Self {
        Map(BTreeMap::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Map<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MapVisitor(PhantomData)).map(Map)
    }
}

struct MapVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for MapVisitor<T> {
    type Value = BTreeMap<String, T>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(BTreeMap::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut out = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            if out.len() < FEW_MAX {
                out.insert(key, map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(out)
    }
}

/// One text, or a list of them.
#[derive(Debug, Default)]
pub(super) struct OneOrMore<'a>(pub Vec<Words<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for OneOrMore<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?;
        let list = if raw.get().starts_with('[') {
            serde_json::from_str::<Few<Words<'a>>>(raw.get()).map(|list| list.0)
        } else {
            serde_json::from_str::<Words<'a>>(raw.get()).map(|one| vec![one])
        };
        list.map(OneOrMore).map_err(D::Error::custom)
    }
}
