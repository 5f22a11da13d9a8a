//! Lines of journalctl, and their counts.

use super::*;
use crate::testing::exposition;
use expect_test::expect;
use proptest::prelude::*;

fn line(cursor: &str, fields: &str) -> String {
    format!("{{\"__CURSOR\":\"s={cursor}\",\"__REALTIME_TIMESTAMP\":\"1795248715163001\",{fields}}}")
}

fn counted(probe: &mut Messages, lines: &[String]) -> String {
    probe.count(lines);
    let mut batch = Batch::new();
    probe.push(0, &mut batch);
    exposition(&batch)
}

#[test]
fn messages_are_counted_and_the_last_one_is_remembered() {
    let mut probe = Messages::new(&Settings::new(SPEC.settings));
    let lines = [
        line("1", r#""PRIORITY":"3","_SYSTEMD_UNIT":"nginx.service","SYSLOG_IDENTIFIER":"nginx""#),
        line("2", r#""PRIORITY":"4","_SYSTEMD_UNIT":"session-7.scope","SYSLOG_IDENTIFIER":"bash""#),
        line("3", r#""PRIORITY":"4","_SYSTEMD_UNIT":"session-8.scope""#),
        line("4", r#""PRIORITY":"2","SYSLOG_IDENTIFIER":"kernel""#),
        line("5", r#""PRIORITY":"4","SYSLOG_IDENTIFIER":[1,2,3]"#),
        line("6", r#""PRIORITY":"4","SYSLOG_IDENTIFIER":"other""#),
        line("7", r#""PRIORITY":"9""#),
        "-- No entries --".to_owned(),
    ];
    expect![[r#"
        hostward_journal_messages_total{unit="kernel",priority="crit"} 0
        hostward_journal_messages_total{unit="nginx.service",priority="err"} 0
        hostward_journal_messages_total{unit="session-*.scope",priority="warning"} 0
        hostward_journal_messages_total{unit="unknown",priority="warning"} 0
        hostward_journal_messages_total{unit="other",priority="warning"} 0
        hostward_journal_messages_unread_total 2
    "#]]
    .assert_eq(&counted(&mut probe, &lines));
    assert_eq!(probe.memory(), "s=7");
    // Nothing came: now the counts are told.
    expect![[r#"
        hostward_journal_messages_total{unit="kernel",priority="crit"} 1
        hostward_journal_messages_total{unit="nginx.service",priority="err"} 1
        hostward_journal_messages_total{unit="session-*.scope",priority="warning"} 2
        hostward_journal_messages_total{unit="unknown",priority="warning"} 1
        hostward_journal_messages_total{unit="other",priority="warning"} 1
        hostward_journal_messages_unread_total 2
    "#]]
    .assert_eq(&counted(&mut probe, &[]));
}

#[test]
fn units_beyond_the_bound_are_summed() {
    let mut settings = Settings::new(SPEC.settings);
    settings.set("top", crate::Value::Number(1)).unwrap();
    let mut probe = Messages::new(&settings);
    let of = |unit: &str| line("1", &format!("\"PRIORITY\":\"3\",\"_SYSTEMD_UNIT\":\"{unit}\""));
    counted(&mut probe, &[of("a.service"), of("a.service")]);
    expect![[r#"
        hostward_journal_messages_total{unit="a.service",priority="err"} 4
        hostward_journal_messages_total{unit="other",priority="err"} 0
        hostward_journal_messages_unread_total 0
    "#]]
    .assert_eq(&counted(&mut probe, &[of("a.service"), of("b.service"), of("a.service")]));
}

#[test]
fn a_memory_that_is_no_cursor_is_passed_over() {
    let mut probe = Messages::new(&Settings::new(SPEC.settings));
    for text in ["", "--file=/etc/shadow", "s=1 --x", "s=1\n"] {
        probe.remember(text);
        assert_eq!(probe.memory(), "");
    }
    probe.remember("s=46;i=35;x=dc");
    assert_eq!(probe.memory(), "s=46;i=35;x=dc");
}

#[test]
fn a_priority_that_is_none_is_named() {
    let mut settings = Settings::new(SPEC.settings);
    settings.set("priority", crate::Value::Text("loud".to_owned())).unwrap();
    let fault = Messages::new(&settings).collect(&mut Host::new("/"), &mut Batch::new()).unwrap_err();
    expect![[r#"the setting priority of the probe journal:1: expected emerg to debug, found "loud""#]]
        .assert_eq(&fault.to_string());
}

proptest! {
    #[test]
    fn no_line_breaks_it(text in any::<String>(), unit in any::<String>()) {
        let mut probe = Messages::new(&Settings::new(SPEC.settings));
        let unit = serde_json::to_string(&unit).unwrap();
        probe.count(&[text, line("1", &format!("\"PRIORITY\":\"3\",\"_SYSTEMD_UNIT\":{unit}"))]);
        prop_assert_eq!(probe.roster.known().count(), 1);
    }
}
