//! What web servers have in common: response headers, and the numbers in their values.

use hostward_model::{Fact, Origin};

/// A response header as a fact, and one more for each `name=number` in it (`max-age`).
pub fn header(name: &str, value: &str, scope: &str, origin: &Origin) -> Vec<Fact> {
    let key = format!("header {}", name.to_ascii_lowercase());
    let directives = value.split([';', ',']).filter_map(|part| part.trim().split_once('='));
    let numbers = directives.filter(|(_, number)| number.parse::<u64>().is_ok());
    let numbers: Vec<Fact> = numbers
        .map(|(name, number)| {
            Fact::new(format!("{key} {}", name.to_ascii_lowercase()), number, origin.clone())
        })
        .collect();
    let whole = Fact::new(key, value, origin.clone());
    std::iter::once(whole).chain(numbers).map(|fact| fact.within(scope)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_a_header_are_facts() {
        let facts =
            header("Strict-Transport-Security", "max-age=63072000; preload", "s", &Origin::file("/x"));
        let seen: Vec<_> = facts.iter().map(|fact| (fact.key.as_str(), fact.value.as_str())).collect();
        assert_eq!(
            seen,
            [
                ("header strict-transport-security", "max-age=63072000; preload"),
                ("header strict-transport-security max-age", "63072000"),
            ]
        );
    }
}
