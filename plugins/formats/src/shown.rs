//! A report as text for people: what is wrong first, then the samples as an exposition, then what is said of them.

use crate::exposition::{self, Labels};
use crate::{Levels, Report};
use hostward_model::{number, text};
use std::fmt;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(why) = &self.unknown {
            writeln!(f, "unknown: {why}")?;
        }
        for service in &self.services {
            let at = service.timestamp_s.map_or(String::new(), |at| format!(" at {}", number::to_string(at)));
            writeln!(f, "service {:?} is {}{at}: {}", service.name, service.state.as_str(), service.text)?;
            service.detail.lines().try_for_each(|line| writeln!(f, "    {line}"))?;
        }
        for rejected in &self.rejected {
            writeln!(f, "rejected line {}: {}", rejected.line, rejected.reason)?;
        }
        if self.rejected_count > self.rejected.len() {
            writeln!(f, "rejected {} lines", self.rejected_count)?;
        }
        if self.dropped != Default::default() {
            writeln!(f, "{:?}", self.dropped)?;
        }
        if self.disabled {
            writeln!(f, "disabled")?;
        }
        f.write_str(&exposition::write(&self.families, exposition::Format::Text))?;
        self.levels.iter().try_for_each(|levels| write_levels(f, levels))
    }
}

fn write_levels(f: &mut fmt::Formatter<'_>, levels: &Levels) -> fmt::Result {
    write!(f, "levels of {}:", series(&levels.metric, &levels.labels))?;
    for (name, range) in [("warning", levels.warning), ("critical", levels.critical)] {
        range.iter().try_for_each(|range| write!(f, " {name} {range};"))?;
    }
    for (name, bound) in [("min", levels.min), ("max", levels.max)] {
        bound.iter().try_for_each(|bound| write!(f, " {name} {};", number::to_string(*bound)))?;
    }
    f.write_str("\n")
}

fn series(name: &str, labels: &Labels) -> String {
    let mut out = String::new();
    text::write_series(&mut out, name, labels.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    out
}
