//! What the kernel knows and does about the flaws of the processor.

use crate::{Fault, Host, Spec, attributes};
use hostward_model::{Batch, Metric};

static INFO: Metric = Metric::gauge(
    "node_cpu_vulnerabilities_info",
    "A known flaw of processors: whether this one has it and what is done about it; the value is always 1.",
    &["codename", "state", "mitigation"],
);

const DIRECTORY: &str = "/sys/devices/system/cpu/vulnerabilities";

/// How a line can begin, and what it means.
const STATES: [(&str, &str); 6] = [
    ("Not affected", "not affected"),
    ("Vulnerable", "vulnerable"),
    ("Mitigation", "mitigation"),
    ("Unknown", "unknown"),
    // Of a flaw that only guests can use.
    ("KVM: Mitigation", "mitigation"),
    ("KVM: Vulnerable", "vulnerable"),
];

pub static SPEC: Spec = Spec {
    name: "cpu_vulnerabilities",
    about: "known flaws of the processor, and whether they are mitigated",
    doc: "admin-guide/hw-vuln/index.rst",
    reads: &[DIRECTORY],
    metrics: &[&INFO],
    every_ms: 60_000,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let names = attributes::entries(host, DIRECTORY, out)?;
    names.iter().map(|name| collect_one(host, name, out)).fold(Ok(()), Result::and)
}

fn collect_one(host: &mut Host, name: &str, out: &mut Batch) -> Result<(), Fault> {
    match host.attribute(format_args!("{DIRECTORY}/{name}"))? {
        Some(text) => parse(name, text, out),
        None => Ok(()),
    }
}

/// `Mitigation: PTI`, `Vulnerable`, `Vulnerable: no microcode`
fn parse(name: &str, text: &str, out: &mut Batch) -> Result<(), Fault> {
    let begins = |(start, state): &(&str, &'static str)| Some((*state, text.strip_prefix(start)?));
    let (state, rest) = STATES.iter().find_map(begins).ok_or_else(|| {
        Fault::malformed(&format!("{DIRECTORY}/{name}"), 1, text, "a state of a vulnerability")
    })?;
    out.push(&INFO, &[name, state, rest.trim_start_matches([':', ';', ' '])], 1.0);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{SPEC, parse};
    use crate::testing::{check, check_host};
    use expect_test::expect;

    #[test]
    fn states() {
        let each = |text: &str, out: &mut _| text.lines().try_for_each(|line| parse("flaw", line, out));
        check(
            each,
            "Not affected\nVulnerable\nVulnerable: Clear CPU buffers attempted, no microcode\n\
             Mitigation: Retpolines, IBPB: conditional\nUnknown: Dependent on hypervisor status\n\
             KVM: Mitigation: VMX disabled\nsafe, I promise\n",
            expect![[r#"
                node_cpu_vulnerabilities_info{codename="flaw",state="not affected",mitigation=""} 1
                node_cpu_vulnerabilities_info{codename="flaw",state="vulnerable",mitigation=""} 1
                node_cpu_vulnerabilities_info{codename="flaw",state="vulnerable",mitigation="Clear CPU buffers attempted, no microcode"} 1
                node_cpu_vulnerabilities_info{codename="flaw",state="mitigation",mitigation="Retpolines, IBPB: conditional"} 1
                node_cpu_vulnerabilities_info{codename="flaw",state="unknown",mitigation="Dependent on hypervisor status"} 1
                node_cpu_vulnerabilities_info{codename="flaw",state="mitigation",mitigation="VMX disabled"} 1
                fault malformed: /sys/devices/system/cpu/vulnerabilities/flaw:1: expected a state of a vulnerability, found "safe, I promise"
            "#]],
        );
    }

    #[test]
    fn one_that_makes_no_sense_does_not_hide_the_others() {
        let files = [
            ("/sys/devices/system/cpu/vulnerabilities/mds", "?\n"),
            ("/sys/devices/system/cpu/vulnerabilities/srso", "Not affected\n"),
        ];
        check_host(
            &SPEC,
            &[],
            &files,
            expect![[r#"
            node_cpu_vulnerabilities_info{codename="srso",state="not affected",mitigation=""} 1
            fault malformed: /sys/devices/system/cpu/vulnerabilities/mds:1: expected a state of a vulnerability, found "?"
        "#]],
        );
    }
}
