//! What `hostward run` says at the start: where it listens, where it writes, and what it cannot see.

use super::{Options, Taken};
use crate::clock;
use crate::outlet::{About, Door, Listener};
use crate::sampler::Report;
use crate::visible::visible;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// What this instance is.
pub fn about(
    metrics: &[Listener],
    is_tls: bool,
    state_dir: &Path,
    socket: &Path,
    options: &Options,
    taken: &Taken,
) -> About {
    About {
        version: env!("CARGO_PKG_VERSION"),
        pid: std::process::id(),
        url: urls(metrics, is_tls, |door| door == Door::Pages),
        api: urls(metrics, is_tls, |door| door != Door::Pages),
        state_dir: state_dir.to_owned(),
        socket: socket.to_owned(),
        files: taken.files.clone(),
        root: options.root.clone(),
        started_ms: clock::now().wall_ms,
    }
}

fn urls(listeners: &[Listener], is_tls: bool, is_wanted: impl Fn(Door) -> bool) -> String {
    let wanted = listeners.iter().filter(|listener| is_wanted(listener.door));
    wanted.map(|listener| listener.url(is_tls)).collect::<Vec<_>>().join(", ")
}

/// Says where everything is.
pub fn start(about: &About) {
    let mut text = String::new();
    let _ = writeln!(text, "hostward {} (pid {})", about.version, about.pid);
    let _ = writeln!(text, "  metrics  {}", about.url);
    if !about.api.is_empty() {
        let _ = writeln!(text, "  api      {}", about.api);
    }
    let _ = writeln!(text, "  state    {}", about.state_dir.display());
    let _ = writeln!(text, "  socket   {}", about.socket.display());
    let files: Vec<_> = about.files.iter().map(|file| file.display().to_string()).collect();
    let files = if files.is_empty() { "none, all defaults".to_owned() } else { files.join(", ") };
    let _ = writeln!(text, "  config   {files}");
    say(&text);
}

/// Says once what the probes cannot see, and what would help.
pub fn unseen(report: &Report) {
    say(&unseen_text(report));
}

/// Names of mount points and files are whatever somebody called them, and stderr may be a terminal.
fn unseen_text(report: &Report) -> String {
    let is_absent = |(_, (_, reason, _)): &(&str, (&str, &str, &str))| *reason == "missing";
    let lines = report.unseen().filter(|unseen| !is_absent(unseen)).map(unseen_line);
    let mut text: String = lines.map(|line| format!("  {}\n", visible(&line))).collect();
    if text.is_empty() {
        text += "everything that the probes look for can be seen\n";
    } else {
        text.insert_str(0, "cannot see:\n");
    }
    match report.unseen().filter(is_absent).count() {
        0 => {}
        1 => text += "not on this host: one thing, which hostward doctor names\n",
        count => text += &format!("not on this host: {count} things, which hostward doctor names\n"),
    }
    text
}

/// One line for each thing that cannot be seen.
pub fn unseen_lines(report: &Report) -> Vec<String> {
    report.unseen().map(unseen_line).collect()
}

fn unseen_line((probe, (what, reason, grant)): (&str, (&str, &str, &str))) -> String {
    let grant = if grant.is_empty() { String::new() } else { format!("; {grant}") };
    let what = if what.is_empty() { String::new() } else { format!("{what}: ") };
    format!("{probe}: {what}{reason}{grant}")
}

/// Nobody is helped by failing when stderr is closed.
fn say(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampler::{Status, Trouble};
    use hostward_model::Gap;
    use hostward_probes::Fault;

    #[test]
    fn a_mount_point_cannot_play_with_the_terminal() {
        let gap =
            Gap { what: "/mnt/\u{1b}[2J\n".to_owned(), reason: "stale".to_owned(), grant: String::new() };
        let status = Status { gaps: vec![gap], ..Status::new("filesystem", 1) };
        let fault = Fault::Missing { what: "/proc/x".to_owned() };
        let trouble = Some(Trouble::Fault(fault));
        let absent = Status { trouble, ..Status::new("bonding", 1) };
        let report = Report { probes: vec![status, absent], ..Report::default() };
        assert_eq!(
            unseen_text(&report),
            "cannot see:\n  filesystem: /mnt/\\u{1b}[2J\\n: stale\nnot on this host: one thing, which hostward doctor names\n"
        );
        assert!(unseen_text(&Report::default()).starts_with("everything"));
    }
}
