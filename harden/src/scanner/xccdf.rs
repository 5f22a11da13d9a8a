//! OpenSCAP's results: XCCDF with its `TestResult`, alone or within ARF.
//!
//! Read element by element. References are followed nowhere: a document type is refused, and of entities there are XML's
//! own five and characters by number.

use super::fault::Fault;
use super::shape::Shape;
use super::{Format, Report};
use crate::finding::{Finding, Location, Severity, text};
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::collections::HashMap;

/// Rules of which title and severity are remembered; results of others have their id only.
const RULES_MAX: usize = 20_000;
/// Bytes collected of the text of one element.
const TEXT_BYTES_MAX: usize = 8 << 10;

pub(super) static XCCDF: Format = Format {
    name: "xccdf",
    about: "oscap xccdf eval --results, --results-arf",
    tool: Some("openscap"),
    sniff: |shape| {
        let words = ["asset-report-collection", "checklists.nist.gov/xccdf", "TestResult"];
        matches!(shape, Shape::Xml(head) if words.iter().any(|word| head.contains(word)))
    },
    read,
};

#[derive(Default)]
struct Rule {
    title: String,
    severity: Option<Severity>,
    fix: String,
}

/// One `rule-result` while it is read.
#[derive(Default)]
struct Outcome {
    rule: String,
    severity: Option<Severity>,
    result: String,
    idents: Vec<String>,
    messages: Vec<String>,
}

#[derive(Default)]
struct State {
    rules: HashMap<String, Rule>,
    /// The `Rule` that is being read.
    rule: Option<(String, Rule)>,
    outcome: Option<Outcome>,
    text: String,
    tests: usize,
}

fn read(text: &str, report: &mut Report) -> Result<(), Fault> {
    let mut reader = Reader::from_str(text);
    let mut state = State::default();
    let mut depth = 0_usize;
    loop {
        let event = reader.read_event().map_err(|error| at(reader.error_position(), &error.to_string()))?;
        match event {
            Event::Start(element) => {
                depth += 1;
                state.open(&element);
            }
            Event::Empty(element) => {
                state.open(&element);
                state.close(element.local_name().as_ref(), report);
            }
            Event::End(element) => {
                depth = depth.saturating_sub(1);
                state.close(element.local_name().as_ref(), report);
            }
            Event::Text(own) => state.take(&own),
            Event::CData(own) => state.take(&own),
            Event::GeneralRef(own) => state.take(&referred(&own, reader.buffer_position())?),
            Event::DocType(_) => {
                return Err(at(reader.buffer_position(), "a document type is refused; remove the DOCTYPE"));
            }
            Event::Eof if depth > 0 => {
                return Err(at(reader.buffer_position(), "the file ends inside an element"));
            }
            Event::Eof if state.tests == 0 => {
                return Err(Fault::whole("no TestResult: this is what to test and not what was found"));
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn at(byte: u64, message: &str) -> Fault {
    Fault::at(usize::try_from(byte).unwrap_or(usize::MAX), message)
}

fn referred(own: &BytesRef, byte: u64) -> Result<String, Fault> {
    let character = own.resolve_char_ref().map_err(|error| at(byte, &error.to_string()))?;
    let known = character.map(String::from).or_else(|| resolve_xml_entity(own).map(str::to_owned));
    known.ok_or_else(|| at(byte, &format!("the entity {} is not one of XML's own", text::line(own, 60))))
}

fn attribute(element: &BytesStart, name: &str) -> String {
    let mut attributes = element.attributes();
    let found = attributes.with_checks(false).flatten().find(|own| own.key.local_name().as_ref() == name);
    found
        .and_then(|own| own.normalized_value(XmlVersion::Implicit1_0).ok().map(|own| own.into_owned()))
        .unwrap_or_default()
}

impl State {
    fn open(&mut self, element: &BytesStart) {
        self.text.clear();
        match element.local_name().as_ref() {
            "Rule" => {
                let severity = Severity::from_word(&attribute(element, "severity"));
                self.rule = Some((attribute(element, "id"), Rule { severity, ..Rule::default() }));
            }
            "rule-result" => {
                let severity = Severity::from_word(&attribute(element, "severity"));
                let rule = attribute(element, "idref");
                self.outcome = Some(Outcome { rule, severity, ..Outcome::default() });
            }
            "TestResult" => self.tests += 1,
            _ => {}
        }
    }

    fn take(&mut self, text: &str) {
        let room = TEXT_BYTES_MAX.saturating_sub(self.text.len());
        self.text.push_str(&text[..text.floor_char_boundary(room)]);
    }

    fn close(&mut self, name: &str, report: &mut Report) {
        match name {
            "Rule" => self.keep_rule(),
            "rule-result" => self.tell(report),
            _ => self.keep_text(name),
        }
        self.text.clear();
    }

    fn keep_text(&mut self, name: &str) {
        if let Some(own) = &mut self.outcome {
            match name {
                "result" => own.result = self.text.trim().to_owned(),
                "ident" if own.idents.len() < 16 => own.idents.push(text::line(&self.text, 200)),
                "message" if own.messages.len() < 16 => own.messages.push(text::line(&self.text, 400)),
                _ => {}
            }
        } else if let Some((_, own)) = &mut self.rule {
            match name {
                "title" => own.title = text::line(&self.text, 240),
                "fixtext" => own.fix = text::line(&self.text, 400),
                _ => {}
            }
        }
    }

    fn keep_rule(&mut self) {
        if let Some((id, rule)) = self.rule.take()
            && self.rules.len() < RULES_MAX
        {
            self.rules.insert(id, rule);
        }
    }

    fn tell(&mut self, report: &mut Report) {
        let Some(own) = self.outcome.take() else { return };
        if own.result == "fail" {
            report.push(finding(&own, self.rules.get(&own.rule)), "");
        }
    }
}

fn finding(own: &Outcome, rule: Option<&Rule>) -> Finding {
    let short = own.rule.rsplit("content_rule_").next().unwrap_or(&own.rule);
    let title = rule.map_or("", |rule| &rule.title);
    Finding {
        tool: "openscap".to_owned(),
        rule: own.rule.clone(),
        severity: own.severity.or(rule.and_then(|rule| rule.severity)),
        title: if title.is_empty() { short } else { title }.to_owned(),
        location: Location::Setting { name: short.to_owned() },
        evidence: own.messages.join("\n"),
        advice: rule.map_or(String::new(), |rule| rule.fix.clone()),
        references: own.idents.clone(),
        ..Finding::default()
    }
}
