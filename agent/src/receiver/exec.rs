//! A command of the administrator: no shell, nothing of the environment, the alerts as JSON on its standard input.

use super::message::Message;
use super::{Kind, Outcome, Sending, missing, payload};
use crate::config::{Receiver, Span};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, Command};

/// The exit status that asks for another try, as in sysexits.h: EX_TEMPFAIL.
const AGAIN: i32 = 75;
/// What is kept of what it says on stderr; the rest is read and thrown away.
const SAID_BYTES_MAX: usize = 2_000;
/// Words of a command.
const WORDS_MAX: usize = 64;
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A program on this host.
pub const KIND: Kind = Kind {
    name: "exec",
    keys: &["command"],
    check,
    group_wait: Span::seconds(0),
    confirm: None,
    notices_max: 64,
    send,
};

fn check(own: &Receiver) -> Option<(&'static str, String)> {
    let Some(program) = own.command.first() else { return Some(missing("command")) };
    if own.command.len() > WORDS_MAX {
        return Some(("command", format!("has more than {WORDS_MAX} words")));
    }
    (!Path::new(program).is_absolute()).then(|| ("command", format!("{program:?} must be an absolute path")))
}

fn send<'a>(own: &'a Receiver, message: &'a Message) -> Sending<'a> {
    Box::pin(async move {
        let mut child = match start(&own.command) {
            Ok(child) => child,
            Err(error) => return Outcome::Later(format!("{}: {error}", own.command[0]), None),
        };
        let group = child.id();
        let ran = tokio::time::timeout(own.timeout.duration(), run(&mut child, message)).await;
        // Whatever it left behind ends with it.
        if let Some(group) = group.and_then(|id| i32::try_from(id).ok()) {
            let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
        }
        match ran {
            Ok(Ok((status, said))) => outcome(&own.command[0], status, &said),
            Ok(Err(error)) => Outcome::Later(format!("{}: {error}", own.command[0]), None),
            Err(_) => Outcome::Later(format!("{}: took longer than {}", own.command[0], own.timeout), None),
        }
    })
}

fn start(command: &[String]) -> std::io::Result<Child> {
    let mut own = Command::new(&command[0]);
    own.args(&command[1..]).env_clear().env("PATH", PATH).env("LC_ALL", "C.UTF-8").current_dir("/");
    own.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    own.process_group(0).kill_on_drop(true).spawn()
}

/// A program that does not read its input is not at fault for that.
async fn run(child: &mut Child, message: &Message) -> std::io::Result<(ExitStatus, String)> {
    let body = payload::webhook(message).to_string();
    let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
    let write = async {
        if let Some(mut stdin) = stdin {
            let _ = stdin.write_all(body.as_bytes()).await;
        }
    };
    let ((), said, status) = tokio::join!(write, said(stderr), child.wait());
    Ok((status?, said))
}

async fn said(stderr: Option<ChildStderr>) -> String {
    let Some(mut stderr) = stderr else { return String::new() };
    let (mut kept, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(count @ 1..) = stderr.read(&mut buffer).await {
        let room = SAID_BYTES_MAX.saturating_sub(kept.len());
        kept.extend_from_slice(&buffer[..count.min(room)]);
    }
    String::from_utf8_lossy(&kept).trim().to_owned()
}

fn outcome(program: &str, status: ExitStatus, said: &str) -> Outcome {
    let why = format!("{program}: {status}: {said}").trim_end_matches([':', ' ']).to_owned();
    match status.code() {
        Some(0) => Outcome::Delivered,
        Some(AGAIN) | None => Outcome::Later(why, None),
        Some(_) => Outcome::Never(why),
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::tests::message;
    use super::*;
    use crate::state::testing::Scratch;
    use hostward_engine::State;
    use std::time::Instant;

    fn runs(words: &[&str]) -> Outcome {
        let command = words.iter().map(|&word| word.to_owned()).collect();
        let own = Receiver { command, timeout: Span::seconds(1), ..Receiver::default() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(send(&own, &message(&[State::Firing])))
    }

    #[test]
    fn the_exit_status_says_whether_it_is_worth_another_try() {
        let shell = |script: &str| runs(&["/bin/sh", "-c", script]);
        assert_eq!(shell("cat > /dev/null"), Outcome::Delivered);
        assert_eq!(shell("exit 0"), Outcome::Delivered);
        assert!(
            matches!(shell("echo full >&2; exit 75"), Outcome::Later(why, None) if why.ends_with("75: full"))
        );
        assert!(matches!(shell("exit 1"), Outcome::Never(_)));
        assert!(matches!(shell("kill -9 $$"), Outcome::Later(..)));
        assert!(matches!(runs(&["/nonexistent"]), Outcome::Later(..)));
    }

    #[test]
    fn a_flood_is_bounded_and_a_hang_ends_with_all_that_it_started() {
        let Outcome::Never(why) =
            runs(&["/bin/sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x >&2; exit 1"])
        else {
            panic!("it was taken")
        };
        assert!(why.len() < SAID_BYTES_MAX + 100);
        let begun = Instant::now();
        assert!(matches!(runs(&["/bin/sh", "-c", "sleep 60 & sleep 60"]), Outcome::Later(..)));
        assert!(begun.elapsed().as_secs() < 30);
    }

    #[test]
    fn arguments_are_arguments_and_the_environment_is_empty() {
        let scratch = Scratch::new("exec");
        let out = scratch.path().join("out").display().to_string();
        let script = "cat > \"$0\"; printf '%s|%s' \"$1\" \"$HOME\" >> \"$0\"";
        assert_eq!(runs(&["/bin/sh", "-c", script, &out, "$(id); `id`"]), Outcome::Delivered);
        let text = std::fs::read_to_string(out).unwrap();
        assert!(text.ends_with("}$(id); `id`|"), "{text}");
        assert!(text.starts_with("{\"alerts\":[{"), "{text}");
    }
}
