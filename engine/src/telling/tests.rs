//! A drawn course of an alert in, what each receiver is told out.

use super::*;
use crate::alert::{Acknowledgement, Alert, Evidence, State, Transition};
use crate::labels::Labels;
use expect_test::{Expect, expect};
use proptest::prelude::*;

const MINUTE: i64 = 60_000;

fn alert(id: &str, labels: &[(&str, &str)]) -> Alert {
    Alert {
        id: id.to_owned(),
        name: "Full".to_owned(),
        labels: Labels::new([("alertname", "Full"), ("severity", "warning")].iter().chain(labels).copied()),
        annotations: Labels::default(),
        expr: "x > 1".to_owned(),
        state: State::Inactive,
        value: 2.0,
        active_ms: 0,
        fired_ms: None,
        resolved_ms: None,
        acknowledged: None,
        evidence: Vec::new(),
    }
}

fn route(receiver: &str) -> Route {
    Route { receiver: receiver.to_owned(), send_resolved: true, ..Route::default() }
}

fn matchers(text: &str) -> Matchers {
    Matchers::parse(vec![text.to_owned()]).unwrap()
}

/// Moves an alert on, and gives the transition.
fn pass(standing: &mut Standing, to: State, at_ms: i64) {
    let from = standing.alert.state;
    let mut alert = standing.alert.clone();
    alert.state = to;
    match to {
        State::Firing => (alert.fired_ms, alert.resolved_ms) = (Some(at_ms), None),
        State::Resolved => (alert.resolved_ms, alert.acknowledged) = (Some(at_ms), None),
        State::Pending | State::Inactive => {}
    }
    standing.take(&Transition { from, alert, at_ms, reason: String::new() });
}

/// One letter a minute: `f` it fires, `r` it resolves, `a` somebody acknowledges, `s` a silence begins, `e` it ends,
/// `i` a graver alert begins to fire, `j` it ends, `.` nothing.
fn told(policy: &Policy, course: &str, expect: Expect) {
    let (mut standing, mut out) = (Standing::new(alert("1", &[("disk", "a")])), String::new());
    let (mut silences, mut firing) = (Vec::new(), Vec::new());
    for (minute, letter) in course.chars().enumerate() {
        let now_ms = minute as i64 * MINUTE;
        match letter {
            'f' => pass(&mut standing, State::Firing, now_ms),
            'r' => pass(&mut standing, State::Resolved, now_ms),
            'a' => {
                let by = "ann".to_owned();
                let acknowledged = Acknowledgement {
                    alert: "1".into(),
                    by,
                    comment: String::new(),
                    at_ms: now_ms,
                    until_ms: None,
                };
                standing.alert.acknowledged = Some(acknowledged);
            }
            's' => silences.push(("s1".to_owned(), matchers("disk=a"))),
            'e' => silences.clear(),
            'i' => firing.push(("2".to_owned(), Labels::new([("severity", "critical"), ("disk", "a")]))),
            'j' => firing.clear(),
            _ => {}
        }
        let moment = Moment { now_ms, silences: &silences, firing: &firing };
        for notice in standing.tell(policy, moment) {
            let marks = [("again", notice.reminder), ("flapping", notice.flapping)];
            let marks: String = marks.iter().filter(|own| own.1).map(|own| format!(" {}", own.0)).collect();
            out += &format!("{minute} {} {}{marks}\n", notice.receiver, notice.alert.state.as_str());
        }
    }
    expect.assert_eq(&out);
}

fn policy(routes: Vec<Route>) -> Policy {
    let equal = vec!["disk".to_owned()];
    let rule =
        Inhibition { source: matchers("severity=critical"), target: matchers("severity=warning"), equal };
    Policy { routes, inhibitions: vec![rule], labels: Labels::new([("instance", "web1")]) }
}

#[test]
fn begin_and_end_are_told_once_each() {
    told(
        &policy(vec![route("a")]),
        "f...r..f.r",
        expect![[r#"
        0 a firing
        4 a resolved
        7 a firing
        9 a resolved
    "#]],
    );
}

#[test]
fn each_receiver_gets_what_it_asked_for() {
    let routes = vec![
        Route { send_resolved: false, ..route("quiet") },
        Route { repeat_ms: Some(3 * MINUTE), ..route("nag") },
        Route { matchers: matchers("instance=web2"), ..route("other") },
        Route { min_severity: Severity::Critical, ..route("grave") },
    ];
    told(
        &policy(routes),
        "f.......r.f",
        expect![[r#"
        0 quiet firing
        0 nag firing
        3 nag firing again
        6 nag firing again
        8 nag resolved
        10 quiet firing
        10 nag firing
    "#]],
    );
}

#[test]
fn a_silence_delays_the_news_and_never_hides_an_end() {
    told(
        &policy(vec![route("a")]),
        "s.f..e.s.r",
        expect![[r#"
        5 a firing
        9 a resolved
    "#]],
    );
    told(
        &policy(vec![route("a")]),
        "sf.r.e..f",
        expect![[r#"
        8 a firing
    "#]],
    );
}

#[test]
fn a_graver_alert_hides_it_while_it_fires() {
    told(
        &policy(vec![route("a")]),
        "if..j..r",
        expect![[r#"
        4 a firing
        7 a resolved
    "#]],
    );
}

#[test]
fn an_acknowledgement_ends_reminders_until_it_fires_anew() {
    let nag = Route { repeat_ms: Some(2 * MINUTE), ..route("nag") };
    told(
        &policy(vec![nag]),
        "f..a.....r.f..",
        expect![[r#"
        0 nag firing
        2 nag firing again
        9 nag resolved
        11 nag firing
        13 nag firing again
    "#]],
    );
}

#[test]
fn what_flaps_is_marked_and_left_until_it_is_calm() {
    let course = format!("{}{}", "fr".repeat(12), ".".repeat(80));
    told(
        &policy(vec![route("a")]),
        &course,
        expect![[r#"
        0 a firing
        1 a resolved
        2 a firing
        3 a resolved
        4 a firing
        5 a resolved
        6 a firing
        7 a resolved
        8 a firing flapping
        80 a resolved
    "#]],
    );
    let firing = format!("{}f{}", "fr".repeat(6), ".".repeat(80));
    told(
        &policy(vec![route("a")]),
        &firing,
        expect![[r#"
        0 a firing
        1 a resolved
        2 a firing
        3 a resolved
        4 a firing
        5 a resolved
        6 a firing
        7 a resolved
        8 a firing flapping
        70 a firing
    "#]],
    );
}

#[test]
fn it_says_why_it_is_quiet() {
    let mut standing = Standing::new(alert("1", &[("disk", "a")]));
    pass(&mut standing, State::Firing, 0);
    let (policy, silences) = (policy(vec![route("a")]), [("s1".to_owned(), matchers("instance=web1"))]);
    let firing = [("2".to_owned(), Labels::new([("severity", "critical"), ("disk", "a")]))];
    let mut moment = Moment { now_ms: 0, silences: &silences, firing: &firing };
    assert_eq!(standing.mute(&policy, moment), Some(Mute::Silenced("s1".to_owned())));
    moment.silences = &[];
    assert_eq!(standing.mute(&policy, moment), Some(Mute::Inhibited("2".to_owned())));
    moment.firing = &[];
    assert_eq!(standing.mute(&policy, moment), None);
}

#[test]
fn alerts_of_the_same_series_belong_together_and_the_earlier_is_first() {
    let seen = |series: &str| Evidence {
        series: series.to_owned(),
        value: 1.0,
        expected: None,
        band: None,
        confidence: None,
    };
    let made = |id: &str, active_ms: i64, series: &str| Alert {
        active_ms,
        evidence: vec![seen(series)],
        ..alert(id, &[("n", id)])
    };
    let hour = 60 * MINUTE;
    let mut alerts =
        vec![made("1", hour, "a"), made("2", hour - MINUTE, "a"), made("3", hour, "b"), made("4", 0, "a")];
    alerts[3].resolved_ms = Some(MINUTE);
    let company = company(&alerts[0], &alerts, &[]);
    assert_eq!((company.incident, company.alerts), (None, vec!["2".to_owned()]));
    assert_eq!(company.first, Some((alerts[1].labels.to_string(), hour - MINUTE)));
}

proptest! {
    /// Whatever happens: firing and resolved take turns for a receiver, and in the end it knows how things are.
    #[test]
    fn a_receiver_never_hears_nonsense(course in "[fr.ase]{1,120}", saved in any::<bool>()) {
        let policy = policy(vec![route("a")]);
        let (mut standing, mut silences, mut last) = (Standing::new(alert("1", &[("disk", "a")])), Vec::new(), None);
        for (minute, letter) in course.chars().chain(".".repeat(70).chars()).enumerate() {
            let now_ms = minute as i64 * MINUTE;
            match letter {
                'f' if standing.alert.state != State::Firing => pass(&mut standing, State::Firing, now_ms),
                'r' if standing.alert.state == State::Firing => pass(&mut standing, State::Resolved, now_ms),
                's' => silences.push(("s".to_owned(), matchers("disk=a"))),
                'e' => silences.clear(),
                _ => {}
            }
            if saved {
                standing = standing.clone();
            }
            if minute >= course.len() {
                silences.clear();
            }
            for notice in standing.tell(&policy, Moment { now_ms, silences: &silences, firing: &[] }) {
                let state = notice.alert.state;
                prop_assert!(state == State::Firing || last == Some(State::Firing), "resolved what nobody knew");
                prop_assert!(state == State::Firing || last != Some(State::Resolved));
                last = Some(state);
            }
        }
        match standing.alert.state {
            State::Firing => prop_assert_eq!(last, Some(State::Firing)),
            _ => prop_assert!(last != Some(State::Firing)),
        }
    }
}
