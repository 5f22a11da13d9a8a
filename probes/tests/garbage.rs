//! Kernel text that makes no sense: captured files are torn, flipped and replaced, and no probe may panic
//! or make a value that is not a number out of it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod capture;

use hostward_model::Batch;
use hostward_probes::{Host, PROBES, Pace, Spec};
use proptest::collection::vec;
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// What is done to one file.
#[derive(Clone, Debug)]
enum Damage {
    Replace(Vec<u8>),
    Words(String),
    Cut(prop::sample::Index),
    Flip(Vec<(prop::sample::Index, u8)>),
    Double(prop::sample::Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let word = "[a-zA-Z:=.<>,/+0-9-]{0,22}|-?[0-9]{1,25}|NaN|inf|1e9|\u{0}|é";
    prop_oneof![
        vec(any::<u8>(), 0..200).prop_map(Damage::Replace),
        vec((word, "[ \t\n]"), 0..40).prop_map(|words| {
            Damage::Words(words.into_iter().map(|(word, space)| word + &space).collect())
        }),
        any::<prop::sample::Index>().prop_map(Damage::Cut),
        vec((any::<prop::sample::Index>(), any::<u8>()), 1..8).prop_map(Damage::Flip),
        any::<prop::sample::Index>().prop_map(Damage::Double),
    ]
}

fn apply(damage: &Damage, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    match damage {
        Damage::Replace(other) => return other.clone(),
        Damage::Words(text) => return text.clone().into_bytes(),
        _ if bytes.is_empty() => {}
        Damage::Cut(at) => bytes.truncate(at.index(bytes.len())),
        Damage::Flip(flips) => flips.iter().for_each(|(at, byte)| {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }),
        Damage::Double(at) => bytes.extend_from_within(at.index(bytes.len())..),
    }
    bytes
}

/// Files below `directory`, as seen from `root`.
fn files(root: &Path, directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            files(root, &entry.path(), found);
        } else if entry.path().is_file() {
            found.push(entry.path().strip_prefix(root).unwrap().to_owned());
        }
    }
}

/// All captures and their files.
static CAPTURED: LazyLock<Vec<(PathBuf, PathBuf)>> = LazyLock::new(|| {
    let mut all = Vec::new();
    for root in [capture::node_exporter("any"), capture::linux_6_18("any")] {
        let mut found = Vec::new();
        files(&root, &root, &mut found);
        found.sort();
        all.extend(found.into_iter().map(|file| (root.clone(), file)));
    }
    all
});

/// Probes that read this file, or something in a directory above it; what lies in `/sys/devices` is mostly read
/// through a link.
fn readers(file: &Path) -> impl Iterator<Item = &'static Spec> {
    let path = Path::new("/").join(file);
    let of_text =
        |spec: &&Spec| spec.pace == Pace::Inline || !["filesystem", "processes"].contains(&spec.name);
    let reads = move |read: &&str| {
        path.starts_with(read) || path.starts_with("/sys/devices") && read.starts_with("/sys")
    };
    PROBES.iter().copied().filter(of_text).filter(move |spec| spec.reads.iter().any(&reads))
}

/// Has `look` see the file with other content, and puts it back.
fn with_damage<T>(path: &Path, text: &[u8], look: impl FnOnce() -> T) -> T {
    let before = std::fs::read(path).unwrap();
    std::fs::write(path, text).unwrap();
    let seen = look();
    std::fs::write(path, before).unwrap();
    seen
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_a_probe(which in any::<prop::sample::Index>(), damage in damage()) {
        let (root, file) = &CAPTURED[which.index(CAPTURED.len())];
        let path = root.join(file);
        let text = apply(&damage, &std::fs::read(&path).unwrap());
        with_damage(&path, &text, || readers(file).try_for_each(|spec| finite_or_faulty(spec, root)))?;
    }
}

fn finite_or_faulty(spec: &Spec, root: &Path) -> Result<(), TestCaseError> {
    let mut batch = Batch::new();
    let result = spec.instance().collect(&mut Host::new(root), &mut batch);
    for sample in batch.samples() {
        prop_assert!(sample.value.is_finite(), "{}: {}", spec.name, sample.value);
    }
    if let Err(fault) = result {
        prop_assert!(fault.to_string().len() < 1000);
    }
    Ok(())
}

/// An empty or unintelligible main file is a fault, not an idle host.
#[test]
fn nothing_is_not_zero() {
    let mains = [
        "stat",
        "loadavg",
        "meminfo",
        "vmstat",
        "pressure/cpu",
        "net/dev",
        "net/netstat",
        "net/snmp",
        "net/sockstat",
        "sys/fs/file-nr",
    ];
    let root = capture::linux_6_18("mains");
    for (file, text) in mains.iter().flat_map(|file| ["", "\n", "no\u{0} sense"].map(|text| (file, text))) {
        let file = Path::new("proc").join(file);
        assert!(readers(&file).next().is_some(), "nobody reads {}", file.display());
        with_damage(&root.join(&file), text.as_bytes(), || {
            for spec in readers(&file) {
                let result = spec.instance().collect(&mut Host::new(&root), &mut Batch::new());
                let reason = result.map_err(|fault| fault.reason());
                assert_eq!(reason, Err("malformed"), "{} of {text:?} in {}", spec.name, file.display());
            }
        });
    }
}
