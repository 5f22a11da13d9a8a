//! Texts that must be read, texts that must be refused with the place and the word, and a property: what was
//! written reads back the same.

use hostward_formats::exposition::{Exemplar, Family, Format, Labels, Sample, Type, read, write};
use proptest::prelude::*;

fn refusal(text: &str, format: Format) -> String {
    match read(text, format) {
        Ok(families) => format!("accepted: {families:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_scrape_in_text_004_is_read() {
    let text = "# HELP http_requests_total Requests, \\\\ and \\n.\n# TYPE http_requests_total counter\n\
                http_requests_total{code=\"200\",path=\"/a\\\"b\\\\c\\nd\",} 1027 1395066363000\n\n# a remark\n\
                \t up\t1 \nlatency_seconds { quantile = \"0.5\" } NaN\n";
    let families = read(text, Format::Text).unwrap();
    assert_eq!(families[0].kind, Type::Counter);
    assert_eq!(families[0].help.as_deref(), Some("Requests, \\ and \n."));
    assert_eq!(families[0].samples[0].label("path"), Some("/a\"b\\c\nd"));
    assert_eq!(families[0].samples[0].timestamp_s, Some(1_395_066_363.0));
    assert_eq!(
        (families[1].name.as_str(), families[1].kind, families[1].samples[0].value),
        ("up", Type::Unknown, 1.0)
    );
    assert!(families[2].samples[0].value.is_nan());
}

#[test]
fn a_scrape_in_openmetrics_is_read() {
    let text = "# TYPE wait_seconds histogram\n# UNIT wait_seconds seconds\n# HELP wait_seconds Time in line.\n\
                wait_seconds_bucket{le=\"0.1\"} 8 # {trace=\"é\"} 0.05 1.5e9\nwait_seconds_bucket{le=\"+Inf\"} 9\n\
                wait_seconds_count 9\nwait_seconds_sum 3.25\nwait_seconds_created 1.5e9\n\
                # TYPE jobs counter\njobs_total 4 1.25\n# TYPE mode stateset\nmode{mode=\"on\"} 1\nmode{mode=\"off\"} 0\n\
                # TYPE build info\nbuild_info{version=\"1\"} 1\n# EOF";
    let families = read(text, Format::OpenMetrics).unwrap();
    let names: Vec<_> = families.iter().map(|family| (family.name.as_str(), family.samples.len())).collect();
    assert_eq!(names, [("wait_seconds", 5), ("jobs", 1), ("mode", 2), ("build", 1)]);
    let exemplar = families[0].samples[0].exemplar.as_ref().unwrap();
    assert_eq!((exemplar.value, exemplar.timestamp_s), (0.05, Some(1.5e9)));
}

#[test]
fn text_004_is_refused_with_place_and_word() {
    let cases = [
        ("a 1", "1:4: the last line must end with a line feed"),
        ("a 1\n1a 2\n", "2:1: a metric name, found \"1a\""),
        ("a.b 1\n", "1:2: a space after the name, found \".b\""),
        ("a\n", "1:2: a space after the name"),
        ("a lots\n", "1:3: a value, found \"lots\""),
        ("a 1_000\n", "1:3: a value, found \"1_000\""),
        ("a 1 1.5\n", "1:5: a timestamp is a whole number of milliseconds, found \"1.5\""),
        ("a 1 2 3\n", "1:7: the end of the line, found \"3\""),
        ("a{é=\"1\"} 1\n", "1:3: a label name, found \"é=\\\"1\\\"}\""),
        ("a{b=\"1\",b=\"2\"} 1\n", "1:9: each label once, found \"b\""),
        ("a{b=\"1\"c=\"2\"} 1\n", "1:8: a comma or a closing brace, found \"c=\\\"2\\\"}\""),
        ("a{b='1'} 1\n", "1:5: a label value in double quotes, found \"'1'}\""),
        ("a{b=\"1} 1\n", "1:10: a double quote at the end of the label value"),
        ("# TYPE a rate\n", "1:10: a type that this format knows, found \"rate\""),
        ("# TYPE a info\n", "1:10: a type that this format knows, found \"info\""),
        ("a 1\n# TYPE a gauge\n", "2:1: TYPE must come before the samples of, found \"a\""),
        ("# TYPE a gauge\n# TYPE a gauge\n", "2:1: one TYPE line for each name, found \"a\""),
        ("# HELP a x\n# HELP a x\n", "2:1: each kind of metadata once for each name, found \"a\""),
        ("a 1\nb 1\na{c=\"1\"} 1\n", "3:1: the lines of a family must stand together, found \"a\""),
        ("a 1\na 2\n", "2:1: each series once, found \"a\""),
        (
            "# TYPE h histogram\nh_bucket 1\n",
            "2:1: a bucket needs a label le with a number or +Inf, found \"h_bucket\"",
        ),
        (
            "# TYPE s summary\ns{quantile=\"2\"} 1\n",
            "2:1: a summary needs a label quantile from 0 to 1, found \"s\"",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(refusal(text, Format::Text), expected, "{text:?}");
    }
}

#[test]
fn openmetrics_is_refused_with_place_and_word() {
    let cases = [
        ("a 1\n", "1:1: the last line must be # EOF"),
        ("", "1:1: the last line must be # EOF"),
        ("# EOF\na 1\n", "2:1: nothing may follow # EOF"),
        ("a 1\n\n# EOF\n", "2:1: a metric name"),
        ("a  1\n# EOF\n", "1:3: a value"),
        ("a 1 \n# EOF\n", "1:5: a timestamp is a finite number of seconds"),
        ("a 1 Inf\n# EOF\n", "1:5: a timestamp is a finite number of seconds, found \"Inf\""),
        ("a{b=\"1\",} 1\n# EOF\n", "1:9: a label after the comma, found \"}\""),
        ("# remark\n# EOF\n", "1:3: HELP, TYPE, UNIT or EOF after #, found \"remark\""),
        ("# HELP a\n# EOF\n", "1:9: one space and a help text after the name"),
        ("# TYPE a gauge \n# EOF\n", "1:15: nothing after the type"),
        ("# UNIT a seconds\n# EOF\n", "1:10: the name a must end with the unit, found \"seconds\""),
        ("# TYPE a_s info\n# UNIT a_s s\n# EOF\n", "1:1: infos and statesets have no unit, found \"a_s\""),
        (
            "# TYPE a counter\na_total -1\n# EOF\n",
            "2:1: what only grows is a number and not negative, found \"a_total\"",
        ),
        ("# TYPE a gauge\na 1 # {} 1\n# EOF\n", "2:1: only counters and buckets have exemplars, found \"a\""),
        ("# TYPE a info\na_info 2\n# EOF\n", "2:1: the value of an info is 1, found \"a_info\""),
        (
            "# TYPE a gauge\na 0 2\na 0 1\n# EOF\n",
            "3:1: the timestamps of a series must not go back, found \"a\"",
        ),
        (
            "# TYPE a_created gauge\n# TYPE a counter\n# EOF\n",
            "1:1: another family has the name a_created already, found \"a\"",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(refusal(text, Format::OpenMetrics), expected, "{text:?}");
    }
}

#[test]
fn histograms_must_add_up() {
    let cases = [
        ("h_sum 1\n", "2:1: the last bucket must have le=\"+Inf\", found \"h\""),
        (
            "h_bucket{le=\"2\"} 1\nh_bucket{le=\"+Inf\"} 0\n",
            "2:1: buckets must grow in le and in count, found \"h\"",
        ),
        ("h_bucket{le=\"+Inf\"} 1\nh_count 1\n", "2:1: sum and count come together, found \"h\""),
        (
            "h_bucket{le=\"+Inf\"} 1\nh_count 2\nh_sum 1\n",
            "2:1: the count must equal the bucket le=\"+Inf\", found \"h\"",
        ),
        (
            "h_bucket{a=\"1\",le=\"+Inf\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_count{a=\"1\"} 1\n",
            "4:1: the samples of a metric must stand together, found \"h\"",
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(
            refusal(&format!("# TYPE h histogram\n{body}# EOF\n"), Format::OpenMetrics),
            expected,
            "{body}"
        );
    }
}

fn labels() -> impl Strategy<Value = Labels> {
    prop::collection::btree_map("[a-zA-Z_][a-zA-Z0-9_]{0,6}", any::<String>(), 0..4)
        .prop_map(|labels| labels.into_iter().collect())
}

fn number() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("NaN is not equal to itself", |value| !value.is_nan())
}

/// Whole milliseconds up to the year 2100: what both formats hold exactly.
fn instant() -> impl Strategy<Value = f64> {
    (0..4_102_444_800_000_i64).prop_map(|ms| ms as f64 / 1000.0)
}

fn sample(name: String, counter: bool, openmetrics: bool) -> impl Strategy<Value = Sample> {
    let exemplar =
        prop::option::of((number(), prop::option::of(instant())).prop_map(|(value, timestamp_s)| Exemplar {
            labels: vec![("id".to_owned(), "x".to_owned())],
            value,
            timestamp_s,
        }));
    (labels(), number(), prop::option::of(instant()), exemplar).prop_map(
        move |(labels, value, timestamp_s, exemplar)| {
            let value = if counter { value.abs() } else { value };
            let exemplar = exemplar.filter(|_| counter && openmetrics);
            Sample { name: name.clone(), labels, value, timestamp_s, exemplar }
        },
    )
}

/// Text 0.0.4 does not tell blanks at the start of a help text from those that separate it from the name.
fn help() -> impl Strategy<Value = String> {
    any::<String>().prop_map(|text| text.trim_start_matches([' ', '\t']).to_owned())
}

fn family(index: usize, format: Format) -> impl Strategy<Value = Family> {
    let openmetrics = format == Format::OpenMetrics;
    (0..3_usize, "[a-z_:]{1,8}", prop::option::of(help())).prop_flat_map(move |(kind, stem, help)| {
        let kind = [Type::Counter, Type::Gauge, Type::Unknown][kind];
        let name = format!("{stem}{index}");
        let suffix = if openmetrics && kind == Type::Counter { "_total" } else { "" };
        let one = sample(format!("{name}{suffix}"), kind == Type::Counter, openmetrics);
        prop::collection::vec(one, 1..5).prop_map(move |mut samples| {
            samples.sort_by(|a, b| a.labels.cmp(&b.labels));
            samples.dedup_by(|a, b| a.labels == b.labels);
            Family { name: name.clone(), kind, help: help.clone(), unit: None, samples }
        })
    })
}

fn families(format: Format) -> impl Strategy<Value = Vec<Family>> {
    (0..4_usize).prop_flat_map(move |count| (0..count).map(|index| family(index, format)).collect::<Vec<_>>())
}

fn reads_back(families: &[Family], format: Format) -> Result<(), TestCaseError> {
    let text = write(families, format);
    prop_assert_eq!(
        read(&text, format).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?,
        families
    );
    Ok(())
}

proptest! {
    #[test]
    fn text_004_reads_back(families in families(Format::Text)) {
        reads_back(&families, Format::Text)?;
    }

    #[test]
    fn openmetrics_reads_back(families in families(Format::OpenMetrics)) {
        reads_back(&families, Format::OpenMetrics)?;
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>(), openmetrics in any::<bool>()) {
        let format = if openmetrics { Format::OpenMetrics } else { Format::Text };
        if let Err(error) = read(&text, format) {
            prop_assert!(error.line >= 1 && error.column >= 1);
        }
    }
}
