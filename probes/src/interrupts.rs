//! Interrupts by CPU and source.

use crate::settings::Filter;
use crate::words::not_empty;
use crate::{Fault, Host, Preset, Probe, Setting, Settings, Spec};
use hostward_model::{Batch, Metric};

static INTERRUPTS: Metric = Metric::counter(
    "node_interrupts_total",
    "Interrupts serviced, by CPU and source.",
    &["cpu", "type", "info", "devices"],
);

const PATH: &str = "/proc/interrupts";

pub static SPEC: Spec = Spec {
    name: "interrupts",
    about: "interrupts by CPU and source: a series for each pair, so thousands on a large host",
    doc: "proc_interrupts(5)",
    reads: &[PATH],
    metrics: &[&INTERRUPTS],
    enabled: false,
    settings: &[
        Setting {
            name: "name_include",
            about: "Which sources are counted, as number;controller;devices; all when empty.",
            default: Preset::Pattern(""),
        },
        Setting {
            name: "name_exclude",
            about: "Which sources are not counted, as number;controller;devices.",
            default: Preset::Pattern(""),
        },
        Setting {
            name: "include_zeros",
            about: "Whether a source is told that never interrupted a CPU.",
            default: Preset::Flag(true),
        },
    ],
    start: |settings| Box::new(Interrupts::new(settings)),
    ..Spec::INLINE
};

/// What is wanted, and memory that is used again in each run.
struct Interrupts {
    filter: Filter,
    zeros: bool,
    source: String,
}

impl Interrupts {
    fn new(settings: &Settings) -> Self {
        let filter = settings.filter("name_include", "name_exclude");
        Interrupts { filter, zeros: settings.flag("include_zeros"), source: String::new() }
    }
}

impl Probe for Interrupts {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        parse(host.read(PATH)?, self, out)
    }
}

/// A head line with a word `CPU0` for each CPU that is online, then a line for each source.
fn parse(text: &str, wanted: &mut Interrupts, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    let (head, rest) = text.split_once('\n').unwrap_or((text, ""));
    let bad = head.split_whitespace().find(|word| cpu(word).is_none());
    if let Some(word) = bad {
        return Err(Fault::malformed(PATH, 1, word, "CPU and a number"));
    }
    for (line, number) in rest.lines().zip(2..) {
        parse_source(head, line, number, wanted, out)?;
    }
    // A host where nothing but zero is there to be told is too odd to be true.
    not_empty(PATH, before, out, "interrupts by CPU")
}

fn cpu(word: &str) -> Option<&str> {
    word.strip_prefix("CPU").filter(|number| number.parse::<u32>().is_ok())
}

/// ` 16:  328511  322879  IR-IO-APIC-fasteoi   ehci_hcd:usb1, mmc0`
///
/// `ERR` and `MIS` are not by CPU, and are left out.
fn parse_source(
    head: &str,
    line: &str,
    number: usize,
    wanted: &mut Interrupts,
    out: &mut Batch,
) -> Result<(), Fault> {
    let fault = |word, expected| Err(Fault::malformed(PATH, number, word, expected));
    let Some((name, rest)) = line.split_once(':') else { return fault(line, "a source and a colon") };
    let (name, cpus) = (name.trim(), head.split_whitespace().count());
    if rest.split_whitespace().nth(cpus).is_none() {
        return Ok(());
    }
    let ends = wanted.name_source(name, rest.split_whitespace().skip(cpus));
    let (info, devices) = (&wanted.source[ends.0..ends.1], &wanted.source[ends.1 + 1..]);
    if !wanted.filter.takes(&wanted.source) {
        return Ok(());
    }
    for (cpu, word) in head.split_whitespace().filter_map(cpu).zip(rest.split_whitespace()) {
        let Ok(count) = word.parse::<u64>() else { return fault(word, "a whole number") };
        if count > 0 || wanted.zeros {
            out.push(&INTERRUPTS, &[cpu, name, info, devices], count as f64);
        }
    }
    Ok(())
}

impl Interrupts {
    /// Writes `name;info;devices`; gives where the info begins and ends. Only a numbered interrupt has devices.
    fn name_source<'a>(&mut self, name: &str, mut words: impl Iterator<Item = &'a str>) -> (usize, usize) {
        self.source.clear();
        self.source.push_str(name);
        self.source.push(';');
        let start = self.source.len();
        if name.parse::<u32>().is_ok() {
            self.source.push_str(words.next().unwrap_or(""));
            let end = self.source.len();
            self.source.push(';');
            push_words(&mut self.source, words);
            return (start, end);
        }
        push_words(&mut self.source, words);
        self.source.push(';');
        (start, self.source.len() - 1)
    }
}

fn push_words<'a>(text: &mut String, words: impl Iterator<Item = &'a str>) {
    let start = text.len();
    for word in words {
        if text.len() > start {
            text.push(' ');
        }
        text.push_str(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use crate::testing::{check, check_host};
    use expect_test::expect;

    const TEXT: &str = "           CPU0       CPU2\n  9:     398553       2320  IR-IO-APIC   9-fasteoi   acpi\n \
                        40:          0          0  DMAR_MSI-edge      dmar0\nNMI:         47          0   Non-maskable   interrupts\n\
                        ERR:          0\n";

    fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
        super::parse(text, &mut Interrupts::new(&Settings::new(SPEC.settings)), out)
    }

    #[test]
    fn sources_by_cpu() {
        check(
            parse,
            TEXT,
            expect![[r#"
            node_interrupts_total{cpu="0",type="9",info="IR-IO-APIC",devices="9-fasteoi acpi"} 398553
            node_interrupts_total{cpu="2",type="9",info="IR-IO-APIC",devices="9-fasteoi acpi"} 2320
            node_interrupts_total{cpu="0",type="40",info="DMAR_MSI-edge",devices="dmar0"} 0
            node_interrupts_total{cpu="2",type="40",info="DMAR_MSI-edge",devices="dmar0"} 0
            node_interrupts_total{cpu="0",type="NMI",info="Non-maskable interrupts",devices=""} 47
            node_interrupts_total{cpu="2",type="NMI",info="Non-maskable interrupts",devices=""} 0
        "#]],
        );
    }

    #[test]
    fn some_sources_without_zeros() {
        let set = [
            ("include_zeros", Value::Flag(false)),
            ("name_exclude", Value::Text("9;IR-IO-APIC;.*acpi".to_owned())),
        ];
        check_host(
            &SPEC,
            &set,
            &[(PATH, TEXT)],
            expect![[r#"
            node_interrupts_total{cpu="0",type="NMI",info="Non-maskable interrupts",devices=""} 47
        "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            "  CPU0\n 1: many IO-APIC i8042\n",
            expect![[r#"
            fault malformed: /proc/interrupts:2: expected a whole number, found "many"
        "#]],
        );
        check(
            parse,
            "  CPU0\n 1 2 IO-APIC i8042\n",
            expect![[r#"
            fault malformed: /proc/interrupts:2: expected a source and a colon, found " 1 2 IO-APIC i8042"
        "#]],
        );
        check(
            parse,
            "  CPUzero\n 1: 2 IO-APIC i8042\n",
            expect![[r#"
            fault malformed: /proc/interrupts:1: expected CPU and a number, found "CPUzero"
        "#]],
        );
        check(
            parse,
            "",
            expect![[r#"
            fault malformed: /proc/interrupts:1: expected interrupts by CPU, found ""
        "#]],
        );
    }
}
