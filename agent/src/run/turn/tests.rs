//! The loop with a store that hangs.

use super::*;
use crate::auditing::Auditing;
use crate::config::{Config, Span};
use crate::history::{Archive, Desk};
use crate::outlet::Published;
use crate::plugin::Plugins;
use crate::receiver::{Receivers, Settings};
use crate::request::Request;
use crate::run::archiving::Archiving;
use crate::run::response::Responder;
use crate::run::systemd::Notifier;
use crate::run::{Options, Taken};
use crate::sampler::{Plan, Sampler};
use crate::state::Recorder;
use crate::state::testing::Scratch;
use crate::telemetry::Telemetry;
use crate::vitals::Vitals;
use crate::workflow::{Means, Runner};
use hostward_engine::rules::RuleSet;
use hostward_engine::{Acknowledgement, Alert, View};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

const RULES: &str = "groups:\n- name: g\n  rules:\n  - alert: Always\n    expr: vector(1)\n";

fn taken() -> Taken {
    let mut config = Config::default();
    config.rules.evaluation = Span::seconds(1);
    let (rules, errors) = RuleSet::parse(&[("a.yml".to_owned(), RULES.to_owned())]);
    assert!(errors.is_empty(), "{errors:?}");
    Taken { config, files: Vec::new(), rules: Arc::new(rules), texts: Vec::new(), complaints: Vec::new() }
}

fn start(dir: &std::path::Path) -> (Loop, mpsc::Sender<Request>) {
    let taken = taken();
    let vitals = Arc::new(Vitals::new(clock::now()));
    let published = Published::new(Telemetry::new().unwrap(), vitals.clone());
    let (events, inbox) = mpsc::channel(8);
    let (requests, asked) = mpsc::channel(8);
    let archive = Arc::new(Archive::new(dir, published.telemetry.history.clone()));
    let archiving = Archiving::start(&archive, &taken.config, events.clone());
    let (recorder, found) = Recorder::open(dir).unwrap();
    let refused = published.telemetry.responses_refused.clone();
    let responder = Responder::open(dir, dir, &taken.config, &[], recorder.clone(), refused).unwrap();
    let receivers = Receivers::start(Settings::default(), recorder.clone(), vitals.clone()).unwrap();
    let plan = Plan { probes: Vec::new(), ..Plan::new(&taken.config, dir.to_owned()) };
    let (sampler, readings) = Sampler::start(plan, vitals.clone()).unwrap();
    let (options, notifier) = (Options::default(), Notifier::from_environment());
    let config = crate::config::Plugins { enabled: false, ..taken.config.plugins.clone() };
    let (plugins, plugged) = Plugins::start(&config, dir, vitals.clone()).unwrap();
    let config = crate::config::Audit { enabled: false, ..taken.config.audit.clone() };
    let (auditing, audited) = Auditing::start(&config, dir, dir, recorder.clone()).unwrap();
    let state_dir = dir.to_owned();
    let workflows = Runner::start(Means {
        recorder: recorder.clone(),
        requests: requests.clone(),
        desk: Desk::start(archive).unwrap(),
        view: published.view.subscribe(),
        board: vitals.workflows.clone(),
        state_dir: dir.to_owned(),
        root: dir.to_owned(),
    });
    let parts = Parts {
        options,
        taken,
        vitals,
        sampler,
        plugins,
        auditing,
        state_dir,
        recorder,
        events,
        responder,
        receivers,
        published,
        notifier,
        archiving,
        workflows,
    };
    (Loop::new(parts, Sources { inbox, readings, plugged, audited, asked }, found), requests)
}

/// Turns until something holds.
async fn turn(this: &mut Loop, until: impl Fn(&Loop) -> bool) {
    while !until(this) {
        let event = tokio::time::timeout(Duration::from_secs(20), this.next()).await.unwrap();
        this.apply(event);
        this.settle();
    }
}

fn told(this: &Loop) -> Vec<Alert> {
    this.parts.published.view().map(|view| View::clone(&view).alerts).unwrap_or_default()
}

fn writable(this: &Loop) -> bool {
    this.parts.vitals.store_writable.load(Relaxed)
}

#[tokio::test]
async fn a_disk_that_hangs_stops_neither_metrics_nor_requests_and_is_not_told_of() {
    let scratch = Scratch::new("hang");
    let (mut this, requests) = start(scratch.path());
    let (release, blocked) = std::sync::mpsc::channel::<()>();
    assert!(this.parts.recorder.tell(move |_| _ = blocked.recv()));
    turn(&mut this, |this| this.ledger.is_closed()).await;
    this.parts.published.view.send_replace(None);

    this.writes.record_late_at = Some(Instant::now());
    turn(&mut this, |this| !this.ledger.is_closed()).await;
    assert!(!writable(&this) && told(&this).is_empty());
    let shown = this.parts.published.view().unwrap();
    let failures = this.parts.published.telemetry.store_failures.get();
    assert_eq!((shown.alerts.len(), failures), (0, 1), "metrics go on, and the failure is counted");

    let alert = this.engine.view().alerts[0].id.clone();
    let acknowledgement =
        Acknowledgement { alert, by: "me".into(), comment: String::new(), at_ms: 0, until_ms: None };
    let (reply, mut answer) = oneshot::channel();
    requests.send(Request::Acknowledge { acknowledgement, reply }).await.unwrap();
    turn(&mut this, |this| this.sources.asked.is_empty()).await;
    let refused = answer.try_recv().unwrap();
    assert!(matches!(refused, Err(crate::request::Refused::NotWritten(_))), "{refused:?}");

    drop(release);
    turn(&mut this, |this| told(this).iter().any(|alert| alert.acknowledged.is_some())).await;
    assert!(writable(&this));
    let written = this.parts.recorder.ask(|store| store.transitions(9)).await.unwrap().unwrap();
    let acknowledged: Vec<_> = written.iter().rev().map(|own| own.alert.acknowledged.is_some()).collect();
    assert_eq!(acknowledged, [false, true], "each once, in the order in which they came");
}

#[tokio::test]
async fn a_snapshot_that_hangs_is_a_failure_until_it_is_kept() {
    let scratch = Scratch::new("hang-save");
    let (mut this, _requests) = start(scratch.path());
    let (release, blocked) = std::sync::mpsc::channel::<()>();
    assert!(this.parts.recorder.tell(move |_| _ = blocked.recv()));
    this.save();
    this.writes.save_late_at = Some(Instant::now());
    turn(&mut this, |this| !writable(this)).await;
    drop(release);
    turn(&mut this, writable).await;
    assert_eq!(this.parts.published.telemetry.store_failures.get(), 1);
}

#[tokio::test]
async fn a_question_that_nobody_waits_for_is_passed_over() {
    let (reply, answer) = oneshot::channel();
    let request = Request::Recall { selectors: Vec::new(), reply };
    assert!(!request.is_abandoned());
    drop(answer);
    assert!(request.is_abandoned());
}
