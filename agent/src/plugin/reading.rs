//! From what a plugin printed to what is told of it.

use super::capture::{Captured, Cost};
use super::spec::Plugin;
use super::trouble::Trouble;
use hostward_formats::{Exit, Format, Output, Report, State};

/// One reading of a plugin.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What the importer makes of it.
    pub report: Report,
    /// Why there is nothing in it.
    pub trouble: Option<Trouble>,
    /// What it cost.
    pub cost: Cost,
}

/// What was read, before anybody understood it.
#[derive(Clone, Debug)]
pub struct Raw {
    /// What it declared before.
    pub declared: Vec<u8>,
    /// What it printed, and how that ended.
    pub captured: Captured,
}

impl Raw {
    /// Nothing was read.
    pub fn none(trouble: Trouble) -> Raw {
        let captured = Captured {
            stdout: Vec::new(),
            stderr: Vec::new(),
            exit: Exit::Signal(9),
            trouble: Some(trouble),
            cost: Cost::default(),
        };
        Raw { declared: Vec::new(), captured }
    }

    /// Text that nobody had to run for.
    pub fn text(stdout: Vec<u8>) -> Raw {
        let captured = Captured {
            stdout,
            stderr: Vec::new(),
            exit: Exit::Code(0),
            trouble: None,
            cost: Cost::default(),
        };
        Raw { declared: Vec::new(), captured }
    }
}

/// Understands what was read.
pub fn understood(plugin: &Plugin, raw: &Raw) -> Reading {
    let Raw { declared, captured } = raw;
    let (stdout, status) = match plugin.format {
        Format::Native => split_status(&captured.stdout),
        _ => (captured.stdout.clone(), None),
    };
    // Nothing that was cut short is relied on.
    let stdout = if captured.trouble.is_some() { Vec::new() } else { stdout };
    let output = Output {
        name: &plugin.name,
        stdout: &stdout,
        stderr: &captured.stderr,
        exit: captured.exit,
        declared,
    };
    let mut report = plugin.format.read(&output, &plugin.limits.limits());
    let trouble = captured
        .trouble
        .clone()
        .or_else(|| status.and_then(trouble_of_status))
        .or_else(|| found(&report, raw));
    if let Some(trouble) = &trouble {
        spoil(&mut report, trouble);
    }
    Reading { report, trouble, cost: captured.cost }
}

fn found(report: &Report, raw: &Raw) -> Option<Trouble> {
    if report.disabled {
        return Some(Trouble::disabled());
    }
    if let Some(why) = &report.unknown {
        return Some(match raw.captured.exit {
            Exit::Signal(_) => Trouble::crash(why),
            _ => Trouble::unreliable(why),
        });
    }
    let is_empty = report.families.is_empty() && report.services.is_empty();
    let first = report.rejected.first().filter(|_| is_empty)?;
    Some(Trouble::unreliable(format!("line {}: {}", first.line, first.reason)))
}

/// Takes back everything that a report says, for this reason.
fn spoil(report: &mut Report, trouble: &Trouble) {
    report.families.clear();
    report.levels.clear();
    for service in &mut report.services {
        (service.state, service.text) = (State::Unknown, trouble.why.clone());
    }
    report.unknown.get_or_insert_with(|| trouble.why.clone());
}

/// Takes out `# STATUS WORD reason`, which a plugin can say just before `# EOF`.
fn split_status(stdout: &[u8]) -> (Vec<u8>, Option<String>) {
    let end = stdout.trim_ascii_end();
    let Some(rest) = end.strip_suffix(b"# EOF") else { return (stdout.to_vec(), None) };
    let body = rest.strip_suffix(b"\n").unwrap_or(rest);
    let start = body.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    match body[start..].strip_prefix(b"# STATUS ") {
        Some(status) => {
            let text = [&body[..start], b"# EOF\n"].concat();
            (text, Some(String::from_utf8_lossy(status).trim().to_owned()))
        }
        None => (stdout.to_vec(), None),
    }
}

fn trouble_of_status(status: String) -> Option<Trouble> {
    let (word, reason) = status.split_once(' ').unwrap_or((&status, ""));
    let reason = if reason.is_empty() { "it gives no reason" } else { reason };
    let told = |what: &str| Some(Trouble::unreliable(format!("{what}: {reason}")));
    match word {
        "OK" => None,
        "UNAVAILABLE" => told("it says that what it reads is not there"),
        "PERMISSION" => told("it says that it may not read what it needs"),
        "CONFIG" => told("it says that its configuration is wrong"),
        "TIMEOUT" => told("it says that what it reads did not answer in time"),
        _ => told("it says that it failed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_not_part_of_the_text() {
        let split = |text: &str| {
            let (text, status) = split_status(text.as_bytes());
            (String::from_utf8(text).unwrap(), status)
        };
        let text = "a 1\n# STATUS PERMISSION /dev/nvme0\n# EOF\n";
        let (text, status) = split(text);
        assert_eq!((text.as_str(), status.as_deref()), ("a 1\n# EOF\n", Some("PERMISSION /dev/nvme0")));
        assert_eq!(
            trouble_of_status(status.unwrap()).unwrap().why,
            "it says that it may not read what it needs: /dev/nvme0"
        );
        assert_eq!(split("# STATUS OK\n# EOF"), ("# EOF\n".to_owned(), Some("OK".to_owned())));
        assert_eq!(split("a 1\n# EOF\n"), ("a 1\n# EOF\n".to_owned(), None));
        assert_eq!(trouble_of_status("OK".to_owned()), None);
    }
}
