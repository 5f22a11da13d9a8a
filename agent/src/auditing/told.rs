//! What the daemon tells of its audits, as samples.

use super::last::{Drifted, Last};
use hostward_engine::own::AUDIT;
use hostward_harden::audit::Scored;
use hostward_harden::check::{Severity, Verdict};
use hostward_model::{Batch, Metric};
use hostward_probes::Spec;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Failed checks that are told one by one; all are counted.
const FAILED_MAX: usize = 500;

static RATIO: Metric = Metric::gauge(
    "hostward_compliance_ratio",
    "Requirements of a framework that passed, of those that were decided on this host; absent when none was.",
    &["framework", "profile"],
);
static CHECKS: Metric =
    Metric::gauge("hostward_checks", "Checks of the last audit by what they say.", &["verdict"]);
static STATUS: Metric = Metric::gauge(
    "hostward_check_status",
    "A check that failed in the last audit; always 1. Those that did not fail have no series.",
    &["check", "severity"],
);
static DRIFT: Metric = Metric::gauge(
    "hostward_check_drift_timestamp_seconds",
    "When a check was found failing that had passed before; absent once it passes again. The file is what changed, as far as that is known.",
    &["check", "severity", "file", "package"],
);
static CHANGED: Metric = Metric::gauge(
    "hostward_check_drift_file_changed_timestamp_seconds",
    "When the file of a check that drifted was last changed before that was found.",
    &["check", "file"],
);
static LAST: Metric =
    Metric::gauge("hostward_audit_last_run_timestamp_seconds", "When the last audit ended.", &[]);
static DURATION: Metric =
    Metric::gauge("hostward_audit_duration_seconds", "How long the last audit took.", &[]);
static SUCCESS: Metric = Metric::gauge(
    "hostward_audit_success",
    "Whether the last attempt to audit this host came to its end.",
    &[],
);

/// The audit as a probe.
pub static SPEC: Spec = Spec {
    name: AUDIT,
    about: "how hardened this host is, and what has drifted",
    metrics: METRICS,
    ..Spec::INLINE
};

static METRICS: &[&Metric] = &[&RATIO, &CHECKS, &STATUS, &DRIFT, &CHANGED, &LAST, &DURATION, &SUCCESS];

/// What is told of an audit, which is much less than what it found.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Picture {
    profile: String,
    ratios: Vec<(String, f64)>,
    counts: Vec<(Verdict, usize)>,
    failed: Vec<(String, Severity)>,
    drifted: BTreeMap<String, Drifted>,
    /// When, wall clock.
    pub at_ms: i64,
    seconds: f64,
}

impl Picture {
    /// Of the last audit.
    pub fn of(last: &Last) -> Picture {
        let all = [
            Verdict::Pass,
            Verdict::Fail,
            Verdict::NotApplicable,
            Verdict::Error,
            Verdict::NotSelected,
            Verdict::Waived,
        ];
        let record = &last.record;
        let ratio = |own: &Scored| Some((own.id.clone(), own.ratio_of_decided?));
        let failed = record.of(Verdict::Fail).into_iter().take(FAILED_MAX);
        Picture {
            profile: record.about.profile.clone(),
            ratios: record.frameworks.iter().filter_map(ratio).collect(),
            counts: all.map(|verdict| (verdict, record.count(verdict))).to_vec(),
            failed: failed.map(|own| (own.id.clone(), own.severity)).collect(),
            drifted: last.drifted.clone(),
            at_ms: last.at_ms,
            seconds: last.seconds,
        }
    }

    fn fill(&self, out: &mut Batch) {
        self.ratios
            .iter()
            .for_each(|(framework, ratio)| out.push(&RATIO, &[framework, &self.profile], *ratio));
        self.counts.iter().for_each(|(verdict, count)| out.push(&CHECKS, &[verdict.as_str()], *count as f64));
        self.failed.iter().for_each(|(check, severity)| out.push(&STATUS, &[check, severity.as_str()], 1.0));
        self.drifted.iter().for_each(|(check, own)| drift(check, own, out));
        out.push(&LAST, &[], seconds(self.at_ms));
        out.push(&DURATION, &[], self.seconds);
    }
}

/// All that is told; nothing of an audit when there was none yet.
pub fn fill(picture: Option<&Picture>, succeeded: Option<bool>, out: &mut Batch) {
    picture.iter().for_each(|own| own.fill(out));
    succeeded.iter().for_each(|own| out.push(&SUCCESS, &[], f64::from(u8::from(*own))));
}

fn drift(check: &str, own: &Drifted, out: &mut Batch) {
    let file = own.cause.file.as_deref().unwrap_or("");
    let package = own.cause.package.as_deref().unwrap_or("");
    out.push(&DRIFT, &[check, own.severity.as_str(), file, package], seconds(own.found_ms));
    own.cause.changed_ms.iter().for_each(|at| out.push(&CHANGED, &[check, file], seconds(*at)));
}

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::super::last::tests::after;
    use super::*;
    use expect_test::expect;
    use hostward_model::{number, text};

    fn shown(picture: Option<&Picture>, succeeded: Option<bool>) -> String {
        let (mut batch, mut out) = (Batch::new(), String::new());
        fill(picture, succeeded, &mut batch);
        for sample in batch.samples() {
            text::write_series(
                &mut out,
                sample.metric.name,
                sample.metric.labels.iter().copied().zip(sample.labels()),
            );
            out.push(' ');
            number::write(&mut out, sample.value);
            out.push('\n');
        }
        out
    }

    #[test]
    fn failures_drift_and_ratios_are_told() {
        let (first, _) = after(None, &[("a", "pass"), ("b", "fail"), ("c", "pass")], 1000);
        let (second, _) = after(Some(&first), &[("a", "fail"), ("b", "fail"), ("c", "pass")], 2000);
        expect![[r#"
            hostward_compliance_ratio{framework="cis",profile=""} 0.5
            hostward_checks{verdict="pass"} 1
            hostward_checks{verdict="fail"} 2
            hostward_checks{verdict="not-applicable"} 0
            hostward_checks{verdict="error"} 0
            hostward_checks{verdict="not-selected"} 0
            hostward_checks{verdict="waived"} 0
            hostward_check_status{check="a",severity="high"} 1
            hostward_check_status{check="b",severity="high"} 1
            hostward_check_drift_timestamp_seconds{check="a",severity="high",file="/etc/x",package="p"} 2
            hostward_check_drift_file_changed_timestamp_seconds{check="a",file="/etc/x"} 1
            hostward_audit_last_run_timestamp_seconds 2
            hostward_audit_duration_seconds 0.5
            hostward_audit_success 1
        "#]]
        .assert_eq(&shown(Some(&Picture::of(&second)), Some(true)));
        assert_eq!(shown(None, None), "");
    }
}
