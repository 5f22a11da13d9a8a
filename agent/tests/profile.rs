//! `hostward profile` on a file and on what a daemon remembers.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use expect_test::expect;
use serde_json::Value;
use support::{Daemon, Scratch, ask, eventually, printed};

/// Two weeks of hours: a wave a day, a slow rise, one hole and one outlier.
fn fortnight() -> String {
    let value = |hour: u32| match hour {
        100 => 900.0,
        hour => {
            f64::from(hour) * 0.05 + 20.0 * (f64::from(hour) * std::f64::consts::TAU / 24.0).sin().round()
        }
    };
    let rows = (0..336).filter(|hour| !(200..206).contains(hour));
    let rows = rows.map(|hour| format!("{},{:.2}\n", 1_700_006_400 + hour * 3600, value(hour)));
    format!("timestamp,value\n{}", rows.collect::<String>())
}

#[test]
fn a_file_is_described() {
    let scratch = Scratch::new("portrait");
    let file = scratch.write("a.csv", &fortnight()).display().to_string();
    let (out, said) = printed(&ask(&scratch, &["profile", &file]));
    assert_eq!(said, "");
    expect![[r#"
        count         330 rows, 0 without a value, 0 duplicates, 0 late
        span          2023-11-15T00:00:00Z to 2023-11-28T23:00:00Z
        interval      1 h median, 0 ms jitter
        gaps          1, 6 rows absent, the longest 7 h
        shape         heavy-tailed, 330 different values, 0.30303 % zeros
        values        mean 11.1159, deviation 51.8184, skewness 15.2791, excess kurtosis 259.4
        quantiles     p0 -19.25  p1 -19.0855  p5 -16.8275  p25 -7.1375  p50 8.325  p75 23.9375  p95 34.5275  p99 35.9855  p100 900
        histogram     |█▅                     ▁|
        trend         1.2 a day (Kendall's tau 0.30)
        season        daily: each 1 d, strength 0.75
        stationarity  the level stays (KPSS 0.08, 0.46 is the limit)
        outliers      1 (0.30303 %)
                      2023-11-19T04:00:00Z  900  (38.7 deviations)
        quality       99 of 100
                      -1  6 rows are absent in 1 gaps
    "#]].assert_eq(&out);
    let (out, _) = printed(&ask(&scratch, &["profile", &file, "--format", "json"]));
    let value: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&value["seasons"][0]["periodSeconds"], &value["outliers"]["count"]),
        (&86_400.0.into(), &1.into())
    );
}

#[test]
fn a_counter_is_described_by_its_rate() {
    let scratch = Scratch::new("rate");
    let rows: String = (0..50).map(|minute| format!("{},{}\n", minute * 60, minute * 120)).collect();
    let file = scratch.write("c.csv", &rows).display().to_string();
    let (out, _) = printed(&ask(&scratch, &["profile", &file, "--rate", "--format", "json"]));
    let value: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(value["distribution"]["quantiles"]["0.5"], 2.0, "{out}");
    let turned: String = rows.lines().rev().map(|line| format!("{line}\n")).collect();
    let file = scratch.write("t.csv", &turned).display().to_string();
    let (turned, _) = printed(&ask(&scratch, &["profile", &file, "--rate", "--format", "json"]));
    assert_eq!(turned, out.replace("c.csv", "t.csv"));
}

#[test]
fn what_is_no_series_is_a_file() {
    let scratch = Scratch::new("meant");
    let head = scratch.write("head.csv", "timestamp,value\n").display().to_string();
    let dir = scratch.path("").display().to_string();
    for (of, code, why) in [
        ("nosuch.csv", 2, "no such file"),
        ("./nosuch", 2, "no such file"),
        (".", 2, "it is a directory; name a file in it"),
        (dir.as_str(), 2, "it is a directory"),
        (head.as_str(), 2, "it has a header and no rows"),
        ("node_load1", 3, "no daemon"),
        ("node_filesystem_avail_bytes{mountpoint=\"/\"}", 3, "no daemon"),
    ] {
        let output = ask(&scratch, &["profile", of]);
        let (_, said) = printed(&output);
        assert!(output.status.code() == Some(code) && said.contains(why), "{of}: {said}");
    }
}

#[test]
fn a_series_of_the_daemon_is_described() {
    let scratch = Scratch::new("remembered");
    let _daemon = Daemon::start(&scratch);
    let told = || printed(&ask(&scratch, &["profile", "node_load1", "--format", "json"])).0;
    let count = || serde_json::from_str::<Value>(&told()).ok().and_then(|value| value["count"].as_u64());
    eventually("a third sample", || count().is_some_and(|count| count >= 3));
    let out = told();
    let value: Value = serde_json::from_str(&out).unwrap();
    let interval_s = value["interval"]["medianSeconds"].as_f64().unwrap();
    assert!((0.5..1.5).contains(&interval_s), "{out}");
    for (series, why) in
        [("node_cpu_seconds_total", "series match"), ("no_such", "is called"), ("a/b.csv", "no such file")]
    {
        let output = ask(&scratch, &["profile", series]);
        let (_, said) = printed(&output);
        assert!(output.status.code() == Some(2) && said.contains(why), "{said}");
    }
}
