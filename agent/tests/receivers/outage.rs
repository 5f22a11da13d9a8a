//! A receiver that is away: order is kept, nothing is lost over a kill, and there is no storm when it is back.

use crate::flags::{await_firing, kill, prepare, raise, start};
use crate::recorder::Recorder;
use crate::support::{Scratch, ask, eventually, printed};

#[test]
fn what_waited_comes_in_order_and_at_once() {
    let (scratch, recorder) = (Scratch::new("outage"), Recorder::start());
    prepare(
        &scratch,
        &format!(
            "[receivers.hook]\ntype = \"webhook\"\nurl = [\"http://{}/x\"]\nallow_private = true\n\
             [receivers.grave]\ntype = \"exec\"\ncommand = [\"/bin/false\"]\nmin_severity = \"critical\"\n",
            recorder.address
        ),
    );
    recorder.say(503);
    let daemon = start(&scratch);
    for up in [&["a"][..], &["a", "b"], &["b"], &["b", "c"]] {
        raise(&scratch, up);
        await_firing(&daemon, up);
    }
    daemon.await_metrics("what waits", |text| {
        text.contains("hostward_notifications_waiting{receiver=\"hook\"} 4")
    });
    kill(daemon);
    recorder.say(200);
    let daemon = start(&scratch);
    eventually("everything", || recorder.told().len() >= 4);
    assert_eq!(recorder.told(), ["a firing", "b firing", "a resolved", "c firing"]);
    assert_eq!(recorder.seen().len(), 1, "one message, not a storm");
    daemon.await_line("hostward_notifications_total{outcome=\"delivered\",receiver=\"hook\"} 4");
    daemon.await_line("hostward_notifications_waiting{receiver=\"hook\"} 0");
    let (log, _) = printed(&ask(&scratch, &["alerts", "notifications"]));
    assert!(log.contains("delivered  4"), "{log}");
    assert!(log.contains("503"), "{log}");
    assert!(!log.contains("grave"), "{log}");
}
