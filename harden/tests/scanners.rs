//! What scanners write, and what becomes of it: counts are the scanner's own.

#![allow(clippy::unwrap_used, reason = "tests")]

use expect_test::{Expect, expect};
use hostward_harden::finding::Finding;
use hostward_harden::scanner::{FILE_BYTES_MAX, FINDINGS_MAX, FORMATS, Report, import};
use proptest::prelude::*;
use std::fmt::Write;

fn read(text: &str) -> Report {
    import("scan", text.as_bytes(), None).unwrap_or_else(|error| panic!("{error}"))
}

/// A line for each finding, without its id.
fn shown(report: &Report) -> String {
    let mut out =
        format!("{}: {} results, {} suppressed\n", report.format, report.results, report.suppressed);
    for own in &report.findings {
        let severity = own.severity.map_or("-", |own| own.as_str());
        let _ = writeln!(
            out,
            "{severity} {} {:?} | {} | {} | {}",
            own.kind.as_str(),
            own.cwe,
            own.rule,
            own.location,
            own.title
        );
    }
    out
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&shown(&read(text)));
}

macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!("samples/findings/", $name))
    };
}

#[test]
fn bandit_counts_as_bandit_does() {
    check(
        sample!("bandit.json"),
        expect![[r#"
        bandit: 8 results, 0 suppressed
        low insecure-deserialisation [502] | B403 | vulnerable.py:3:1 | Consider possible security implications associated with pickle module.
        low command-injection [78] | B404 | vulnerable.py:5:1 | Consider possible security implications associated with the subprocess module.
        low hardcoded-secret [259] | B105 | vulnerable.py:7:12 | Possible hardcoded password: 'hunter2'
        medium sql-injection [89] | B608 | vulnerable.py:11:41 | Possible SQL injection vector through string-based query construction.
        high command-injection [78] | B602 | vulnerable.py:15:12 | subprocess call with shell=True identified, security issue.
        high weak-hashing [327] | B324 | vulnerable.py:19:12 | Use of weak MD5 hash for security. Consider usedforsecurity=False
        medium insecure-deserialisation [502] | B301 | vulnerable.py:23:12 | Pickle and modules that wrap it can be unsafe when used to deserialize untrusted data, possible security issue.
        medium insecure-deserialisation [502] | B301 | vulnerable.py:27:12 | Pickle and modules that wrap it can be unsafe when used to deserialize untrusted data, possible security issue.
    "#]],
    );
    check(
        sample!("bandit.sarif"),
        expect![[r#"
        sarif: 8 results, 0 suppressed
        low insecure-deserialisation [502] | B403 | vulnerable.py:3:1 | Consider possible security implications associated with pickle module.
        low command-injection [78] | B404 | vulnerable.py:5:1 | Consider possible security implications associated with the subprocess module.
        low hardcoded-secret [259] | B105 | vulnerable.py:7:12 | Possible hardcoded password: 'hunter2'
        medium sql-injection [89] | B608 | vulnerable.py:11:41 | Possible SQL injection vector through string-based query construction.
        high command-injection [78] | B602 | vulnerable.py:15:12 | subprocess call with shell=True identified, security issue.
        high weak-hashing [327] | B324 | vulnerable.py:19:12 | Use of weak MD5 hash for security. Consider usedforsecurity=False
        medium insecure-deserialisation [502] | B301 | vulnerable.py:23:12 | Pickle and modules that wrap it can be unsafe when used to deserialize untrusted data, possible security issue.
        medium insecure-deserialisation [502] | B301 | vulnerable.py:27:12 | Pickle and modules that wrap it can be unsafe when used to deserialize untrusted data, possible security issue.
    "#]],
    );
}

/// One flaw is one finding, whichever of its formats bandit wrote.
#[test]
fn bandits_two_formats_name_the_same_findings() {
    let ids = |text| read(text).findings.into_iter().map(|own: Finding| own.id).collect::<Vec<_>>();
    assert_eq!(ids(sample!("bandit.json")), ids(sample!("bandit.sarif")));
}

#[test]
fn a_finding_stays_the_same_when_lines_move() {
    let moved = sample!("bandit.sarif").replace("\"startLine\": 11", "\"startLine\": 17");
    assert_ne!(moved, sample!("bandit.sarif"));
    let ids = |text: &str| read(text).findings.into_iter().map(|own| own.id).collect::<Vec<_>>();
    assert_eq!(ids(&moved), ids(sample!("bandit.sarif")));
}

#[test]
fn sarif_of_semgrep_eslint_and_codeql() {
    check(
        sample!("semgrep.sarif"),
        expect![[r#"
        sarif: 3 results, 1 suppressed
        high sql-injection [89] | own.py-sql-concat | app/db.py:12:5 | SQL text is built from a variable
        high code-injection [95] | own.js-eval | app/view.js:3:3 | eval of data
        high code-injection [95] | own.js-eval | app/view.js:4:3 | eval of data
    "#]],
    );
    check(
        sample!("semgrep.json"),
        expect![[r#"
            semgrep: 1 results, 1 suppressed
            high sql-injection [89] | own.py-sql-concat | app/db.py:12:5 | SQL text is built from a variable
        "#]],
    );
    check(
        sample!("eslint.sarif"),
        expect![[r#"
        sarif: 2 results, 0 suppressed
        high other [] | no-eval | /srv/app/a b.js:4:1 | eval can be harmful.
        medium other [] | no-unused-vars | /srv/app/a b.js:1:7 | 'x' is assigned a value but never used.
    "#]],
    );
    check(
        sample!("codeql.sarif"),
        expect![[r#"
        sarif: 3 results, 3 suppressed
        high sql-injection [89] | py/sql-injection | /srv/app/db.py:21:17 | This SQL query depends on a [user-provided value](1).
        critical path-traversal [73, 22] | py/path-injection | /srv/app/lib.zip/inner/open.py:3 | This path depends on a request.
        high sql-injection [89] | py/sql-injection | app.db.query | not yet accepted
    "#]],
    );
}

#[test]
fn hosts() {
    check(
        sample!("lynis-report.dat"),
        expect![[r#"
        lynis: 6 results, 0 suppressed
        low other [] | DEB-0880 | Install fail2ban to automatically ban hosts that commit multiple authentication errors. | Install fail2ban to automatically ban hosts that commit multiple authentication errors.
        medium other [] | KRNL-5830 | Reboot of system is most likely needed | Reboot of system is most likely needed
        medium other [] | PKGS-7392 | Found one or more vulnerable packages. | Found one or more vulnerable packages.
        low other [] | SSH-7408 | MaxAuthTries | Consider hardening SSH configuration: MaxAuthTries (set 6 to 3)
        low other [] | SSH-7408 | X11Forwarding | Consider hardening SSH configuration: X11Forwarding (set YES to NO)
        low other [] | KRNL-6000 | One or more sysctl values differ from the scan profile and could be tweaked | One or more sysctl values differ from the scan profile and could be tweaked
    "#]],
    );
    check(
        sample!("xccdf.xml"),
        expect![[r#"
        xccdf: 2 results, 0 suppressed
        medium other [] | xccdf_org.ssgproject.content_rule_sshd_disable_root_login | sshd_disable_root_login | Disable SSH Root Login & "su"
        high other [] | xccdf_org.ssgproject.content_rule_without_a_rule | without_a_rule | without_a_rule
    "#]],
    );
    check(
        sample!("arf.xml"),
        expect![[r#"
        xccdf: 1 results, 0 suppressed
        medium other [] | xccdf_org.ssgproject.content_rule_package_aide_installed | package_aide_installed | Install AIDE
    "#]],
    );
}

#[test]
fn packages() {
    check(
        sample!("trivy.json"),
        expect![[r#"
        trivy: 5 results, 1 suppressed
        high vulnerable-package [125] | CVE-2024-0001 | libx 1.0-1 | libx: libx: reads beyond its buffer
        - vulnerable-package [] | CVE-2011-0002 | liby 2 | liby: CVE-2011-0002
        high other [] | DS002 | Dockerfile:3 | Image user should not be 'root'
        critical hardcoded-secret [] | aws-access-key-id | app/.env:2 | AWS Access Key ID
        low other [] | MIT | libx | libx is under MIT
    "#]],
    );
    check(
        sample!("grype.json"),
        expect![[r#"
        grype: 2 results, 1 suppressed
        high vulnerable-package [125] | CVE-2024-0001 | libx 1.0-1 | libx 1.0-1 has a known hole: CVE-2024-0001
        info vulnerable-package [] | GHSA-xxxx-yyyy-zzzz | left-pad 1.0.0 | left-pad 1.0.0 has a known hole: GHSA-xxxx-yyyy-zzzz
    "#]],
    );
    check(
        sample!("osv.json"),
        expect![[r#"
        osv: 2 results, 0 suppressed
        high vulnerable-package [400] | GHSA-whgm-jr23-g3j9 | ansi-html 0.0.1 | ansi-html: Uncontrolled Resource Consumption in ansi-html
        - vulnerable-package [] | GO-2024-1 | example.org/x 1.2.0 | example.org/x: x reads too much
    "#]],
    );
    check(
        sample!("npm-v1.json"),
        expect![[r#"
        npm-audit: 2 results, 0 suppressed
        high vulnerable-package [400] | 118 | minimatch 3.0.0 | minimatch: Regular Expression Denial of Service
        high vulnerable-package [400] | 118 | minimatch 3.0.0 | minimatch: Regular Expression Denial of Service
    "#]],
    );
    check(
        sample!("npm-v2.json"),
        expect![[r#"
        npm-audit: 2 results, 0 suppressed
        critical vulnerable-package [1321] | minimist | minimist <0.2.4 | minimist: Prototype Pollution in minimist
        critical vulnerable-package [] | mkdirp | mkdirp 0.4.1 - 0.5.1 | mkdirp: uses minimist, which has a known hole
    "#]],
    );
    check(
        sample!("pip-audit.json"),
        expect![[r#"
        pip-audit: 2 results, 0 suppressed
        - vulnerable-package [] | PYSEC-2019-179 | flask 0.5 | flask 0.5 has a known hole: PYSEC-2019-179
        - vulnerable-package [] | PYSEC-2018-66 | flask 0.5 | flask 0.5 has a known hole: PYSEC-2018-66
    "#]],
    );
    check(
        sample!("pip-audit-list.json"),
        expect![[r#"
        pip-audit: 1 results, 0 suppressed
        - vulnerable-package [] | PYSEC-2019-179 | flask 0.5 | flask 0.5 has a known hole: PYSEC-2019-179
    "#]],
    );
}

#[test]
fn pages() {
    check(
        sample!("zap.json"),
        expect![[r#"
        zap: 2 results, 0 suppressed
        medium missing-headers [693] | 10038-1 | https://app.example | Content Security Policy (CSP) Header Not Set
        high sql-injection [89] | 40018 | https://app.example | SQL Injection
    "#]],
    );
    check(
        sample!("nuclei.jsonl"),
        expect![[r#"
        nuclei: 2 results, 0 suppressed
        info other [] | http-missing-security-headers:strict-transport-security | https://app.example | HTTP Missing Security Headers
        critical other [20, 917] | CVE-2021-44228 | https://app.example/?x=${jndi} | Apache Log4j2 Remote Code Injection
    "#]],
    );
    check(
        sample!("nuclei.json"),
        expect![[r#"
        nuclei: 1 results, 0 suppressed
        medium information-exposure [200] | git-config | https://app.example/.git/config | Git Configuration - Detect
    "#]],
    );
}

/// What other versions and rarer options write: nulls for what is not there, results of nobody, clusters.
#[test]
fn other_versions() {
    check(
        r#"{"version": "2.1.0", "runs": [
            {"tool": {"driver": {"name": "one", "rules": [{"id": "A", "shortDescription": null, "help": null, "properties": null,
                "defaultConfiguration": {"level": "error"}}, {"id": "B", "defaultConfiguration": null}]}},
             "results": [
                {"ruleId": "A", "message": {"text": "by the rule's own level"}, "locations": [{"physicalLocation":
                    {"artifactLocation": {"uri": "a.c"}, "region": null, "contextRegion": null}}], "properties": null, "suppressions": null},
                {"ruleId": "A/part", "level": "note", "message": {"text": "part of a rule"}, "locations": [{"physicalLocation": null}]},
                {"ruleId": "B", "message": {"text": "nobody says how bad"}, "locations": []},
                {"ruleId": "A", "kind": "pass", "message": {"text": "well"}},
                {"ruleId": "A", "message": {"text": "is looked at"}, "suppressions": [{"kind": "inSource", "status": "underReview"}]},
                {"ruleId": "A", "message": {"text": "is accepted"}, "suppressions": [{"kind": "inSource"}]}]},
            {"tool": {"driver": {"name": "two"}}, "results": null},
            {"tool": {"driver": {"name": "three"}}, "results": [{"message": {"text": "without a rule"}}]}]}"#,
        expect![[r#"
            sarif: 5 results, 2 suppressed
            high other [] | A | a.c | by the rule's own level
            low other [] | A/part |  | part of a rule
            medium other [] | B |  | nobody says how bad
            high other [] | A |  | is looked at
            medium other [] | without a rule |  | without a rule
        "#]],
    );
    check(
        "{\"template-id\": \"a\", \"info\": {\"name\": \"A\", \"severity\": \"unknown\", \"reference\": null, \"classification\": null}, \"host\": \"h:22\", \"matched-at\": \"h:22\", \"matcher-status\": true}\n\
         {\"template-id\": \"b\", \"info\": {\"name\": \"B\", \"severity\": \"high\"}, \"host\": \"h\", \"matcher-status\": false}\n",
        expect![[r#"
            nuclei: 1 results, 1 suppressed
            - other [] | a | h:22 | A
        "#]],
    );
    check(
        r#"{"@programName": "ZAP", "@version": "2.16.1", "insights": [{"level": "Info"}], "site": [{"@name": "https://app.example", "alerts": [
            {"pluginid": "40012", "alertRef": "40012", "alert": "Cross Site Scripting (Reflected)", "riskcode": "3", "confidence": "2",
             "instances": [{"id": "1", "uri": "https://app.example/?q=x", "nodeName": "https://app.example/ (q)", "method": "GET"}],
             "count": "1", "systemic": false, "cweid": "79", "wascid": "8", "sourceid": "9"},
            {"pluginid": "10020", "alert": "Somebody says that it is none", "riskcode": "2", "confidence": "0", "cweid": "-1"}]}]}"#,
        expect![[r#"
            zap: 1 results, 1 suppressed
            high cross-site-scripting [79] | 40012 | https://app.example | Cross Site Scripting (Reflected)
        "#]],
    );
    check(
        r#"{"ClusterName": "minikube", "Resources": [{"Namespace": "default", "Kind": "Deployment", "Name": "app", "Results": [
            {"Target": "app:1 (debian 12.5)", "Class": "os-pkgs", "Type": "debian", "Vulnerabilities": [{"VulnerabilityID": "CVE-2024-0001",
             "PkgName": "libx", "InstalledVersion": "1.0-1", "Severity": "HIGH"}]},
            {"Target": "Deployment/app", "Class": "config", "MisconfSummary": {"Successes": 9, "Failures": 1}, "Misconfigurations": [
             {"Type": "Kubernetes Security Check", "ID": "KSV001", "Title": "Can elevate its own privileges", "Severity": "MEDIUM",
              "Status": "FAIL", "CauseMetadata": null}]}]}, {"Namespace": "default", "Kind": "Pod", "Name": "b"}]}"#,
        expect![[r#"
            trivy: 2 results, 0 suppressed
            high vulnerable-package [] | CVE-2024-0001 | libx 1.0-1 | libx: CVE-2024-0001
            medium other [] | KSV001 | Deployment/app | Can elevate its own privileges
        "#]],
    );
    check(
        r#"{"matches": [{"vulnerability": {"id": "CVE-2024-0001", "severity": "Negligible", "urls": null, "fix": null, "cvss": [],
            "epss": [{"cve": "CVE-2024-0001", "epss": 0.1}], "risk": 0.2}, "relatedVulnerabilities": null, "matchDetails": [],
            "artifact": {"name": "libx", "version": "1.0-1", "type": "deb", "locations": []}}], "ignoredMatches": null,
            "source": {"type": "directory", "target": "."}, "descriptor": {"name": "grype", "version": "0.104.0"}}"#,
        expect![[r#"
            grype: 1 results, 0 suppressed
            info vulnerable-package [] | CVE-2024-0001 | libx 1.0-1 | libx 1.0-1 has a known hole: CVE-2024-0001
        "#]],
    );
    check(
        r#"{"results": [{"source": {"path": "/a/go.mod", "type": "lockfile"}, "packages": [{"package": {"name": "stdlib", "version": "1.20",
            "ecosystem": "Go"}, "dependency_groups": ["dev"], "vulnerabilities": [{"id": "GO-2024-2", "summary": "one", "database_specific": null,
            "affected": null, "references": null}, {"id": "CVE-2024-2", "aliases": ["GO-2024-2"]}], "groups": [{"ids": ["CVE-2024-2", "GO-2024-2"],
            "aliases": ["CVE-2024-2"], "max_severity": "9.1", "experimental_analysis": {"GO-2024-2": {"called": true}}}]}]}],
            "experimental_config": {"licenses": {"summary": false, "allowlist": null}}}"#,
        expect![[r#"
            osv: 1 results, 0 suppressed
            critical vulnerable-package [] | GO-2024-2 | stdlib 1.20 | stdlib: one
        "#]],
    );
    check(
        r#"{"version": "1.140.0", "results": [{"check_id": "python.lang.x", "path": "a.py", "start": {"line": 3, "col": 1, "offset": 40},
            "end": {"line": 3, "col": 9, "offset": 48}, "extra": {"message": "m", "metadata": null, "severity": "CRITICAL", "lines": "requires login",
            "fingerprint": "requires login", "validation_state": "NO_VALIDATOR", "engine_kind": "OSS"}}], "errors": [], "paths": {"scanned": ["a.py"]},
            "skipped_rules": []}"#,
        expect![[r#"
            semgrep: 1 results, 0 suppressed
            critical other [] | python.lang.x | a.py:3:1 | m
        "#]],
    );
    check(
        r#"{"auditReportVersion": 2, "vulnerabilities": {}, "metadata": {"vulnerabilities": {"total": 0}}}"#,
        expect![[r#"
            npm-audit: 0 results, 0 suppressed
        "#]],
    );
    check(
        r#"{"actions": [], "advisories": {}, "muted": [], "metadata": {"vulnerabilities": {}}, "runId": "x"}"#,
        expect![[r#"
            npm-audit: 0 results, 0 suppressed
        "#]],
    );
    check(
        r#"{"dependencies": [{"name": "x", "skip_reason": "not on PyPI"}], "fixes": []}"#,
        expect![[r#"
        pip-audit: 0 results, 0 suppressed
    "#]],
    );
    check(
        r#"{"SchemaVersion": 2, "ReportID": "x", "ArtifactName": "app:1", "ArtifactType": "container_image"}"#,
        expect![[r#"
        trivy: 0 results, 0 suppressed
    "#]],
    );
    check(
        r#"{"errors": [], "generated_at": "2026-01-01T00:00:00Z", "metrics": {"_totals": {}}, "results": []}"#,
        expect![[r#"
        bandit: 0 results, 0 suppressed
    "#]],
    );
}

fn refused(text: &str) -> String {
    import("scan.json", text.as_bytes(), None).unwrap_err().to_string()
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let deep = "[".repeat(100_000);
    let cases = [
        ("", expect!["scan.json:1:1: the file is empty; did the scanner run to its end?"]),
        ("{\"runs\": [\n  {\"results\": [}", expect!["scan.json:2:16: expected value"]),
        (
            "{\"runs\": [\n {\"tool\": {\"driver\": {}},\n  \"results\": 7}]}",
            expect!["scan.json:3:14: invalid type: integer `7`, expected a list"],
        ),
        (
            "{\"results\": [{\"filename\": \"a\"}], \"metrics\": {}}",
            expect!["scan.json:1:30: missing field `test_id`"],
        ),
        (
            "{\"a\": 1, \"b\": 2}",
            expect![
                "scan.json:1:1: a JSON object with the keys a, b is none of the known formats (sarif, bandit, semgrep, trivy, grype, npm-audit, pip-audit, zap, nuclei, osv, xccdf, lynis); say which it is"
            ],
        ),
        (
            "hello",
            expect![
                "scan.json:1:1: this text is none of the known formats (sarif, bandit, semgrep, trivy, grype, npm-audit, pip-audit, zap, nuclei, osv, xccdf, lynis); say which it is"
            ],
        ),
        (
            "<a/>",
            expect![
                "scan.json:1:1: this XML is none of the known formats (sarif, bandit, semgrep, trivy, grype, npm-audit, pip-audit, zap, nuclei, osv, xccdf, lynis); say which it is"
            ],
        ),
        (
            "<!DOCTYPE x [<!ENTITY a \"b\">]><TestResult/>",
            expect!["scan.json:1:31: a document type is refused; remove the DOCTYPE"],
        ),
        ("<TestResult>&a;</TestResult>", expect!["scan.json:1:16: the entity a is not one of XML's own"]),
        ("<TestResult>", expect!["scan.json:1:13: the file ends inside an element"]),
        (
            "{\"runs\": [{\"tool\": {\"driver\": {}}, \"externalPropertyFileReferences\": {\"results\": [{\"itemCount\": 3}]}}]}",
            expect!["scan.json:1:83: its results lie in another file; have the tool write one file"],
        ),
        (
            "<Benchmark xmlns='http://checklists.nist.gov/xccdf/1.2'/>",
            expect!["scan.json:1:1: no TestResult: this is what to test and not what was found"],
        ),
        (&deep, expect!["scan.json:1:128: recursion limit exceeded"]),
        (
            "{\"template-id\": \"a\", \"info\": {}}\n{\"template-id\": }",
            expect!["scan.json:2:17: expected value"],
        ),
    ];
    for (text, expected) in cases {
        expected.assert_eq(&refused(text));
    }
    expect!["x:1:11: not UTF-8; save the file as UTF-8"]
        .assert_eq(&import("x", b"{\"runs\": \"\xff\"}", None).unwrap_err().to_string());
}

#[test]
fn a_file_that_is_too_large_is_refused_before_it_is_read() {
    let large = vec![b' '; FILE_BYTES_MAX + 1];
    expect!["x:1:1: larger than 134217728 bytes; have the scanner look at parts"]
        .assert_eq(&import("x", &large, None).unwrap_err().to_string());
}

#[test]
fn findings_beyond_the_bound_are_counted() {
    let lines: String = (0..FINDINGS_MAX + 5).map(|number| format!("warning[]=T-{number}|text|\n")).collect();
    let report = read(&format!("# Lynis Report\n{lines}"));
    assert_eq!((report.findings.len(), report.results, report.dropped), (FINDINGS_MAX, FINDINGS_MAX + 5, 5));
}

/// One long text that every result refers to is not copied for each of them.
#[test]
fn what_all_results_share_costs_once() {
    let rule = format!(r#"{{"id": "r", "fullDescription": {{"text": "{}"}}}}"#, "x".repeat(8 << 20));
    let results = vec![r#"{"ruleId": "r"}"#; 20_000].join(",");
    let text = format!(
        r#"{{"runs": [{{"tool": {{"driver": {{"name": "t", "rules": [{rule}]}}}}, "results": [{results}]}}]}}"#
    );
    let report = read(&text);
    assert_eq!((report.findings.len(), report.results, report.repeated), (1, 20_000, 19_999));
}

#[test]
fn terminal_escapes_are_shown_and_not_sent() {
    let report = read("# Lynis Report\nwarning[]=T-1|a\u{1b}]0;x\u{7}b\u{202e}|-|-|\n");
    assert_eq!(report.findings[0].title, "a\\u{1b}]0;x\\u{7}b\\u{202e}");
}

/// What every format's readers see: pieces that look like theirs, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"runs\"",
        "\"results\"",
        "\"metrics\"",
        "\"matches\"",
        "\"site\"",
        "\"source\"",
        "\"tool\"",
        "\"driver\"",
        "\"rules\"",
        "\"id\"",
        "\"vulnerabilities\"",
        "\"advisories\"",
        "\"template-id\"",
        "\"info\"",
        "\"name\"",
        "\"vulns\"",
        "\"Target\"",
        "\"@version\"",
        "1",
        "-1",
        "1e400",
        "null",
        "true",
        "\"x\"",
        "<TestResult>",
        "</TestResult>",
        "<rule-result idref='a'>",
        "<result>",
        "fail",
        "</result>",
        "</rule-result>",
        "&amp;",
        "&#0;",
        "&#x1b;",
        "&",
        "warning[]=",
        "a|b|c|",
        "\n",
        "details[]=a|field:b;",
        "\u{1b}",
        "%",
        "\u{fc}",
    ]);
    prop::collection::vec(words, 0..60).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_findings_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for format in std::iter::once(None).chain(FORMATS.iter().copied().map(Some)) {
            let _ = import("x", &bytes, format);
        }
    }

    #[test]
    fn any_pieces_are_findings_or_an_error(text in pieces()) {
        for format in std::iter::once(None).chain(FORMATS.iter().copied().map(Some)) {
            if let Err(error) = import("x", text.as_bytes(), format) {
                prop_assert!(error.line <= text.lines().count() + 1, "{error}");
            }
        }
    }

    /// A sample with a part cut out or doubled is still no panic, and nothing is found that was not there.
    #[test]
    fn samples_that_are_damaged(index in 0..SAMPLES.len(), from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
        let bytes = SAMPLES[index].as_bytes();
        let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
        let damaged = [&bytes[..from], &bytes[to..]].concat();
        if let Ok(report) = import("x", &damaged, None) {
            prop_assert!(report.findings.len() <= report.results);
        }
    }
}

const SAMPLES: &[&str] = &[
    sample!("bandit.json"),
    sample!("bandit.sarif"),
    sample!("semgrep.sarif"),
    sample!("semgrep.json"),
    sample!("eslint.sarif"),
    sample!("codeql.sarif"),
    sample!("lynis-report.dat"),
    sample!("xccdf.xml"),
    sample!("arf.xml"),
    sample!("trivy.json"),
    sample!("grype.json"),
    sample!("osv.json"),
    sample!("npm-v1.json"),
    sample!("npm-v2.json"),
    sample!("pip-audit.json"),
    sample!("zap.json"),
    sample!("nuclei.jsonl"),
];
