//! Directories of files in, exposition out; the fixtures are node_exporter's own.

use super::*;
use crate::Value;
use crate::testing::exposition;
use expect_test::expect;
use std::fs;
use std::path::{Path, PathBuf};

fn scratch(name: &str) -> PathBuf {
    let root = std::env::temp_dir().join(format!("hostward-textfile-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(root.join("d")).unwrap();
    root
}

fn probe(directories: &[&str]) -> TextFile {
    let mut settings = Settings::new(SPEC.settings);
    let list = directories.iter().map(|&directory| directory.to_owned()).collect();
    settings.set("directories", Value::List(list)).unwrap();
    TextFile::new(&settings)
}

fn look(probe: &mut TextFile, root: &Path) -> String {
    let mut batch = Batch::new();
    probe.collect(&mut Host::new(root), &mut batch).unwrap();
    let text = exposition(&batch);
    let without_times = text.lines().filter(|line| !line.starts_with("node_textfile_mtime"));
    without_times.map(|line| format!("{line}\n")).collect()
}

/// What the probe says of these files.
fn told(name: &str, files: &[(&str, &str)]) -> String {
    let root = scratch(name);
    files.iter().for_each(|(file, text)| fs::write(root.join("d").join(file), text).unwrap());
    let told = look(&mut probe(&["/d"]), &root);
    fs::remove_dir_all(&root).unwrap();
    told
}

#[test]
fn files_are_laid_together() {
    let a = "# TYPE events_total counter\nevents_total{file=\"a\"} 10\nplain 1.5\n";
    let b = "# TYPE events_total counter\nevents_total{file=\"b\",more=\"x\"} 30\n";
    expect![[r#"
        events_total{file="a",more=""} 10
        events_total{file="b",more="x"} 30
        plain 1.5
        node_textfile_scrape_error 0
    "#]]
    .assert_eq(&told("merge", &[("a.prom", a), ("b.prom", b), ("c.txt", "x 1\n")]));
}

#[test]
fn histograms_and_summaries_keep_their_parts() {
    let text = "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 3\nh_sum 4\nh_count 3\n\
                # TYPE s summary\ns{quantile=\"0.5\"} 7\ns_sum 9\ns_count 2\n";
    expect![[r#"
        h_bucket{le="1"} 2
        h_bucket{le="+Inf"} 3
        h_sum 4
        h_count 3
        s{quantile="0.5"} 7
        s_sum 9
        s_count 2
        node_textfile_scrape_error 0
    "#]]
    .assert_eq(&told("parts", &[("a.prom", text)]));
}

#[test]
fn what_makes_no_sense_is_left_out_and_said() {
    let files = [
        ("a.prom", "fine 1\n"),
        ("b.prom", "old 1 1441205977284\n"),
        ("c.prom", "torn{a=\"b\n"),
        ("d.prom", "node_load1 7\n"),
        ("e.prom", "hostward_ticks_total 7\n"),
        ("f.prom", "# HELP fine Otherwise.\nfine 2\n"),
        ("g.prom", "process_cpu_seconds_total 7\n"),
        ("h.prom", "twice{a=\"1\"} 1\n"),
        ("i.prom", "twice{a=\"1\"} 2\ntwice{a=\"2\"} 3\n"),
    ];
    expect![[r#"
        fine 1
        twice{a="1"} 1
        twice{a="2"} 3
        node_textfile_scrape_error 1
        gap /d/b.prom: old has a timestamp of its own; leave it out ()
        gap /d/c.prom: 1:10: a double quote at the end of the label value ()
        gap /d/d.prom: node_load1 is a metric of the probe loadavg; choose another name ()
        gap /d/e.prom: hostward_ticks_total is a metric of the probe hostward; choose another name ()
        gap /d/f.prom: fine has another type or help in /d/a.prom; the first one counts ()
        gap /d/g.prom: process_cpu_seconds_total is a metric of the probe hostward; choose another name ()
        gap /d/h.prom, /d/i.prom: twice: the series ["1"] is there twice; the first one counts ()
    "#]]
    .assert_eq(&told("refused", &files));
}

#[test]
fn a_file_is_read_again_when_it_is_written_and_ends_when_it_goes() {
    let root = scratch("again");
    let mut probe = probe(&["/*"]);
    let path = root.join("d/a.prom");
    fs::write(&path, "x 1\n").unwrap();
    assert_eq!(look(&mut probe, &root), "x 1\nnode_textfile_scrape_error 0\n");
    // As writers should: another file is moved in its place.
    fs::write(root.join("new"), "x 2\n").unwrap();
    fs::rename(root.join("new"), &path).unwrap();
    assert_eq!(look(&mut probe, &root), "x 2\nnode_textfile_scrape_error 0\n");
    fs::remove_file(&path).unwrap();
    assert_eq!(look(&mut probe, &root), "node_textfile_scrape_error 0\n");
    fs::remove_dir_all(&root).unwrap();
}

#[test]
fn a_fifo_is_not_waited_for() {
    let root = scratch("fifo");
    nix::unistd::mkfifo(&root.join("d/hung.prom"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    let told = look(&mut probe(&["/d"]), &root);
    fs::remove_dir_all(&root).unwrap();
    assert_eq!(told, "node_textfile_scrape_error 1\ngap /d/hung.prom: not a regular file ()\n");
}
