//! Warnings and errors in the journal, by unit and priority.
//!
//! `journalctl --follow` is asked for these alone. After a restart it goes on behind the last message that was read, where
//! the agent remembers which that was.

use crate::journalctl::Journal;
use crate::roster::{Measure, Roster};
use crate::units::family;
use crate::{Fault, Host, Preset, Probe, Setting, Settings, Spec, journalctl};
use hostward_model::{Batch, Metric};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeSet;

static MESSAGES: Metric = Metric::counter(
    "hostward_journal_messages_total",
    "Messages in the journal by unit and priority; those without a unit by the name that they give themselves.",
    &["unit", "priority"],
);
static LINES_CUT: Metric = Metric::counter(
    "hostward_journal_messages_unread_total",
    "Messages whose description by journalctl was too long or made no sense.",
    &[],
);

/// The names of syslog(3), by number.
const PRIORITIES: [&str; 8] = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];
/// Longest name that is told; names of units have a bound of 255.
const NAME_CHARS_MAX: usize = 128;
/// Longest cursor that is believed; today's have 130.
const CURSOR_BYTES_MAX: usize = 512;

static MEASURES: [Measure; 1] = [Measure::Increase(&[0, 1, 2, 3, 4, 5, 6, 7])];

pub static SPEC: Spec = Spec {
    name: "journal",
    about: "warnings and errors in the journal, by unit and priority",
    doc: "journalctl(1), systemd.journal-fields(7)",
    reads: &[journalctl::JOURNALD],
    metrics: &[&MESSAGES, &LINES_CUT],
    every_ms: 5_000,
    settings: &[
        Setting {
            name: "priority",
            about: "The least urgent priority that is counted: emerg, alert, crit, err, warning, notice, info or debug.",
            default: Preset::Text("warning"),
        },
        Setting {
            name: "top",
            about: "How many units have series of their own, by messages; the rest is summed under `other`.",
            default: Preset::Number(50),
        },
    ],
    start: |settings| Box::new(Messages::new(settings)),
    ..Spec::ASIDE
};

type Counts = [Option<u64>; PRIORITIES.len()];

struct Messages {
    /// Nothing when the setting makes no sense.
    priority: Result<usize, String>,
    journal: Option<Journal>,
    cursor: String,
    roster: Roster<{ PRIORITIES.len() }, 0>,
    /// Series that were told, by unit and number of the priority.
    told: BTreeSet<(String, usize)>,
    nonsense: u64,
}

/// A line of journalctl. A field that is no text (a list, or bytes) counts as not there.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, rename = "__CURSOR", default)]
    cursor: Cow<'a, str>,
    #[serde(borrow, rename = "PRIORITY", default)]
    priority: Cow<'a, str>,
    #[serde(rename = "_SYSTEMD_UNIT", default)]
    unit: Field,
    #[serde(rename = "SYSLOG_IDENTIFIER", default)]
    identifier: Field,
}

#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Field {
    Text(String),
    Other(serde::de::IgnoredAny),
    #[default]
    None,
}

impl Messages {
    fn new(settings: &Settings) -> Self {
        let word = settings.text("priority");
        let priority = PRIORITIES.iter().position(|name| *name == word).ok_or_else(|| word.to_owned());
        let roster = Roster::of_events(settings.number("top"), &MEASURES);
        Messages {
            priority,
            journal: None,
            cursor: String::new(),
            roster,
            told: BTreeSet::new(),
            nonsense: 0,
        }
    }

    fn follow(priority: usize) -> Journal {
        Journal::resuming(
            vec![
                "--output=json".to_owned(),
                "--output-fields=_SYSTEMD_UNIT,PRIORITY,SYSLOG_IDENTIFIER".to_owned(),
                format!("--priority={priority}"),
            ],
            is_cursor,
        )
    }

    /// Counts what came since the last run.
    fn count(&mut self, lines: &[String]) {
        self.roster.begin();
        for line in lines {
            match serde_json::from_str::<Message<'_>>(line) {
                Ok(message) => self.take(&message),
                Err(_) => self.nonsense += 1,
            }
        }
        self.roster.finish();
    }

    fn take(&mut self, message: &Message<'_>) {
        if is_cursor(&message.cursor) {
            self.cursor.clear();
            self.cursor.push_str(&message.cursor);
        }
        match message.priority.parse::<usize>().ok().filter(|priority| *priority < PRIORITIES.len()) {
            Some(priority) => {
                let mut one: Counts = [None; PRIORITIES.len()];
                one[priority] = Some(1);
                self.roster.increase(&name(message), one, []);
            }
            None => self.nonsense += 1,
        }
    }

    /// A series begins with the nothing that it was before, or its first message would be no increase.
    fn push(&mut self, cut: u64, out: &mut Batch) {
        for (name, counters) in self.roster.known() {
            for (index, count) in
                counters.iter().enumerate().filter_map(|(index, count)| Some((index, (*count)?)))
            {
                let is_new = self.told.insert((name.to_owned(), index));
                out.push(&MESSAGES, &[name, PRIORITIES[index]], if is_new { 0.0 } else { count as f64 });
            }
        }
        out.push(&LINES_CUT, &[], (self.nonsense + cut) as f64);
    }
}

/// The unit, which journald vouches for; otherwise the name that the message gives itself, the kernel's is `kernel`.
fn name(message: &Message<'_>) -> String {
    let known = [&message.unit, &message.identifier].into_iter().find_map(|field| match field {
        Field::Text(text) if !text.is_empty() => Some(text.as_str()),
        _ => None,
    });
    let name = family(known.unwrap_or("unknown"));
    name.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect()
}

/// `s=4683…;i=35;b=9b3a…;m=3610e3b50;t=660c4e9f36579;x=dc3e6a8e30330102`.
fn is_cursor(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'=' || byte == b';';
    text.starts_with("s=") && text.len() <= CURSOR_BYTES_MAX && text.bytes().all(fits)
}

impl Probe for Messages {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        let priority = self.priority.clone().map_err(|word| {
            Fault::malformed("the setting priority of the probe journal", 1, &word, "emerg to debug")
        })?;
        if !host.is_live() || !host.path(journalctl::JOURNALD).exists() {
            return Err(Fault::Missing { what: journalctl::JOURNALD.to_owned() });
        }
        let journal = self.journal.get_or_insert_with(|| Self::follow(priority));
        let mut lines = Vec::new();
        let result = journal.poll_from(&self.cursor, &mut |line| lines.push(line.to_owned()));
        let (settled, cut) = (journal.is_settled(), journal.cut());
        self.count(&lines);
        result?;
        if settled {
            self.push(cut, out);
        }
        Ok(())
    }

    fn memory(&self) -> String {
        self.cursor.clone()
    }

    fn remember(&mut self, memory: &str) {
        if is_cursor(memory) {
            self.cursor = memory.to_owned();
        }
    }
}

#[cfg(test)]
mod tests;
