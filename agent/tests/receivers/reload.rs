//! Receivers that come, move and go while the agent runs.

use crate::flags::{await_firing, configure, prepare, raise, start};
use crate::recorder::Recorder;
use crate::support::{Scratch, eventually};
use nix::sys::signal::Signal;

fn hook(name: &str, at: &Recorder) -> String {
    let address = at.address;
    format!(
        "[receivers.{name}]\ntype = \"webhook\"\nurl = [\"http://{address}/\"]\nallow_private = true\ngroup_wait = \"0s\"\n"
    )
}

#[test]
fn another_receiver_is_told_from_then_on_and_what_waited_goes_to_the_new_address() {
    let (scratch, old, new) = (Scratch::new("receivers-reload"), Recorder::start(), Recorder::start());
    prepare(&scratch, &hook("ops", &old));
    let daemon = start(&scratch);
    raise(&scratch, &["a"]);
    await_firing(&daemon, &["a"]);
    eventually("the first address", || old.told() == ["a firing"]);

    // It is away, and what it does not take waits; then it has moved.
    old.say(503);
    raise(&scratch, &["a", "b"]);
    await_firing(&daemon, &["a", "b"]);
    daemon.await_line("hostward_notifications_waiting{receiver=\"ops\"} 1");
    configure(&scratch, &hook("ops", &new));
    daemon.signal(Signal::SIGHUP);
    eventually("the second address", || new.told() == ["b firing"]);
    daemon.await_line("hostward_notifications_waiting{receiver=\"ops\"} 0");

    // Nobody is to be told any more.
    configure(&scratch, "");
    daemon.signal(Signal::SIGHUP);
    daemon.await_metrics("no receiver", |text| !text.contains("receiver=\"ops\""));
    raise(&scratch, &["a", "b", "c"]);
    await_firing(&daemon, &["a", "b", "c"]);
    assert_eq!((old.told().len(), new.told().len()), (1, 1), "{:?}", new.told());
}
