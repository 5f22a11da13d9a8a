//! JUnit XML, as build servers read it: an area is a suite, a check a test case.

use super::outside::escaped;
use super::record::{Checked, Record, Seen};
use crate::check::Verdict;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The whole report.
pub fn junit(record: &Record) -> String {
    let mut areas: BTreeMap<&str, Vec<&Checked>> = BTreeMap::new();
    record.checks.iter().for_each(|own| areas.entry(own.area()).or_default().push(own));
    let all: Vec<&Checked> = record.checks.iter().collect();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(out, "<testsuites name=\"hostward audit\" {}>", counts(&all));
    areas.iter().for_each(|(area, checks)| suite(&mut out, record, area, checks));
    out.push_str("</testsuites>\n");
    out
}

fn counts(checks: &[&Checked]) -> String {
    let count = |fits: &[Verdict]| checks.iter().filter(|own| fits.contains(&own.verdict)).count();
    let skipped = count(&[Verdict::NotApplicable, Verdict::NotSelected, Verdict::Waived]);
    let (failures, errors) = (count(&[Verdict::Fail]), count(&[Verdict::Error]));
    let tests = checks.len();
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"0\"")
}

fn suite(out: &mut String, record: &Record, area: &str, checks: &[&Checked]) {
    // The form has no place for a zone: the time is in UTC.
    let at = record.about.at.trim_end_matches('Z');
    let host = escaped(&record.about.host);
    let head = format!("name=\"{}\" {}", escaped(area), counts(checks));
    let _ = writeln!(out, "  <testsuite {head} timestamp=\"{at}\" hostname=\"{host}\">");
    checks.iter().for_each(|own| case(out, own));
    out.push_str("  </testsuite>\n");
}

fn case(out: &mut String, own: &Checked) {
    let name = escaped(&format!("{}: {}", own.id, own.title));
    let head =
        format!("    <testcase classname=\"hostward.{}\" name=\"{name}\" time=\"0\"", escaped(own.area()));
    let inner = match own.verdict {
        Verdict::Pass => None,
        Verdict::Fail => Some(element("failure", own)),
        Verdict::Error => Some(element("error", own)),
        Verdict::NotApplicable | Verdict::NotSelected | Verdict::Waived => {
            Some(format!("<skipped message=\"{}\"/>", escaped(&skipped(own))))
        }
    };
    let _ = match inner {
        None => writeln!(out, "{head}/>"),
        Some(inner) => writeln!(out, "{head}>\n      {inner}\n    </testcase>"),
    };
}

fn element(name: &str, own: &Checked) -> String {
    let flaw = |flaw: &Seen| {
        let origin = flaw.origin.as_ref().map(|origin| format!(" ({origin})")).unwrap_or_default();
        format!("{}{origin}\n", flaw.said())
    };
    let message = if own.reason.is_empty() { &own.title } else { &own.reason };
    let text: String = own.flaws().map(flaw).collect();
    let (message, text, kind) = (escaped(message), escaped(&text), own.severity.as_str());
    format!("<{name} type=\"{kind}\" message=\"{message}\">{text}</{name}>")
}

fn skipped(own: &Checked) -> String {
    match own.reason.as_str() {
        "" => own.verdict.as_str().to_owned(),
        reason => format!("{}: {reason}", own.verdict.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::record;
    use super::*;
    use expect_test::expect;

    #[test]
    fn suites_cases_and_what_they_say() {
        expect![[r#"
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="hostward audit" tests="6" failures="1" errors="1" skipped="3" time="0">
              <testsuite name="acct" tests="1" failures="0" errors="0" skipped="1" time="0" timestamp="2026-11-21T04:10:00" hostname="web&lt;1&gt;">
                <testcase classname="hostward.acct" name="acct.a: Title of acct.a" time="0">
                  <skipped message="not-selected"/>
                </testcase>
              </testsuite>
              <testsuite name="mount" tests="2" failures="0" errors="1" skipped="1" time="0" timestamp="2026-11-21T04:10:00" hostname="web&lt;1&gt;">
                <testcase classname="hostward.mount" name="mount.home: Title of mount.home" time="0">
                  <skipped message="not-applicable: no mount at /home"/>
                </testcase>
                <testcase classname="hostward.mount" name="mount.tmp: Title of mount.tmp" time="0">
                  <error type="medium" message="/etc/fstab:3: cannot be read"></error>
                </testcase>
              </testsuite>
              <testsuite name="ssh" tests="3" failures="1" errors="0" skipped="1" time="0" timestamp="2026-11-21T04:10:00" hostname="web&lt;1&gt;">
                <testcase classname="hostward.ssh" name="ssh.root_login: Title of ssh.root_login" time="0">
                  <failure type="high" message="Title of ssh.root_login">Match &quot;x&quot;: permitrootlogin: \u{1b}[2Jyes &lt;b&gt;&amp;&quot;&#39;; wanted no (/etc/ssh/a &quot;b&quot;.conf:2)
            </failure>
                </testcase>
                <testcase classname="hostward.ssh" name="ssh.x11: Title of ssh.x11" time="0"/>
                <testcase classname="hostward.ssh" name="ssh.waived: Title of ssh.waived" time="0">
                  <skipped message="waived: ops until 2027-01-01: it must"/>
                </testcase>
              </testsuite>
            </testsuites>
        "#]]
        .assert_eq(&junit(&record()));
    }
}
