//! A small audit for the tests of what is made of it: one check of each verdict, and text that wants to break out.

use super::{About, Record};
use crate::check::{Check, Judgement, Level, Observation, Verdict};
use crate::compliance::{Framework, score};
use hostward_model::Origin;

const FRAMEWORK: &str = "id = 'cis'\ntitle = 'Bench & Mark'\nversion = '1'\nabout = 'A.'\nsources = ['S']\n\
    [requirements]\n'5.1.20' = { decidable = 'yes', curated = ['ssh.root_login'] }\n\
    '5.1.21' = { decidable = 'partly', curated = ['ssh.x11'] }\n'6.1' = { decidable = 'no' }\n";

fn check(id: &str, severity: &str) -> Check {
    let text = format!(
        "id = '{id}'\ntitle = 'Title of {id}'\nrationale = 'Because.'\nseverity = '{severity}'\nrisks = ['R']\n\
         [[all]]\nkind = 'setting'\narea = 'sshd'\nkey = 'x'\nexpect.basic = {{ is = ['no'] }}\n"
    );
    Check::parse("a.toml", &text).unwrap()
}

fn judgement(id: &str, verdict: Verdict, reason: &str) -> Judgement {
    let met = verdict == Verdict::Pass;
    let observation = Observation {
        what: "Match \"x\": permitrootlogin".to_owned(),
        observed: if met { "no" } else { "\u{1b}[2Jyes <b>&\"'" }.to_owned(),
        wanted: "no".to_owned(),
        origin: Some(Origin::line("/etc/ssh/a \"b\".conf", 2)),
        met,
    };
    let looked = matches!(verdict, Verdict::Pass | Verdict::Fail | Verdict::Waived);
    let observations = if looked { vec![observation] } else { Vec::new() };
    Judgement { check: id.to_owned(), verdict, reason: reason.to_owned(), observations }
}

/// The audit.
pub fn record() -> Record {
    let said = [
        ("ssh.root_login", "high", Verdict::Fail, ""),
        ("ssh.x11", "low", Verdict::Pass, ""),
        ("ssh.waived", "medium", Verdict::Waived, "ops until 2027-01-01: it must"),
        ("mount.home", "medium", Verdict::NotApplicable, "no mount at /home"),
        ("mount.tmp", "medium", Verdict::Error, "/etc/fstab:3: cannot be read"),
        ("acct.a", "low", Verdict::NotSelected, ""),
    ];
    let checks: Vec<Check> = said.iter().map(|(id, severity, ..)| check(id, severity)).collect();
    let judged: Vec<_> =
        said.iter().map(|(id, _, verdict, reason)| judgement(id, *verdict, reason)).collect();
    let framework = Framework::parse("cis.toml", FRAMEWORK).unwrap();
    let score = score(&framework, &judged);
    let about = About {
        host: "web<1>".to_owned(),
        at: "2026-11-21T04:10:00Z".to_owned(),
        version: "0.1.0".to_owned(),
        profile: "web-server".to_owned(),
        level: Level::Strict,
    };
    let judged: Vec<_> = checks.iter().zip(judged).collect();
    Record::new(about, &judged, &[], &[(&framework, score)])
}
