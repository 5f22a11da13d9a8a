//! The two shapes of kernel statistics that the SPL prints: named values, and a table of requests.

use crate::Fault;
use crate::words::{Line, lines};

/// Types of values (`KSTAT_DATA_*`) that are numbers of 64 bits, signed and not.
const NUMBERS: [&str; 2] = ["3", "4"];

/// What a value is given to: its name and it.
type Each<'a> = dyn FnMut(&str, f64) + 'a;

/// A line of the kernel's own, `name type data`, then such a line for each value.
pub fn named(path: &str, text: &str, each: &mut Each<'_>) -> Result<(), Fault> {
    let mut lines = lines(path, text).skip(1);
    let is_heading = |line: &mut Line<'_>| [line.word(), line.word()] == [Some("name"), Some("type")];
    if !lines.next().is_some_and(|mut line| is_heading(&mut line)) {
        return Err(Fault::malformed(path, 2, "", "name, type and data"));
    }
    for mut line in lines {
        let (Some(name), Some(kind)) = (line.word(), line.word()) else { continue };
        if NUMBERS.contains(&kind) {
            let word = line.word().unwrap_or("");
            each(name, line.as_integer(word)?);
        }
    }
    Ok(())
}

/// The rest of the line of a value that is text, which may hold spaces.
pub fn text<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut values = text.lines().filter_map(|line| line.strip_prefix(name));
    let (kind, value) = values.find_map(|rest| rest.trim_start().split_once(char::is_whitespace))?;
    let value = value.trim();
    (kind == "7" && !value.is_empty()).then_some(value)
}

/// A line of the kernel's own, the names of the columns, and their values.
pub fn io(path: &str, text: &str, each: &mut Each<'_>) -> Result<(), Fault> {
    let mut lines = lines(path, text).skip(1);
    let (Some(mut names), Some(mut values)) = (lines.next(), lines.next()) else {
        return Err(Fault::malformed(path, 2, "", "names of columns and their values"));
    };
    while let Some(name) = names.word() {
        each(name, values.count()?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(parse: fn(&str, &str, &mut Each<'_>) -> Result<(), Fault>, input: &str) -> String {
        let mut shown = String::new();
        let result = parse("/k", input, &mut |name, value| shown += &format!("{name} {value}, "));
        shown + &result.err().map(|fault| fault.to_string()).unwrap_or_default()
    }

    #[test]
    fn named_values() {
        let input =
            "6 1 0x01 91\nname  type data\nhits 4 18446744073709551615\nfree 3 -9\nstate 7 x\nold 1 5\n";
        assert_eq!(collect(named, input), "hits 18446744073709552000, free -9, ");
        assert_eq!(collect(named, ""), "/k:2: expected name, type and data, found \"\"");
        assert_eq!(
            collect(named, "6\nname type data\nhits 4\n"),
            "/k:3: expected a whole number, found \"\""
        );
    }

    #[test]
    fn a_text_keeps_its_spaces() {
        let input = "name type data\ndataset_name                    7    a b/c  \nwrites 4 1\n";
        assert_eq!(text(input, "dataset_name"), Some("a b/c"));
        assert_eq!(
            [text(input, "writes"), text(input, "nothing"), text("dataset_name 7", "dataset_name")],
            [None; 3]
        );
    }

    #[test]
    fn a_table_of_requests() {
        assert_eq!(collect(io, "12\nnread reads\n18 2\n"), "nread 18, reads 2, ");
        assert_eq!(
            collect(io, "12\nnread reads\n18\n"),
            "nread 18, /k:3: expected a whole number, found \"\""
        );
        assert_eq!(collect(io, "12\n"), "/k:2: expected names of columns and their values, found \"\"");
    }
}
