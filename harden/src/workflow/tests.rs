//! Workflows that are drawn, played with a clock that jumps, and killed at every moment.

use super::*;
use crate::workflow::Phase::{Cancelled, Done, Failed};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const THREE: &str = "
name = 'three'
title = 'One before two at once'
inputs.expr = 'what has to hold'
[[step]]
id = 'a'
do = 'propose'
with.what = 'weak-ssh'
undo = { do = 'withdraw', with.artifact = { step = 'a', gives = 'artifact' } }
[[step]]
id = 'b'
do = 'await-metric'
with.expr = { input = 'expr' }
after = ['a']
retries = 1
[[step]]
id = 'c'
do = 'apply'
with.artifact = { step = 'a', gives = 'artifact' }
after = ['a']
timeout_s = 60
";

fn read(name: &str, text: &str) -> Workflow {
    Workflow::parse(&format!("{name}.toml"), text).unwrap()
}

fn inputs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

fn three() -> (Run, Vec<Told>) {
    Run::start(read("three", THREE), inputs(&[("expr", "up == 1")]), "r", "ann", 0).unwrap()
}

fn words(told: &[Told]) -> Vec<String> {
    told.iter().map(|own| format!("{} {} {}", own.what.as_str(), own.step, own.said)).collect()
}

fn gave(run: &mut Run, verb: &str, answer: Answer, now_ms: i64) -> Vec<String> {
    let task = run.tasks().into_iter().find(|own| own.verb == verb).unwrap();
    words(&run.answer(&task, answer, now_ms))
}

fn well() -> Answer {
    Answer::Done(inputs(&[("artifact", "id-1"), ("value", "1")]))
}

#[test]
fn one_before_two_at_once_and_what_is_told() {
    let (mut run, told) = three();
    assert_eq!(words(&told), ["started  three", "step a propose", "tool-running a propose, try 1"]);
    let told = gave(&mut run, "propose", well(), 1);
    assert_eq!(
        told,
        [
            "tool-done a propose: done",
            "step b await-metric",
            "tool-running b await-metric, try 1",
            "step c apply",
            "tool-running c apply, try 1"
        ]
    );
    let given: Vec<_> = run.tasks().iter().map(|own| own.with.clone()).collect();
    assert_eq!(given, [inputs(&[("expr", "up == 1")]), inputs(&[("artifact", "id-1")])]);
    gave(&mut run, "apply", well(), 2);
    assert_eq!(
        gave(&mut run, "await-metric", well(), 3),
        ["tool-done b await-metric: done", "completed  done"]
    );
    assert_eq!((run.phase, run.ended_ms, run.due_ms()), (Done, Some(3), None));
}

#[test]
fn what_fails_is_tried_again_after_a_rest_and_then_taken_back() {
    let (mut run, _) = three();
    gave(&mut run, "propose", well(), 0);
    gave(&mut run, "await-metric", Answer::Failed("no value".to_owned()), 1000);
    assert_eq!(run.due_ms(), Some(6000));
    assert_eq!(words(&run.advance(5999)), [""; 0]);
    assert_eq!(words(&run.advance(6000)), ["tool-running b await-metric, try 2"]);
    let told = gave(&mut run, "await-metric", Answer::Failed("no value".to_owned()), 7000);
    assert_eq!(
        told,
        [
            "tool-done b await-metric: no value",
            "step a taken back: withdraw",
            "tool-running a withdraw, try 1"
        ]
    );
    assert_eq!(gave(&mut run, "withdraw", well(), 8000)[1], "completed  failed: b: no value");
    let standings: Vec<_> = run.steps.iter().map(|own| own.standing).collect();
    assert_eq!(standings, [Standing::Undone, Standing::Failed, Standing::Failed]);
    assert_eq!((run.phase, run.steps[2].said.as_str()), (Failed, "given up"));
}

#[test]
fn a_step_that_takes_too_long_has_failed_and_its_late_answer_counts_for_nothing() {
    let (mut run, _) = three();
    gave(&mut run, "propose", well(), 0);
    let late = run.tasks().into_iter().find(|own| own.verb == "apply").unwrap();
    assert_eq!(words(&run.advance(60_000))[0], "tool-done c apply: not done within 60 s");
    assert!(run.answer(&late, well(), 60_001).is_empty());
    assert_eq!(run.tasks()[0].verb, "withdraw");
}

#[test]
fn whoever_ends_it_has_it_taken_back() {
    let (mut run, _) = three();
    gave(&mut run, "propose", well(), 0);
    run.cancel("enough", 5);
    gave(&mut run, "withdraw", Answer::Hopeless("somebody applied it".to_owned()), 6);
    assert_eq!((run.phase, run.steps[0].standing), (Cancelled, Standing::Stuck));
    assert!(run.cancel("again", 7).is_empty());
}

/// Who was ended in the middle of a first step has nothing to take back yet.
#[test]
fn what_was_never_given_cannot_be_taken_back() {
    let (mut run, _) = three();
    run.cancel("enough", 5);
    assert_eq!((run.phase, run.tasks()), (Cancelled, Vec::new()));
}

#[test]
fn what_cannot_work_is_refused_when_it_is_read() {
    let cases = [
        ("do = 'fly'", "step \"a\": there is no verb \"fly\""),
        ("do = 'import'", "step \"a\": import needs file"),
        ("do = 'import'\nwith = { file = 'x', root = 'y' }", "step \"a\": import takes no \"root\""),
        ("do = 'import'\nwith.file = { input = 'x' }", "step \"a\": \"x\" is no input"),
        (
            "do = 'import'\nwith.file = { step = 'a', gives = 'open' }",
            "step \"a\": \"a\" is no step that it waits for",
        ),
        ("do = 'import'\nwith.file = 'x'\nset.a = 'b'", "step \"a\": import takes no set: only propose does"),
        ("do = 'import'\nwith.file = 'x'\nafter = ['a']", "step \"a\": \"a\" in after is no earlier step"),
        (
            "do = 'import'\nwith.file = 'x'\ntimeout_s = 0",
            "step \"a\": at most 20 retries, and 1 to 2592000 seconds",
        ),
    ];
    for (step, why) in cases {
        let text = format!("name = 'w'\ntitle = ''\n[[step]]\nid = 'a'\n{step}\n");
        assert_eq!(Workflow::parse("w.toml", &text).unwrap_err().message, why, "{step}");
    }
    let unknown = "name = 'w'\ntitle = ''\nstep = []\nspeed = 3\n";
    assert!(Workflow::parse("w.toml", unknown).unwrap_err().message.contains("speed"));
    assert!(
        Run::start(read("three", THREE), inputs(&[]), "r", "ann", 0)
            .unwrap_err()
            .starts_with("expr is missing")
    );
    assert!(Run::start(read("three", THREE), inputs(&[("expr", ""), ("x", "")]), "r", "ann", 0).is_err());
}

/// A workflow of steps that wait for some of those before them, and what becomes of each try.
#[derive(Clone, Debug)]
struct Drawn {
    workflow: Workflow,
    /// For each step: how long a try takes, and how many tries fail.
    fates: Vec<(i64, u32)>,
}

fn drawn(chain: bool, fails_for_good: bool) -> impl Strategy<Value = Drawn> {
    let step = (0u32..4, any::<u8>(), any::<bool>(), 0i64..90_000, 0u32..5);
    prop::collection::vec(step, 1..9).prop_map(move |all| {
        let mut steps = Vec::new();
        let mut fates = Vec::new();
        for (place, (retries, mask, undo, took_ms, fails)) in all.into_iter().enumerate() {
            let after = match place {
                0 => Vec::new(),
                _ if chain => vec![place - 1],
                _ => (0..place).filter(|own| mask >> (own % 8) & 1 == 1).collect(),
            };
            let call =
                |verb: &str| Call { verb: verb.to_owned(), with: BTreeMap::new(), set: BTreeMap::new() };
            steps.push(Step {
                id: format!("s{place}"),
                call: call("notify"),
                after,
                retries,
                backoff_s: 2,
                timeout_s: 60,
                undo: undo.then(|| call("withdraw")),
            });
            let (took_ms, fails) =
                if fails_for_good { (took_ms, fails) } else { (took_ms / 20, fails.min(retries)) };
            fates.push((took_ms, fails));
        }
        let workflow =
            Workflow { name: "w".to_owned(), title: String::new(), inputs: BTreeMap::new(), steps };
        Drawn { workflow, fates }
    })
}

/// Plays a run to its end. At each of `kills`, in order of events, the process is gone: what it was at is begun anew by
/// one that has nothing but what was written down.
fn play(drawn: &Drawn, kills: &BTreeSet<usize>) -> (Run, Vec<String>) {
    let (mut run, told) = Run::start(drawn.workflow.clone(), BTreeMap::new(), "r", "ann", 0).unwrap();
    let mut log = words(&told);
    let mut live: Vec<(i64, Task)> = Vec::new();
    let mut now_ms = 0;
    for turn in 0.. {
        assert!(turn < 2_000, "it never ends: {run:?}");
        let wanted = run.tasks();
        live.retain(|(_, own)| wanted.contains(own));
        for task in wanted {
            if !live.iter().any(|(_, own)| *own == task) {
                live.push((now_ms + drawn.fates[task.step].0, task));
            }
        }
        if kills.contains(&turn) {
            run = serde_json::from_str(&serde_json::to_string(&run).unwrap()).unwrap();
            live.clear();
            continue;
        }
        live.sort_by_key(|(at_ms, own)| (*at_ms, own.step));
        let (next, due) = (live.first().map(|own| own.0), run.due_ms());
        now_ms = match next.into_iter().chain(due).min() {
            Some(at_ms) => at_ms.max(now_ms),
            None => return (run, log),
        };
        if next == Some(now_ms) {
            let (_, task) = live.remove(0);
            let fails = task.attempt <= drawn.fates[task.step].1;
            let answer =
                if fails { Answer::Failed("no".to_owned()) } else { Answer::Done(inputs(&[("x", "y")])) };
            log.extend(words(&run.answer(&task, answer, now_ms)));
        } else {
            log.extend(words(&run.advance(now_ms)));
        }
    }
    unreachable!()
}

fn end(run: &Run) -> (Phase, Vec<(Standing, usize)>) {
    (run.phase, run.steps.iter().map(|own| (own.standing, own.gave.len())).collect())
}

fn kills() -> impl Strategy<Value = BTreeSet<usize>> {
    prop::collection::btree_set(0usize..60, 0..12)
}

proptest! {
    /// One after the other, whatever fails: the end is the same, however often the process is killed on the way.
    #[test]
    fn a_chain_ends_the_same_whoever_is_killed(drawn in drawn(true, true), kills in kills()) {
        let (calm, _) = play(&drawn, &BTreeSet::new());
        prop_assert_eq!(end(&calm), end(&play(&drawn, &kills).0));
    }

    /// Side by side, where tries fail and the last one works: all is done, and each step has said so once.
    #[test]
    fn what_can_be_done_is_done_whoever_is_killed(drawn in drawn(false, false), kills in kills()) {
        let (run, log) = play(&drawn, &kills);
        prop_assert_eq!(run.phase, Done);
        for step in &run.workflow.steps {
            let said = log.iter().filter(|own| **own == format!("tool-done {} notify: done", step.id)).count();
            prop_assert_eq!(said, 1);
        }
    }

    /// Whatever happens: it ends, nothing begins before what it waits for, and all that was begun is taken back.
    #[test]
    fn every_run_ends_in_order(drawn in drawn(false, true), kills in kills()) {
        let (run, log) = play(&drawn, &kills);
        prop_assert!(matches!(run.phase, Done | Failed));
        prop_assert_eq!(log.last().unwrap().split(' ').next(), Some("completed"));
        let at = |line: &str| log.iter().position(|own| own == line);
        for (place, step) in run.workflow.steps.iter().enumerate() {
            let begun = at(&format!("step {} notify", step.id));
            for own in &step.after {
                let before = at(&format!("tool-done {} notify: done", run.workflow.steps[*own].id));
                prop_assert!(begun.is_none() || before < begun && before.is_some());
            }
            let standing = run.steps[place].standing;
            if run.phase == Failed && begun.is_some() && step.undo.is_some() {
                prop_assert!(matches!(standing, Standing::Undone | Standing::Stuck), "{:?}", standing);
            } else if run.phase == Failed {
                prop_assert!(matches!(standing, Standing::Skipped | Standing::Failed | Standing::Done));
            }
        }
    }
}
