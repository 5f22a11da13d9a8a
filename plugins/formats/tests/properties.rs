//! Whatever a plugin prints: no importer panics, the bounds hold, the result is an exposition that the strict reader takes, and no line is
//! lost without being counted.

use hostward_formats::{Exit, Format, Limits, Output, Report, exposition, sniff};
use proptest::prelude::*;
use std::time::{Duration, Instant};

const TIGHT: Limits = Limits {
    output_bytes_max: 2000,
    series_max: 5,
    services_max: 3,
    labels_max: 3,
    name_bytes_max: 30,
    label_bytes_max: 12,
    text_bytes_max: 40,
    rejected_max: 2,
};

fn output<'a>(stdout: &'a [u8], declared: &'a [u8], exit: Exit) -> Output<'a> {
    Output { name: "plugin", stdout, stderr: b"", exit, declared }
}

fn holds(report: &Report, limits: &Limits) {
    let samples: Vec<_> = report.families.iter().flat_map(|family| &family.samples).collect();
    assert!(samples.len() <= limits.series_max);
    assert!(report.services.len() <= limits.services_max);
    assert!(report.levels.len() <= samples.len());
    assert!(report.rejected.len() <= limits.rejected_max);
    assert!(report.rejected.len() <= report.rejected_count);
    assert_eq!(report.rejected.is_empty(), report.rejected_count == 0);
    for sample in samples {
        assert!(sample.labels.len() <= limits.labels_max && sample.name.len() <= limits.name_bytes_max);
        assert!(sample.labels.iter().all(|(_, value)| value.len() <= limits.label_bytes_max));
    }
    for service in &report.services {
        // A character that is replaced can grow to three bytes.
        assert!(service.text.len() <= 3 * limits.text_bytes_max);
        assert!(!service.text.chars().any(char::is_control));
    }
    if report.unknown.is_some() {
        assert!(report.families.is_empty() && report.levels.is_empty());
    }
    let text = exposition::write(&report.families, exposition::Format::Text);
    let read = exposition::read(&text, exposition::Format::Text);
    assert!(read.is_ok(), "{read:?}\n{text}");
}

/// Words that mean something to some format, and some that do not.
fn word() -> impl Strategy<Value = String> {
    let words = [
        "OK",
        "CRITICAL",
        "|",
        "a=1;2:;@3:~",
        "'x y'=5ms",
        "=",
        ";",
        "0",
        "P",
        "\"svc\"",
        "m=1;2|n=3",
        "multigraph",
        "a.b",
        "x.value",
        "x.type",
        "DERIVE",
        "x.warning",
        ":5",
        "U",
        "CHART",
        "DIMENSION",
        "BEGIN",
        "SET",
        "END",
        "FLUSH",
        "''",
        "incremental",
        "KiB/s",
        "-1",
        "HOST",
        "CLABEL",
        "PUTVAL",
        "h/p/t",
        "h/p/gauge-a",
        "N:1",
        "N:U",
        "PUTNOTIF",
        "severity=okay",
        "message=m",
        "cpu,h=a",
        "v=1i,w=\"x",
        "\\",
        "\"",
        "# EOF",
        "# TYPE",
        "counter",
        "x_total",
        "{a=\"b\"}",
        "NaN",
        "1e999",
        "é",
        "\u{1b}",
        "cached(1,2)",
    ];
    prop_oneof![8 => prop::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => any::<String>()]
}

fn text() -> impl Strategy<Value = String> {
    let line = prop::collection::vec(word(), 0..7).prop_map(|words| words.join(" "));
    prop::collection::vec(line, 0..30).prop_map(|lines| lines.join("\n"))
}

fn exit() -> impl Strategy<Value = Exit> {
    prop_oneof![Just(Exit::Running), Just(Exit::Code(0)), (-1..5).prop_map(Exit::Code)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_words_keep_the_bounds(stdout in text(), declared in text(), exit in exit()) {
        for format in Format::ALL {
            let output = output(stdout.as_bytes(), declared.as_bytes(), exit);
            for limits in [Limits::default(), TIGHT] {
                holds(&format.read(&output, &limits), &limits);
            }
            sniff(&output);
        }
    }

    #[test]
    fn any_bytes_keep_the_bounds(stdout in prop::collection::vec(any::<u8>(), 0..300), exit in exit()) {
        for format in Format::ALL {
            holds(&format.read(&output(&stdout, b"", exit), &TIGHT), &TIGHT);
        }
    }

    #[test]
    fn what_netdata_declared_says_the_same_again(stdout in text()) {
        let first = Format::Netdata.read(&output(stdout.as_bytes(), b"", Exit::Running), &Limits::default());
        let second = Format::Netdata.read(&output(b"", &first.declared, Exit::Running), &Limits::default());
        prop_assert_eq!(second.rejected_count, 0, "{}", String::from_utf8_lossy(&first.declared));
        prop_assert_eq!(second.declared, first.declared);
    }

    /// A line that no format knows is counted wherever lines count by themselves.
    #[test]
    fn a_line_of_garbage_is_counted(count in 1..50_usize) {
        let stdout = "?!\n".repeat(count);
        for format in [Format::Checkmk, Format::Munin, Format::Influx, Format::Netdata, Format::Collectd] {
            let report = format.read(&output(stdout.as_bytes(), b"", Exit::Code(0)), &Limits::default());
            prop_assert_eq!(report.rejected_count, count, "{:?}", format);
        }
    }
}

#[test]
fn each_bound_says_what_it_left_out() {
    let many = |line: fn(usize) -> String| (0..10).map(line).collect::<String>();
    let cases = [
        (Format::Native, many(|i| format!("a{{x=\"{i}\"}} 1\n"))),
        (Format::Nagios, format!("OK|{}", many(|i| format!("a{i}=1 ")))),
        (Format::Checkmk, many(|i| format!("0 s{i} a=1\n"))),
        (Format::Munin, many(|i| format!("a{i}.value 1\n"))),
        (Format::Influx, many(|i| format!("m,x={i} v=1\n"))),
        (Format::Collectd, many(|i| format!("PUTVAL h/p/gauge-{i} N:1\n"))),
    ];
    // Room for the four labels of collectd.
    let limits = Limits { labels_max: 4, ..TIGHT };
    for (format, stdout) in cases {
        let report = format.read(&output(stdout.as_bytes(), b"", Exit::Code(0)), &limits);
        assert_eq!(report.dropped.series, 5, "{format:?}: {report:?}");
        if format == Format::Checkmk {
            assert_eq!(report.dropped.services, 7);
        }
    }
    let long = format!("OK\n{}", "x".repeat(3000));
    let report = Format::Nagios.read(&output(long.as_bytes(), b"", Exit::Code(0)), &TIGHT);
    assert_eq!((report.dropped.bytes, report.services[0].text.as_str()), (3000, "OK"));
}

/// What would be slow if something were looked through again and again.
#[test]
fn no_output_takes_more_than_linear_time() {
    let long = |line: &str| line.repeat((1 << 18) / line.len());
    let shapes = [
        long("a=1 "),
        long("'a "),
        long("''"),
        long("m v=\"x\n"),
        long("m,t=\\ v=\\\"x\n"),
        long("x.value 1\n"),
        long("multigraph a\n"),
        long("PUTVAL \"h/p/gauge N:1\n"),
        long("CHART a.b '\nDIMENSION a\nBEGIN a.b\nSET a = 1\nEND\n"),
        format!("CHART a.b\n{}", (0..8_000).map(|i| format!("DIMENSION {i}\n")).collect::<String>()),
        (0..8_000).map(|i| format!("CHART a.{i}\nDIMENSION a\n")).collect(),
        (0..3_000).map(|i| format!("HOST_DEFINE {i} a\nCHART a.b\n")).collect(),
        (0..10_000).map(|i| format!("CLABEL l{i} v 1\n")).collect::<String>().replacen(
            "CLABEL",
            "CHART a.b\nCLABEL",
            1,
        ),
        (0..15_000).map(|i| format!("a{i} {i}\n")).collect(),
        (0..8_000).map(|i| format!("0 s{i} a=1|b=2 text\n")).collect(),
    ];
    for stdout in &shapes {
        for format in Format::ALL {
            let begun = Instant::now();
            format.read(&output(stdout.as_bytes(), b"", Exit::Code(0)), &Limits::default());
            let (took, head) = (begun.elapsed(), &stdout[..20]);
            assert!(took < Duration::from_secs(2), "{format:?} took {took:?} for {head:?}…");
        }
    }
}
