//! From what a plugin printed to what is told of it.

use super::capture::{Captured, Cost};
use super::pace::Pace;
use super::spec::Plugin;
use super::trouble::Trouble;
use hostward_formats::{Exit, Output, Report};

/// One reading of a plugin.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What the importer makes of it.
    pub report: Report,
    /// Why there is nothing in it.
    pub trouble: Option<Trouble>,
    /// What it cost.
    pub cost: Cost,
    /// How it is asked, if that is otherwise than was settled.
    pub pace: Option<Pace>,
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
        let captured = Captured { trouble: Some(trouble), ..Captured::plain(Vec::new(), Exit::Signal(9)) };
        Raw { declared: Vec::new(), captured }
    }

    /// Text that nobody had to run for.
    pub fn text(stdout: Vec<u8>) -> Raw {
        Raw { declared: Vec::new(), captured: Captured::plain(stdout, Exit::Code(0)) }
    }
}

/// Understands what was read.
pub fn understood(plugin: &Plugin, raw: &Raw) -> Reading {
    let Raw { declared, captured } = raw;
    // Nothing that was cut short is relied on.
    let stdout = if captured.trouble.is_some() { &[] } else { captured.stdout.as_slice() };
    let output =
        Output { name: &plugin.name, stdout, stderr: &captured.stderr, exit: captured.exit, declared };
    let mut report = plugin.format.read(&output, &plugin.limits.limits());
    let trouble = captured.trouble.clone().or_else(|| found(&report, raw));
    if let Some(trouble) = &trouble {
        report.spoil(trouble.why.clone());
    }
    Reading { report, trouble, cost: captured.cost, pace: None }
}

fn found(report: &Report, raw: &Raw) -> Option<Trouble> {
    if report.disabled {
        return Some(Trouble::disabled());
    }
    let why = report.unknown.as_ref()?;
    Some(match raw.captured.exit {
        Exit::Signal(_) => Trouble::crash(why),
        _ => Trouble::unreliable(why),
    })
}
