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

/// A disk that hangs: the alerts on disk are told on, and what comes meanwhile is written after what was sent.
#[test]
fn a_late_answer_acknowledges_what_was_sent_and_nothing_else() {
    let mut ledger = Ledger::new(vec![alert("old", State::Firing)]);
    ledger.add(transition("sent"));
    ledger.due(0).unwrap();
    assert_eq!((ledger.is_closed(), told(&mut ledger, &["sent", "old"])), (true, None));
    ledger.stall();
    assert!(!ledger.is_closed() && !ledger.is_well());
    ledger.add(transition("behind"));
    assert!(ledger.due(u64::MAX).is_none(), "what was sent may yet be written");
    assert_eq!(told(&mut ledger, &["behind", "sent", "old"]), Some(vec!["old".to_owned()]));

    let written: Vec<_> = ledger.written().into_iter().map(|transition| transition.alert.id).collect();
    assert_eq!((written, ledger.is_well()), (vec!["sent".to_owned()], true));
    assert_eq!(ledger.due(0).map(|sent| sent[0].alert.id.clone()), Some("behind".to_owned()));
    ledger.stall();
    let both = Some(vec!["old".to_owned(), "sent".to_owned()]);
    assert_eq!(told(&mut ledger, &["behind", "sent", "old"]), both, "what is on disk by now");
}

#[test]
fn a_late_failure_is_tried_again_in_order() {
    let mut ledger = Ledger::default();
    ledger.add(transition("sent"));
    ledger.due(0).unwrap();
    ledger.stall();
    ledger.add(transition("behind"));
    ledger.failed(Now::new(0, 0), &full());
    let again = ledger.due(1000).unwrap();
    let ids: Vec<_> = again.iter().map(|transition| transition.alert.id.as_str()).collect();
    assert_eq!((ids, ledger.is_closed()), (vec!["sent", "behind"], true));
}

#[test]
fn who_acknowledges_does_not_wait_for_a_disk_that_hangs() {
    let silent = Err(Refused::NotWritten(SILENT.to_owned()));
    let (mut ledger, (reply, mut before)) = (Ledger::default(), tokio::sync::oneshot::channel());
    ledger.add(transition("a"));
    ledger.answer_when_written(reply);
    ledger.due(0).unwrap();
    ledger.stall();
    assert_eq!(before.try_recv().unwrap(), silent);
    let (reply, mut after) = tokio::sync::oneshot::channel();
    ledger.answer_when_written(reply);
    assert_eq!(after.try_recv().unwrap(), silent);
}

#[test]
fn what_waits_behind_a_late_write_is_bounded_and_what_was_sent_stays() {
    let mut ledger = Ledger::default();
    ledger.add(transition("sent"));
    ledger.due(0).unwrap();
    ledger.stall();
    (0..TRANSITIONS_MAX + 5).for_each(|index| ledger.add(transition(&index.to_string())));
    assert_eq!(ledger.lost, 6);
    assert_eq!(ledger.written()[0].alert.id, "sent");
    assert_eq!(ledger.due(0).map(|sent| sent.len()), Some(TRANSITIONS_MAX - 1));
}
