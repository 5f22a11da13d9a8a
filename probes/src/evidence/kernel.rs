//! What the kernel said last.

use super::Section;
use super::text::{LINE_CHARS_MAX, last_lines, one_line};
use crate::journalctl;
use crate::{Fault, Host};
use nix::fcntl::OFlag;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

const LINES_MAX: usize = 100;
/// More records than any ring buffer holds: a kernel that talks as fast as we read must not keep us.
const RECORDS_MAX: usize = 200_000;
/// Largest record of `/dev/kmsg`.
const RECORD_BYTES_MAX: usize = 8 << 10;
const TAIL_BYTES_MAX: u64 = 256 << 10;
const JOURNAL_DEADLINE: Duration = Duration::from_secs(5);

const RING: &str = "/dev/kmsg";
const LOG: &str = "/var/log/kern.log";
const GRANT: &str = "AmbientCapabilities=CAP_SYSLOG in the unit, or usermod -aG adm hostward";

/// The last hundred messages: from the ring buffer, otherwise the log file, otherwise the journal.
pub fn kernel_lines(host: &Host) -> Section {
    let lines = from_ring(host).or_else(|ring| {
        let log = host.tail(LOG, TAIL_BYTES_MAX).or_else(|fault| from_journal(host, fault));
        log.map(|text| last_lines(&text, LINES_MAX)).map_err(|_| with_grant(ring))
    });
    Section::of("kernel messages", lines)
}

fn from_journal(host: &Host, fault: Fault) -> Result<String, Fault> {
    if host.is_live() { journalctl::once(&["--dmesg", "--lines=100"], JOURNAL_DEADLINE) } else { Err(fault) }
}

fn with_grant(fault: Fault) -> Fault {
    match fault {
        Fault::Denied { what, .. } => Fault::Denied { what, grant: GRANT.to_owned() },
        other => other,
    }
}

/// A captured tree has no ring buffer: a device node in it would be this kernel's.
fn from_ring(host: &Host) -> Result<Vec<String>, Fault> {
    if !host.is_live() {
        return Err(Fault::Missing { what: LOG.to_owned() });
    }
    read_ring(&host.path(RING)).map_err(|error| Fault::io(RING, &error))
}

fn read_ring(path: &Path) -> io::Result<Vec<String>> {
    let mut file = File::options().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(path)?;
    let (mut lines, mut record) = (VecDeque::new(), [0; RECORD_BYTES_MAX]);
    for _ in 0..RECORDS_MAX {
        match file.read(&mut record) {
            Ok(0) => break,
            Ok(read) => keep_last(&mut lines, message(&String::from_utf8_lossy(&record[..read]))),
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            // The record was overwritten while we read: the next one follows.
            Err(error) if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::Interrupted) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(lines.into())
}

fn keep_last(lines: &mut VecDeque<String>, line: Option<String>) {
    lines.extend(line);
    if lines.len() > LINES_MAX {
        lines.pop_front();
    }
}

/// `6,339,5140900,-;message`, then lines of properties: severity and time since boot are kept.
fn message(record: &str) -> Option<String> {
    let (head, rest) = record.split_once(';')?;
    let mut head = head.split(',');
    let severity = head.next()?.parse::<u32>().ok()? & 7;
    let usec: u64 = head.nth(1)?.parse().ok()?;
    let text = one_line(rest.lines().next()?, LINE_CHARS_MAX);
    Some(format!("[{}.{:06}] <{severity}> {text}", usec / 1_000_000, usec % 1_000_000))
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn records_are_messages() {
        let text = "30,160,5140900,-;NET: registered\n SUBSYSTEM=net\n";
        assert_eq!(message(text).as_deref(), Some("[5.140900] <6> NET: registered"));
        for record in ["", "6,1", "x,1,2,-;m", "6,1,x,-;m", ";"] {
            assert_eq!(message(record), None, "{record:?}");
        }
    }
}
