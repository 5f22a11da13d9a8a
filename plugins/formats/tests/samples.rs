//! What plugins printed, and what is made of it: `samples/FORMAT/NAME.sample` in, `NAME.expected` out, each of which a person
//! has read. `UPDATE_EXPECT=1` writes them anew; then read the difference.

use hostward_formats::exposition;
use hostward_formats::{Exit, Format, Limits, Output, Report, munin};
use std::fs;
use std::path::{Path, PathBuf};

/// A sample file: `exit code 0`, then sections that begin with `--- declared`, `--- stdout` or `--- stderr`.
struct Sample {
    exit: Exit,
    declared: Vec<u8>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Sample {
    fn read(path: &Path) -> Sample {
        let bytes = fs::read(path).expect("a sample that can be read");
        let end = bytes.iter().position(|byte| *byte == b'\n').expect("a sample that can be read");
        let mut sample = Sample {
            exit: exit(std::str::from_utf8(&bytes[..end]).expect("a sample that can be read")),
            declared: Vec::new(),
            stdout: Vec::new(),
            stderr: Vec::new(),
        };
        let mut section = &mut sample.stdout;
        for line in bytes[end + 1..].split_inclusive(|byte| *byte == b'\n') {
            match line {
                b"--- declared\n" => section = &mut sample.declared,
                b"--- stdout\n" => section = &mut sample.stdout,
                b"--- stderr\n" => section = &mut sample.stderr,
                line => section.extend(line),
            }
        }
        // The line feed before the next section is not the plugin's.
        for section in [&mut sample.declared, &mut sample.stdout, &mut sample.stderr] {
            section.pop();
        }
        sample
    }

    fn output<'a>(&'a self, name: &'a str) -> Output<'a> {
        let Sample { exit, declared, stdout, stderr } = self;
        Output { name, stdout, stderr, exit: *exit, declared }
    }
}

fn exit(line: &str) -> Exit {
    match line.split(' ').collect::<Vec<_>>()[..] {
        ["exit", "running"] => Exit::Running,
        ["exit", "timeout"] => Exit::TimedOut,
        ["exit", "code", code] => Exit::Code(code.parse().expect("a sample that can be read")),
        ["exit", "signal", signal] => Exit::Signal(signal.parse().expect("a sample that can be read")),
        _ => panic!("{line}"),
    }
}

/// What a Munin plugin answered to `autoconf` or `suggest`.
fn asked(kind: &str, output: &Output) -> Option<String> {
    Some(match kind {
        "autoconf" => format!("autoconf: {:?}\n", munin::autoconf(output)),
        "suggest" => format!("suggest: {:?}\n", munin::suggest(output, &Limits::default())),
        _ => return None,
    })
}

fn directory(format: Format) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(format.as_str())
}

fn check(format: Format, count: usize) {
    let mut paths: Vec<PathBuf> = fs::read_dir(directory(format))
        .expect("a sample that can be read")
        .map(|entry| entry.expect("a sample that can be read").path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "sample"));
    paths.sort();
    assert_eq!(paths.len(), count, "{format:?}");
    for path in paths {
        let sample = Sample::read(&path);
        let stem =
            path.file_stem().expect("a sample that can be read").to_str().expect("a sample that can be read");
        let (name, kind) = stem.split_once('.').unwrap_or((stem, ""));
        let output = sample.output(name);
        let told = asked(kind, &output).unwrap_or_else(|| {
            let report = format.read(&output, &Limits::default());
            valid(&report);
            report.to_string()
        });
        expect_test::expect_file![path.with_extension("expected")].assert_eq(&told);
    }
}

/// Whatever came in, what comes out is an exposition that the strict reader takes.
fn valid(report: &Report) {
    let text = exposition::write(&report.families, exposition::Format::Text);
    let read = exposition::read(&text, exposition::Format::Text);
    assert!(read.is_ok(), "{read:?}\n{text}");
}

#[test]
fn nagios() {
    check(Format::Nagios, 73);
}

#[test]
fn textfile() {
    check(Format::Textfile, 16);
}

#[test]
fn munin() {
    check(Format::Munin, 97);
}

#[test]
fn netdata() {
    check(Format::Netdata, 7);
}

#[test]
fn checkmk() {
    check(Format::Checkmk, 2);
}

#[test]
fn collectd() {
    check(Format::Collectd, 2);
}

#[test]
fn influx() {
    check(Format::Influx, 3);
}

#[test]
fn native() {
    check(Format::Native, 6);
}
