//! Whatever the bytes are, the reader gives one row for each line that is not blank, and never panics.

use super::{Need, Rows};
use proptest::prelude::*;
use std::io::Cursor;

fn rows(bytes: Vec<u8>) -> Result<Vec<u64>, String> {
    let mut rows = Rows::new(Box::new(Cursor::new(bytes)), Need::Values)?;
    let mut lines = Vec::new();
    while let Some(row) = rows.read().unwrap() {
        lines.push(row.line);
    }
    Ok(lines)
}

fn expected(body: &[u8]) -> Vec<u64> {
    let lines = body.split(|byte| *byte == b'\n').zip(2..);
    lines.filter(|(line, _)| !line.trim_ascii().is_empty()).map(|(_, number)| number).collect()
}

/// Bytes that a reader of CSV could trip over.
fn nasty() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "\"",
        "\"\"",
        ",",
        ";",
        "\t",
        "\r",
        "\n",
        "\r\n",
        "1",
        "-",
        "2014-04-01",
        " ",
        "T",
        ":",
        "+",
        "nan",
        "1e999",
        "\u{feff}",
        "\0",
        "ü",
    ];
    prop::collection::vec(prop::sample::select(words.map(|word| word.as_bytes().to_vec()).to_vec()), 0..200)
        .prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_a_file_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let _ = rows(bytes);
    }

    #[test]
    fn each_line_after_the_header_is_a_row(body in prop_oneof![prop::collection::vec(any::<u8>(), 0..500), nasty()]) {
        let file = [b"timestamp,value\n".as_slice(), &body].concat();
        prop_assert_eq!(rows(file), Ok(expected(&body)));
    }

    #[test]
    fn any_text_is_a_time_and_a_value_or_not(text in "\\PC{0,40}") {
        let _ = (super::instant::instant(&text), super::number::value(&text), super::number::label(&text));
    }
}
