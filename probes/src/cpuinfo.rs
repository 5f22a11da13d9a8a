//! What the processor says it is: model, microcode, flags, known bugs, present frequency.

use crate::words::not_empty;
use crate::{Fault, Host, Preset, Setting, Settings, Spec};
use hostward_model::{Batch, Metric};
use regex::Regex;

static INFO: Metric = Metric::gauge(
    "node_cpu_info",
    "What /proc/cpuinfo tells of the CPU; the value is always 1.",
    &[
        "package",
        "core",
        "cpu",
        "vendor",
        "family",
        "model",
        "model_name",
        "microcode",
        "stepping",
        "cachesize",
    ],
);
static FREQUENCY: Metric = Metric::gauge(
    "node_cpu_frequency_hertz",
    "CPU frequency in hertz, as /proc/cpuinfo tells it.",
    &["package", "core", "cpu"],
);
static FLAG: Metric = Metric::gauge(
    "node_cpu_flag_info",
    "A feature that the first CPU has, of those that were asked for; the value is always 1.",
    &["flag"],
);
static BUG: Metric = Metric::gauge(
    "node_cpu_bug_info",
    "A bug that the kernel knows of the first CPU, of those that were asked for; the value is always 1.",
    &["bug"],
);

const PATH: &str = "/proc/cpuinfo";

/// The place of a key among the labels of `INFO`; the second name is what ARM says instead.
const KEYS: [(&str, &str); 10] = [
    ("physical id", ""),
    ("core id", ""),
    ("processor", ""),
    ("vendor_id", "CPU implementer"),
    ("cpu family", "CPU architecture"),
    ("model", "CPU part"),
    ("model name", ""),
    ("microcode", ""),
    ("stepping", "CPU variant"),
    ("cache size", ""),
];

pub static SPEC: Spec = Spec {
    name: "cpuinfo",
    about: "model, microcode, frequency, features and known bugs of the CPUs",
    doc: "proc_cpuinfo(5)",
    reads: &[PATH],
    metrics: &[&INFO, &FREQUENCY, &FLAG, &BUG],
    every_ms: 10_000,
    enabled: false,
    settings: &[
        Setting {
            name: "flags_include",
            about: "Which features of the CPU are told, such as avx.*; none when empty.",
            default: Preset::Pattern(""),
        },
        Setting {
            name: "bugs_include",
            about: "Which known bugs of the CPU are told, such as spectre_.*; none when empty.",
            default: Preset::Pattern(""),
        },
    ],
    start: |settings| {
        let wanted = Wanted::new(settings);
        Box::new(move |host: &mut Host, out: &mut Batch| parse(host.read(PATH)?, &wanted, out))
    },
    // Telling the frequency of a CPU may interrupt it.
    ..Spec::ASIDE
};

/// Which words of the long lists are told.
struct Wanted {
    flags: Option<Regex>,
    bugs: Option<Regex>,
}

impl Wanted {
    fn new(settings: &Settings) -> Self {
        let pattern = |name| settings.pattern(name).cloned();
        Wanted { flags: pattern("flags_include"), bugs: pattern("bugs_include") }
    }
}

/// What was read of one CPU so far.
#[derive(Default)]
struct Cpu<'a> {
    labels: [&'a str; KEYS.len()],
    megahertz: Option<f64>,
}

/// Blocks of `key : value`, a CPU each, with an empty line between them.
fn parse(text: &str, wanted: &Wanted, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    let (mut cpu, mut first) = (Cpu::default(), true);
    for (line, number) in text.lines().zip(1..) {
        let Some((key, value)) = line.split_once(':') else {
            first &= !push(std::mem::take(&mut cpu), out);
            continue;
        };
        let (key, value) = (key.trim_end(), value.trim());
        match key {
            "cpu MHz" => cpu.megahertz = Some(megahertz(number, value)?),
            "flags" | "Features" if first => push_words(&FLAG, value, &wanted.flags, out),
            "bugs" if first => push_words(&BUG, value, &wanted.bugs, out),
            _ => cpu.take(key, value),
        }
    }
    push(cpu, out);
    not_empty(PATH, before, out, "a processor")
}

impl<'a> Cpu<'a> {
    fn take(&mut self, key: &str, value: &'a str) {
        let place = KEYS.iter().position(|&(name, arm)| key == name || !arm.is_empty() && key == arm);
        if let Some(place) = place {
            self.labels[place] = value;
        }
    }
}

fn megahertz(line: usize, word: &str) -> Result<f64, Fault> {
    let value: Option<f64> = word.parse().ok().filter(|value: &f64| value.is_finite() && *value >= 0.0);
    value.ok_or_else(|| Fault::malformed(PATH, line, word, "a frequency in megahertz"))
}

fn push_words(metric: &'static Metric, words: &str, wanted: &Option<Regex>, out: &mut Batch) {
    let Some(wanted) = wanted else { return };
    for word in words.split_whitespace().filter(|word| wanted.is_match(word)) {
        out.push(metric, &[word], 1.0);
    }
}

/// Some processors have blocks about the whole machine, too, which have no number and give nothing.
fn push(cpu: Cpu<'_>, out: &mut Batch) -> bool {
    let [package, core, number, ..] = cpu.labels;
    if number.is_empty() {
        return false;
    }
    out.push(&INFO, &cpu.labels, 1.0);
    if let Some(megahertz) = cpu.megahertz {
        out.push(&FREQUENCY, &[package, core, number], megahertz * 1e6);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;
    use expect_test::expect;

    fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
        let wanted = Wanted { flags: Regex::new("^avx.?$").ok(), bugs: Regex::new("^mds$").ok() };
        super::parse(text, &wanted, out)
    }

    #[test]
    fn two_threads_of_a_core() {
        check(
            parse,
            "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 142\n\
             model name\t: Intel(R) i7-8650U @ 1.90GHz\nstepping\t: 10\nmicrocode\t: 0xb4\ncpu MHz\t\t: 799.998\n\
             cache size\t: 8192 KB\nphysical id\t: 0\ncore id\t\t: 0\nflags\t\t: fpu avx avx2\nbugs\t\t: mds l1tf\n\
             power management:\n\nprocessor\t: 4\nflags\t\t: avx\nphysical id\t: 0\ncore id\t\t: 0\n\n",
            expect![[r#"
                node_cpu_flag_info{flag="avx"} 1
                node_cpu_flag_info{flag="avx2"} 1
                node_cpu_bug_info{bug="mds"} 1
                node_cpu_info{package="0",core="0",cpu="0",vendor="GenuineIntel",family="6",model="142",model_name="Intel(R) i7-8650U @ 1.90GHz",microcode="0xb4",stepping="10",cachesize="8192 KB"} 1
                node_cpu_frequency_hertz{package="0",core="0",cpu="0"} 799998000
                node_cpu_info{package="0",core="0",cpu="4",vendor="",family="",model="",model_name="",microcode="",stepping="",cachesize=""} 1
            "#]],
        );
    }

    #[test]
    fn arm_has_other_words() {
        check(
            parse,
            "processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp avx\nCPU implementer\t: 0x41\nCPU architecture: 8\n\
             CPU variant\t: 0x3\nCPU part\t: 0xd0c\nCPU revision\t: 1\n\nHardware\t: BCM2835\n",
            expect![[r#"
                node_cpu_flag_info{flag="avx"} 1
                node_cpu_info{package="",core="",cpu="0",vendor="0x41",family="8",model="0xd0c",model_name="",microcode="",stepping="0x3",cachesize=""} 1
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            "processor : 0\ncpu MHz : fast\n",
            expect![[r#"
            fault malformed: /proc/cpuinfo:2: expected a frequency in megahertz, found "fast"
        "#]],
        );
        check(
            parse,
            "processor : 0\ncpu MHz : inf\n",
            expect![[r#"
            fault malformed: /proc/cpuinfo:2: expected a frequency in megahertz, found "inf"
        "#]],
        );
        check(
            parse,
            "no cpu here\n",
            expect![[r#"
            fault malformed: /proc/cpuinfo:1: expected a processor, found ""
        "#]],
        );
    }
}
