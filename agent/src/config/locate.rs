//! Where in a file a key stands, and which key stands at a place.

use toml::de::{DeTable, DeValue};

/// 1-based line and column, in characters, of a byte offset.
pub fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line = before.rsplit('\n').next().unwrap_or("");
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// The dotted key whose name or value covers `offset`.
pub fn key_at(text: &str, offset: usize) -> Option<String> {
    inner(DeTable::parse(text).ok()?.get_ref(), offset)
}

/// Tables are searched first: the span of a table is that of its header only.
fn inner(table: &DeTable<'_>, offset: usize) -> Option<String> {
    table.iter().find_map(|(key, value)| {
        let deeper = value.get_ref().as_table().and_then(|table| inner(table, offset));
        match deeper {
            Some(rest) => Some(format!("{}.{rest}", key.get_ref())),
            None => (key.span().contains(&offset) || value.span().contains(&offset))
                .then(|| key.get_ref().to_string()),
        }
    })
}

/// The offset of a dotted key; none when this file does not set it.
pub fn offset_of(text: &str, key: &str) -> Option<usize> {
    let root = DeTable::parse(text).ok()?;
    let mut table = root.get_ref();
    let mut parts = key.split('.').peekable();
    while let Some(part) = parts.next() {
        let (name, value) = table.iter().find(|(name, _)| name.get_ref() == part)?;
        match (parts.peek(), value.get_ref()) {
            (None, _) => return Some(name.span().start),
            (Some(_), DeValue::Table(next)) => table = next,
            (Some(_), _) => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "[sampling]\ninterval = \"1s\"\n\n[probes.cpu]\nenabled = true\n\n[rules]\ndirs = [\"é\", 5]\n";

    #[test]
    fn keys_and_places_lead_to_each_other() {
        for key in ["sampling.interval", "probes.cpu.enabled", "rules.dirs", "sampling", "probes.cpu"] {
            let offset = offset_of(TEXT, key).unwrap();
            assert_eq!(key_at(TEXT, offset).as_deref(), Some(key));
        }
        assert_eq!(offset_of(TEXT, "sampling.deadline"), None);
        assert_eq!(offset_of(TEXT, "sampling.interval.deeper"), None);
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(position(TEXT, TEXT.find('5').unwrap()), (8, 14));
        assert_eq!(position("", 7), (1, 1));
    }
}
