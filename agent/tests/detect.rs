//! `hostward detect` on files, as people call it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use expect_test::expect;
use std::fs;
use std::io::Write;
use std::process::{Output, Stdio};
use support::{Scratch, ask, hostward, printed};

/// An even series with one burst, the last row but one.
fn burst() -> String {
    let mut text = "timestamp,value,label\n".to_owned();
    for minute in 0..200 {
        let value = if minute == 198 { 150 } else { 6 + minute % 3 };
        text += &format!("{},{value},{}\n", minute * 60, u8::from(minute == 198));
    }
    text
}

fn piped(scratch: &Scratch, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = hostward(scratch, arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join();
    output
}

#[test]
fn a_burst_is_found_and_every_row_comes_back() {
    let scratch = Scratch::new("burst");
    let file = scratch.write("a.csv", &burst()).display().to_string();
    let (out, said) = printed(&ask(&scratch, &["detect", &file]));
    let lines: Vec<_> = out.lines().collect();
    assert_eq!((lines.len(), said.as_str()), (201, ""), "{out}");
    assert_eq!(lines[..2], ["timestamp,value,anomaly_score,confidence,is_anomaly", "0,6,,,false"]);
    let found: Vec<_> = lines.iter().filter(|line| line.ends_with(",true")).collect();
    assert!(found.iter().any(|line| line.starts_with("11880,150,")), "{found:?}");
    let (json, _) = printed(&ask(&scratch, &["detect", &file, "--format", "json"]));
    let rows: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((rows.len(), &rows[198]["is_anomaly"]), (200, &true.into()));
    assert!(rows[198]["band"][1].as_f64().unwrap() < 150.0, "{}", rows[198]);
    let (csv, _) = printed(&ask(&scratch, &["detect", &file, "--format", "csv", "--level", "1"]));
    assert_eq!(csv.matches(",true").count(), 0);
}

#[test]
fn rows_that_are_not_understood_cost_themselves() {
    let scratch = Scratch::new("badrows");
    let text = "timestamp;value\r\n2014-04-01 00:00:00;1.50\r\nnoon;2\r\n2014-04-01 00:10:00;\r\n2014-04-01 00:05:00;x,y\r\n";
    let output = piped(&scratch, &["detect", "-"], text.as_bytes());
    let (out, said) = printed(&output);
    assert_eq!(output.status.code(), Some(2));
    expect![[r#"
        timestamp,value,anomaly_score,confidence,is_anomaly
        2014-04-01 00:00:00,1.50,,,false
        noon,2,,,false
        2014-04-01 00:10:00,,,,false
        2014-04-01 00:05:00,"x,y",,,false
    "#]]
    .assert_eq(&out);
    expect![[r#"
        standard input:3: column "timestamp": "noon" is not a time; a time is 1396310400, 2014-04-01 00:00:00 or 2014-04-01T00:00:00Z
        standard input:5: column "value": "x,y" is not a number; a number is 1000, 1.5 or -2e3, and a missing one empty
        hostward: standard input: 2 of 4 rows are not understood
    "#]]
    .assert_eq(&said);
}

#[test]
fn rows_out_of_order_are_told_of_once() {
    let scratch = Scratch::new("order");
    let output = piped(&scratch, &["detect", "-"], b"1,1\n3,1\n2,1\n3,1\n4,1\n");
    let (out, said) = printed(&output);
    assert_eq!((output.status.code(), out.lines().count()), (Some(0), 6));
    expect![[r#"
        standard input: 1 rows are older than one before them and 1 have the same time; they are judged in the order of the file
    "#]]
    .assert_eq(&said);
}

#[test]
fn a_directory_is_written_to_a_directory() {
    let scratch = Scratch::new("tree");
    scratch.write("in/a/x.csv", &burst());
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(burst().as_bytes()).unwrap();
    fs::write(scratch.path("in/y.csv.gz"), packed.finish().unwrap()).unwrap();
    let [input, out] = ["in", "out"].map(|name| scratch.path(name).display().to_string());
    let refused = ask(&scratch, &["detect", &input]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(printed(&refused).1.contains("--out DIR"));
    let done = ask(&scratch, &["detect", &input, "--out", &out]);
    assert!(done.status.success(), "{:?}", printed(&done));
    let [x, y] = ["out/a/x.csv", "out/y.csv"].map(|name| fs::read_to_string(scratch.path(name)).unwrap());
    assert_eq!((x.lines().count(), &x), (201, &y));
    let over = ask(&scratch, &["detect", &format!("{input}/a"), "--out", &format!("{input}/a")]);
    assert_eq!(over.status.code(), Some(2), "{:?}", printed(&over));
    assert_eq!(fs::read_to_string(scratch.path("in/a/x.csv")).unwrap(), burst());
}

#[test]
fn a_file_that_cannot_be_read_does_not_keep_the_others() {
    let scratch = Scratch::new("others");
    scratch.write("in/a.csv", "time,load\n1,2\n");
    scratch.write("in/b.csv", &burst());
    let [input, out] = ["in", "out"].map(|name| scratch.path(name).display().to_string());
    let output = ask(&scratch, &["detect", &input, "--out", &out]);
    let (_, said) = printed(&output);
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("a.csv: no columns \"timestamp\" and \"value\""), "{said}");
    assert_eq!(fs::read_to_string(scratch.path("out/b.csv")).unwrap().lines().count(), 201);
    assert!(said.contains("hostward: 1 of 2 files"), "{said}");
}

#[test]
fn one_file_that_cannot_be_judged_says_why() {
    let scratch = Scratch::new("why");
    let [dir, none] = ["", "none.csv"].map(|name| scratch.path(name).display().to_string());
    let write = |name: &str, text: &str| scratch.write(name, text).display().to_string();
    let [empty, bare, head] = [("e.csv", ""), ("b.csv", "1,1\n"), ("h.csv", "timestamp,value\n")]
        .map(|(name, text)| write(name, text));
    let cases: [&[&str]; 6] = [
        &[&none],
        &[&empty],
        &[&head],
        &[&bare, "--compare"],
        &["--compare", &bare],
        &[&head, "--compare", &none],
    ];
    let said = |words: &&[&str]| {
        let output = ask(&scratch, &[&["detect"], *words].concat());
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        printed(&output).1.replace(&dir, "")
    };
    expect![[r#"
        hostward: none.csv: no such file
        hostward: e.csv: it is empty; its first line should be timestamp,value
        hostward: h.csv: it has a header and no rows
        hostward: b.csv: it has no column "label" or "is_anomaly"; name the labels: --compare LABELS
        hostward: --compare takes b.csv as the labels, so no file to judge is named; for a file with labels of its own: hostward detect b.csv --compare
        hostward: h.csv: none.csv: no such file
    "#]].assert_eq(&cases.iter().map(said).collect::<String>());
    let text = "timestamp,value\n1,N/A\n2,-\n3,null\n4,NaN\n5,\n6,1\n";
    let output = piped(&scratch, &["detect", "-"], text.as_bytes());
    assert_eq!((output.status.code(), printed(&output).1.as_str()), (Some(0), ""));
}

#[test]
fn help_lists_the_formats_that_work() {
    let scratch = Scratch::new("help");
    let help = |verb: &str| printed(&ask(&scratch, &[verb, "--help"])).0;
    let (detect, audit) = (help("detect"), help("audit"));
    assert!(detect.contains("csv") && !detect.contains("sarif") && audit.contains("sarif"), "{detect}");
}

#[test]
fn a_counter_is_judged_by_its_rate() {
    let scratch = Scratch::new("counter");
    let (mut text, mut counted) = ("timestamp,value\n".to_owned(), 0);
    for minute in 0..300 {
        counted += if minute == 290 { 6000 } else { 580 + minute * 7 % 40 };
        counted = if minute == 200 { 0 } else { counted };
        text += &format!("{},{counted}\n", minute * 60);
    }
    let file = scratch.write("c.csv", &text).display().to_string();
    let (out, said) = printed(&ask(&scratch, &["detect", "--rate", &file, "--format", "json"]));
    let rows: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let found: Vec<_> = rows.iter().filter(|row| row["is_anomaly"] == true).collect();
    assert_eq!(rows.len(), 300);
    assert!(said.ends_with("c.csv: the counter began again in 1 rows, which have no rate\n"), "{said}");
    assert!(rows[200]["value"] == 0.0 && rows[200]["anomaly_score"].is_null(), "{}", rows[200]);
    let burst = found[0];
    assert_eq!((&burst["timestamp"], &burst["rate"]), (&"17400".into(), &100.0.into()), "{found:?}");
    let (value, expected) = (burst["value"].as_f64().unwrap(), burst["expected"].as_f64().unwrap());
    assert!(value > 50_000.0 && (9.0..11.0).contains(&expected), "{burst}");
}

#[test]
fn a_file_with_its_newest_row_first_is_judged_in_the_order_of_time() {
    let scratch = Scratch::new("newest");
    let text = burst();
    let (head, body) = text.split_once('\n').unwrap();
    let turned: String = body.lines().rev().map(|line| format!("{line}\n")).collect();
    let output = piped(&scratch, &["detect", "-"], format!("{head}\n{turned}").as_bytes());
    let (out, said) = printed(&output);
    expect![[r#"
        standard input: its newest row comes first; it is judged in the order of time
    "#]]
    .assert_eq(&said);
    let (straight, _) = printed(&piped(&scratch, &["detect", "-"], text.as_bytes()));
    let rows = |out: &str| out.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows(&out), rows(&straight).into_iter().rev().collect::<Vec<_>>());
    let file = scratch.write("n.csv", &format!("{head}\n{turned}")).display().to_string();
    let (out, _) = printed(&ask(&scratch, &["detect", &file, "--compare", "--format", "json"]));
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&value["total"]["found"], &value["total"]["delaySeconds"]),
        (&1.into(), &0.0.into()),
        "{out}"
    );
}

#[test]
fn a_disk_that_is_full_is_our_failure_and_a_closed_pipe_is_none() {
    let scratch = Scratch::new("full");
    let file = scratch.write("a.csv", &burst()).display().to_string();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = hostward(&scratch, &["detect", &file]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{:?}", printed(&output));
    let mut child =
        hostward(&scratch, &["detect", &file]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{:?}", printed(&output));
}

#[test]
fn what_is_found_is_compared_with_labels() {
    let scratch = Scratch::new("compare");
    let file = scratch.write("in/a.csv", &burst()).display().to_string();
    let (out, said) = printed(&ask(&scratch, &["detect", &file, "--compare"]));
    let last: Vec<_> = out.lines().last().unwrap().split_whitespace().collect();
    assert_eq!((&last[..4], said.as_str()), (&["total", "1", "1", "1.000"][..], ""), "{out}");
    let windows =
        scratch.write("windows.json", r#"{"in/a.csv": [["1970-01-01 00:10", "1970-01-01 00:20"]]}"#);
    let windows = windows.display().to_string();
    let (out, _) = printed(&ask(&scratch, &["detect", &file, "--compare", &windows, "--format", "json"]));
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&value["total"]["found"], &value["total"]["precision"]), (&0.into(), &0.0.into()), "{out}");
    let bare = scratch.write("bare.csv", "timestamp,value\n1,1\n").display().to_string();
    let output = ask(&scratch, &["detect", &bare, "--compare"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(printed(&output).1.contains("--compare LABELS"));
}
