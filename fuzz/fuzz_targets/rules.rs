//! Rule files: each problem is told with its line, and the rules that load say their words.
#![no_main]

use hostward_engine::labels::Labels;
use hostward_engine::rules::RuleSet;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (set, errors) = RuleSet::parse(&[("fuzz.yml".to_owned(), text.to_owned())]);
    for error in &errors {
        assert!(error.to_string().contains("fuzz.yml"), "{error}");
    }
    for rule in set.rules() {
        rule.labels_for(&Labels::default(), 0.5, Default::default());
        rule.annotations_for(&Labels::default(), f64::NAN, Default::default());
    }
});
