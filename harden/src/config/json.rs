//! Keys that a JSON object lacks, put into its text: what is there keeps its value, its order and its lines.

use serde_json::value::RawValue;
use std::collections::BTreeMap;

type Object<'t> = BTreeMap<String, &'t RawValue>;

/// An object with more keys.
#[derive(Debug, PartialEq, Eq)]
pub struct Merged {
    pub text: String,
    /// Keys that are there with other values, and these: `a.b` is b within a.
    pub kept: Vec<(String, String)>,
}

/// `wanted` put into `text`, both of them objects; nothing at all is an empty one. The keys of `replaced` get new values.
pub fn merged(text: &str, wanted: &str, replaced: &[&str]) -> Result<Merged, String> {
    let empty = text.trim().is_empty();
    let text = if empty { "{}\n" } else { text };
    let mut kept = Vec::new();
    let said = |error: serde_json::Error| error.to_string();
    let text = object(text, wanted, "", replaced, &mut kept).map_err(said)?;
    Ok(Merged { text, kept })
}

/// Any object: whether there is one.
pub fn is_object(text: &str) -> Result<(), String> {
    merged(text, "{}", &[]).map(drop)
}

fn object(
    text: &str,
    wanted: &str,
    path: &str,
    replaced: &[&str],
    kept: &mut Vec<(String, String)>,
) -> Result<String, serde_json::Error> {
    let (there, wanted): (Object<'_>, Object<'_>) =
        (serde_json::from_str(text)?, serde_json::from_str(wanted)?);
    let (mut changes, mut added) = (Vec::new(), Vec::new());
    for (key, value) in wanted {
        let name = format!("{path}{key}");
        match there.get(&key) {
            None => added.push(format!("{}: {}", quoted(&key), value.get())),
            Some(own) if same(own, value) => {}
            Some(own) if replaced.contains(&name.as_str()) => changes.push((*own, value.get().to_owned())),
            Some(own) if is(own, '{') && is(value, '{') => {
                changes.push((*own, object(own.get(), value.get(), &format!("{name}."), replaced, kept)?));
            }
            Some(own) => kept.push((name, own.get().to_owned())),
        }
    }
    Ok(spliced(text, changes, &added))
}

/// The text with other values in the places of some, and members before its closing brace.
fn spliced(text: &str, mut changes: Vec<(&RawValue, String)>, added: &[String]) -> String {
    let at = |own: &RawValue| own.get().as_ptr() as usize - text.as_ptr() as usize;
    changes.sort_by_key(|(own, _)| at(own));
    let (mut result, mut from) = (String::new(), 0);
    for (own, value) in changes {
        result.push_str(&text[from..at(own)]);
        result.push_str(&value);
        from = at(own) + own.get().len();
    }
    result.push_str(&text[from..]);
    if added.is_empty() {
        return result;
    }
    let end = result.rfind('}').unwrap_or(result.len());
    let before = result[..end].trim_end();
    let (between, indent) = (if before.ends_with('{') { "" } else { "," }, indent(before));
    let members = added.join(&format!(",{indent}"));
    let close = if indent.contains('\n') { "\n" } else { "" };
    format!("{before}{between}{indent}{members}{close}{}", &result[end..])
}

/// As the last member that is there begins; an object that is empty gets a line for each.
fn indent(before: &str) -> String {
    let line = before.rsplit('\n').next().unwrap_or("");
    let blanks = line.len() - line.trim_start().len();
    match before.contains('\n') {
        true if blanks > 0 => format!("\n{}", &line[..blanks]),
        false if before.trim() != "{" => " ".to_owned(),
        _ => "\n  ".to_owned(),
    }
}

fn is(own: &RawValue, first: char) -> bool {
    own.get().starts_with(first)
}

fn same(a: &RawValue, b: &RawValue) -> bool {
    let value = |own: &RawValue| serde_json::from_str::<serde_json::Value>(own.get()).ok();
    value(a) == value(b)
}

fn quoted(key: &str) -> String {
    serde_json::Value::from(key).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    const WANTED: &str = r#"{"icc": false, "log-opts": {"max-size": "10m", "max-file": "3"}}"#;

    #[test]
    fn what_is_there_stays_as_it_is_written() {
        let text = "{\n    \"data-root\": \"/srv/docker\",\n    \"icc\": true,\n    \"log-opts\": {\"max-size\": \"1g\"}\n}\n";
        let merged = merged(text, WANTED, &[]).unwrap();
        expect![[r#"
            {
                "data-root": "/srv/docker",
                "icc": true,
                "log-opts": {"max-size": "1g", "max-file": "3"}
            }
        "#]]
        .assert_eq(&merged.text);
        let kept = |own: &str, value: &str| (own.to_owned(), value.to_owned());
        assert_eq!(merged.kept, [kept("icc", "true"), kept("log-opts.max-size", "\"1g\"")]);
        let replaced = super::merged(text, WANTED, &["icc"]).unwrap();
        assert!(replaced.text.contains("\"icc\": false,") && replaced.kept.len() == 1, "{replaced:?}");
    }

    #[test]
    fn nothing_becomes_an_object() {
        expect![[r#"
            {
              "icc": false,
              "log-opts": {"max-size": "10m", "max-file": "3"}
            }
        "#]]
        .assert_eq(&merged("", WANTED, &[]).unwrap().text);
        assert_eq!(merged("{ \"a\": 1 }", "{\"b\": 2}", &[]).unwrap().text, "{ \"a\": 1, \"b\": 2}");
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in ["[]", "{", "{\"a\" 1}", "{} {}", "1"] {
            assert!(is_object(text).is_err(), "{text}");
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![any::<bool>().prop_map(Value::from), "\\PC{0,4}".prop_map(Value::from)];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[ab}\"]{1,2}", inner, 0..3)
                    .prop_map(|own| Value::Object(own.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    fn whole() -> impl Strategy<Value = Value> {
        prop::collection::btree_map("[ab}\"]{1,2}", value(), 0..4)
            .prop_map(|own| Value::Object(own.into_iter().collect()))
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_a_second_time_changes_nothing(there in whole(), wanted in whole(), pretty: bool) {
            let text = if pretty { format!("{there:#}\n") } else { there.to_string() };
            let wanted = wanted.to_string();
            let once = merged(&text, &wanted, &[]).unwrap();
            let result: Map<String, Value> = serde_json::from_str(&once.text).unwrap();
            for (key, value) in there.as_object().unwrap() {
                prop_assert!(value.is_object() || result[key] == *value);
            }
            for key in serde_json::from_str::<Map<String, Value>>(&wanted).unwrap().keys() {
                prop_assert!(result.contains_key(key));
            }
            prop_assert_eq!(merged(&once.text, &wanted, &[]).unwrap(), once);
        }
    }
}
