//! Expressions, rule files and templates come from people: whatever they hold, reading them ends with an answer.

#![allow(clippy::unwrap_used)]

use hostward_engine::Labels;
use hostward_engine::promql::{Expr, drawn};
use hostward_engine::rules::{RuleSet, Template};
use proptest::prelude::*;

/// Words that a text of each language is made of, so that more than its first letter is read.
const PROMQL: &[&str] = &[
    "m",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    "=~",
    "=",
    "!=",
    "\"a\"",
    "\"\\",
    "'",
    "`",
    "5m",
    "1e400",
    "0x",
    "-",
    "+",
    "^",
    "offset",
    "@",
    "by",
    "on",
    "bool",
    "sum",
    "rate",
    "group_left",
    ":",
    "and",
    "Inf",
    "NaN",
    "0",
    "08",
    "\n",
    "#",
    " ",
    "é",
    "topk",
    "1h5000000000s",
    "start",
    "fill",
    "label_replace",
    "[5m:1m]",
    "histogram_quantile",
    "ignoring",
    "\"\\x\"",
    "\"\\u12\"",
    ">",
    "unless",
    ".",
    "9e99",
];
const TEMPLATE: &[&str] = &[
    "{{",
    "}}",
    "$value",
    "$labels.a",
    "|",
    "humanize",
    "printf",
    "\"%",
    "\"%s\"",
    "\"",
    "`",
    "(",
    ")",
    "-",
    " ",
    "5",
    "é",
    "/*",
    "*/",
    "\\",
    "reReplaceAll",
    ".Value",
    "\"%-5.2f\"",
    "title",
    "if ",
    "else",
    "end",
    "range ",
    "with ",
    "define ",
    "template ",
    "block ",
    "break",
    "$x",
    ":=",
    "=",
    ",",
    "index",
    "slice",
    "\"a\"",
    ".",
    "$",
    "'",
];
const YAML: &[&str] = &[
    "groups:",
    "\n",
    "- ",
    "  ",
    "name: a",
    "rules:",
    "alert: A",
    "expr: m",
    "&a ",
    "*a",
    "<<: ",
    "[",
    "]",
    "{",
    "}",
    ":",
    "|",
    "\t",
    "'",
    "\"",
    "!t ",
    "for: 5m",
    "labels:",
    "null",
    "? ",
    "#",
    "---",
    "%",
    "é",
    "annotations:",
    "0",
    ".inf",
];

fn soup(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(words), 0..24).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn expressions(text in prop_oneof![soup(PROMQL), any::<String>()]) {
        if let Ok(expr) = Expr::parse(&text) {
            prop_assert_eq!(expr.text(), text.trim());
            prop_assert!(Expr::parse(expr.text()).is_ok());
        }
    }

    #[test]
    fn templates(text in prop_oneof![soup(TEMPLATE), any::<String>()], value in any::<f64>()) {
        if let Ok(template) = Template::parse(&text) {
            let _ = template.render(&Default::default(), value, Default::default());
        }
    }

    #[test]
    fn a_value_stays_as_it_is_in_every_template(value in any::<String>()) {
        let labels = Labels::new([("a", value.clone())]);
        for template in ["{{ $labels.a }}", "{{ with $labels.a }}{{ . }}{{ end }}", "{{ printf \"%s\" .Labels.a }}"] {
            let filled = Template::parse(template).unwrap().render(&labels, 1.0, Default::default());
            prop_assert_eq!(filled.unwrap(), value.clone());
        }
    }

    #[test]
    fn drawings(text in any::<String>(), word in "[-0-9+exx_stale{} ]{0,12}") {
        let _ = drawn::labels(&text);
        for text in [text, word] {
            prop_assert!(drawn::values(&text).map_or(0, |values| values.len()) <= drawn::VALUES_MAX);
        }
    }

    #[test]
    fn rule_files(text in prop_oneof![soup(YAML), any::<String>()]) {
        let (set, errors) = RuleSet::parse(&[("f".to_owned(), text)]);
        prop_assert!(set.rules().count() + errors.len() < 100);
    }
}
