use super::*;
use hostward_engine::{Labels, State};

fn alert(id: &str, state: State) -> Alert {
    Alert {
        id: id.to_owned(),
        name: id.to_owned(),
        labels: Labels::default(),
        annotations: Labels::default(),
        expr: String::new(),
        state,
        value: 1.0,
        active_ms: 0,
        fired_ms: None,
        resolved_ms: None,
        acknowledged: None,
        evidence: Vec::new(),
    }
}

fn transition(id: &str) -> Transition {
    let alert = alert(id, State::Pending);
    Transition { from: State::Inactive, alert, at_ms: 0, reason: String::new() }
}

fn full() -> Unwritten {
    Unwritten { error: "disk full".to_owned(), fresh: false }
}

fn view(ids: &[&str]) -> Arc<View> {
    let alerts = ids.iter().map(|id| alert(id, State::Pending)).collect();
    Arc::new(View { alerts, values: vec![Some(7.0)], ..View::default() })
}

fn told(ledger: &mut Ledger, ids: &[&str]) -> Option<Vec<String>> {
    let view = ledger.tellable(view(ids))?;
    assert_eq!(view.values, [Some(7.0)], "metrics always go on");
    Some(view.alerts.iter().map(|alert| alert.id.clone()).collect())
}

#[test]
fn a_transition_is_told_when_it_is_written_and_not_before() {
    let mut ledger = Ledger::default();
    ledger.add(transition("a"));
    assert_eq!(told(&mut ledger, &["a"]), None);
    assert_eq!(ledger.due(0).map(|sent| sent.len()), Some(1));
    assert_eq!(told(&mut ledger, &["a"]), None);
    assert!(ledger.due(0).is_none(), "one write at a time");
    assert_eq!(ledger.written().len(), 1);
    assert_eq!(told(&mut ledger, &["a"]), Some(vec!["a".to_owned()]));
}

#[test]
fn a_store_that_fails_holds_back_the_alerts_only_and_is_tried_again() {
    let mut ledger = Ledger::new(vec![alert("old", State::Firing)]);
    ledger.add(transition("new"));
    ledger.due(0).unwrap();
    ledger.failed(Now::new(0, 0), &full());
    assert_eq!(told(&mut ledger, &["new", "old"]), Some(vec!["old".to_owned()]));
    assert!(ledger.due(999).is_none(), "not before the back-off is over");
    ledger.add(transition("newer"));
    assert_eq!(ledger.due(1000).map(|sent| sent.len()), Some(2));
    ledger.failed(Now::new(0, 1000), &full());
    assert!(ledger.due(2999).is_none(), "the back-off doubles");
    ledger.due(3000).unwrap();
    ledger.written();
    assert_eq!(told(&mut ledger, &["new"]), Some(vec!["new".to_owned()]));
}

#[test]
fn who_acknowledges_is_answered_when_it_is_on_disk() {
    let mut ledger = Ledger::default();
    for outcome in [Ok(()), Err(Refused::NotWritten("disk full".to_owned()))] {
        let (reply, mut answer) = tokio::sync::oneshot::channel();
        ledger.add(transition("a"));
        ledger.answer_when_written(reply);
        ledger.due(0).unwrap();
        assert!(answer.try_recv().is_err());
        match outcome {
            Ok(()) => drop(ledger.written()),
            Err(_) => ledger.failed(Now::new(0, 0), &full()),
        }
        assert_eq!(answer.try_recv().unwrap(), outcome);
    }
}

#[test]
fn a_fresh_store_is_told_again_what_was_open() {
    let mut ledger = Ledger::new(vec![alert("open", State::Firing), alert("over", State::Resolved)]);
    ledger.add(transition("new"));
    ledger.due(0).unwrap();
    ledger.failed(Now::default(), &Unwritten { error: "damaged".to_owned(), fresh: true });
    let sent = ledger.due(0).unwrap();
    let ids: Vec<_> = sent.iter().map(|transition| (transition.alert.id.as_str(), transition.from)).collect();
    assert_eq!(ids, [("open", State::Firing), ("new", State::Inactive)]);
}

#[test]
fn what_waits_is_bounded() {
    let mut ledger = Ledger::default();
    ledger.add(transition("a"));
    ledger.due(0).unwrap();
    ledger.failed(Now::new(0, 0), &full());
    (0..TRANSITIONS_MAX + 5).for_each(|index| ledger.add(transition(&index.to_string())));
    assert_eq!(ledger.lost, 6);
    assert_eq!(ledger.due(5000).map(|sent| sent.len()), Some(TRANSITIONS_MAX));
}
