use super::*;
use crate::testing::shell;

/// Polls until `enough`, for five seconds at most.
fn until(journal: &mut Journal, enough: impl Fn(&[String], &Result<(), Fault>) -> bool) -> Vec<String> {
    let (mut seen, end) = (Vec::new(), Instant::now() + Duration::from_secs(5));
    loop {
        let result = journal.poll(&mut |line| seen.push(line.to_owned()));
        if enough(&seen, &result) {
            return seen;
        }
        assert!(Instant::now() < end, "saw {seen:?}, {result:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn lines_come_without_waiting() {
    let mut journal = Journal::running(|_| shell("echo one; printf two; exec sleep 60"));
    assert!(!journal.is_settled());
    let seen = until(&mut journal, |seen, _| !seen.is_empty());
    assert_eq!(seen, ["one"]);
    assert!(journal.is_settled());
}

#[test]
fn a_child_that_ended_is_named_and_started_again_later() {
    let mut journal = Journal::running(|_| shell("echo one; echo broken >&2; exit 3"));
    journal.backoff = Duration::from_millis(50);
    let ended = |result: &Result<(), Fault>| matches!(result, Err(Fault::Unreadable { error, .. }) if error == "broken");
    let seen = until(&mut journal, |_, result| ended(result));
    assert_eq!(seen, ["one"]);
    journal.retry_at = Instant::now();
    let seen = until(&mut journal, |seen, _| !seen.is_empty());
    assert_eq!(seen, ["one"]);
    assert!(journal.retry_at > Instant::now());
}

#[test]
fn missing_rights_name_the_group() {
    let script = |_: &str| {
        shell(
            "echo 'Hint: You are currently not seeing messages from other users and the system.' >&2; exec sleep 60",
        )
    };
    let mut journal = Journal::running(script);
    until(
        &mut journal,
        |_, result| matches!(result, Err(Fault::Denied { grant, .. }) if grant.contains("systemd-journal")),
    );
}

#[test]
fn no_journal_is_missing_until_something_is_heard() {
    let script =
        |_: &str| shell("echo 'No journal files were found.' >&2; sleep 0.2; echo line; exec sleep 60");
    let mut journal = Journal::running(script);
    until(&mut journal, |_, result| matches!(result, Err(Fault::Missing { .. })));
    until(&mut journal, |seen, result| !seen.is_empty() && result.is_ok());
}

#[test]
fn no_journalctl_is_missing() {
    let mut journal = Journal::running(|_| Command::new("/nonexistent/journalctl"));
    assert!(matches!(journal.poll(&mut |_| {}), Err(Fault::Missing { .. })));
    // Not tried again before its time.
    assert!(journal.poll(&mut |_| {}).is_err());
}

#[test]
fn a_restarted_child_goes_on_behind_the_cursor() {
    let mut journal = Journal::running(|cursor| shell(&format!("echo after {cursor}")));
    let mut seen = Vec::new();
    while seen.is_empty() {
        let _ = journal.poll_from("s=1", &mut |line| seen.push(line.to_owned()));
    }
    assert_eq!(seen, ["after s=1"]);
}

#[test]
fn a_refused_question_names_the_group() {
    let denied = text(shell("echo insufficient permissions >&2; exit 1"), Duration::from_secs(20));
    assert!(matches!(denied, Err(Fault::Denied { grant, .. }) if grant.contains("systemd-journal")));
}

#[test]
fn a_trouble_lasts_until_the_next_child_is_heard_or_has_had_its_time() {
    let mut journal = Journal::running(|_| shell("echo insufficient permissions >&2; exit 1"));
    let denied = |result: &Result<(), Fault>| matches!(result, Err(Fault::Denied { .. }));
    until(&mut journal, |_, result| denied(result));
    journal.command = Box::new(|_| shell("sleep 0.2; echo better; exec sleep 60"));
    (journal.runs, journal.retry_at) = (false, Instant::now());
    assert!(denied(&journal.poll(&mut |_| {})));
    until(&mut journal, |seen, result| !seen.is_empty() && result.is_ok());
}
