//! From lines to families: what belongs together, and stands together.

use super::error::ReadError;
use super::family::{Family, Sample, Type};
use super::line::Line;
use super::{order, rules};
use hostward_model::text::Format;
use std::collections::HashSet;

/// A family in the making.
struct Open {
    family: Family,
    /// Whether a `# TYPE` line named the type.
    typed: bool,
    /// The line of each sample.
    lines: Vec<usize>,
}

/// Families read so far.
pub struct Gathering {
    format: Format,
    done: Vec<Family>,
    open: Option<Open>,
    /// Every name that a family before has taken.
    taken: HashSet<String>,
    ended: bool,
}

impl Gathering {
    pub fn new(format: Format) -> Self {
        Gathering { format, done: Vec::new(), open: None, taken: HashSet::new(), ended: false }
    }

    /// Takes the next line.
    pub fn take(&mut self, at: usize, line: Line) -> Result<(), ReadError> {
        if self.ended {
            return Err(ReadError::new(at, 1, "", "nothing may follow # EOF"));
        }
        match line {
            Line::Nothing => Ok(()),
            Line::Eof => {
                self.ended = true;
                self.close()
            }
            Line::Sample(sample) => self.sample(at, sample),
            Line::Help(name, help) => {
                let open = self.metadata(at, "HELP", &name)?;
                once(at, &name, &mut open.family.help, help)
            }
            Line::Unit(name, unit) => {
                let open = self.metadata(at, "UNIT", &name)?;
                once(at, &name, &mut open.family.unit, unit)
            }
            Line::Type(name, kind) => {
                let open = self.metadata(at, "TYPE", &name)?;
                open.family.kind = kind;
                let again = std::mem::replace(&mut open.typed, true);
                if again { Err(ReadError::new(at, 1, &name, "one TYPE line for each name")) } else { Ok(()) }
            }
        }
    }

    /// The families, once the text has ended at line `at`.
    pub fn finish(mut self, at: usize) -> Result<Vec<Family>, ReadError> {
        if self.format == Format::OpenMetrics && !self.ended {
            return Err(ReadError::new(at, 1, "", "the last line must be # EOF"));
        }
        self.close()?;
        Ok(self.done)
    }

    /// The family that a metadata line speaks of, which has no samples yet.
    fn metadata(&mut self, at: usize, keyword: &str, name: &str) -> Result<&mut Open, ReadError> {
        let same = self.open.as_ref().is_some_and(|open| open.family.name == name);
        if !same {
            self.close()?;
        }
        let open = self.open.get_or_insert_with(|| Open::new(name));
        if !open.family.samples.is_empty() {
            return Err(ReadError::new(at, 1, name, format!("{keyword} must come before the samples of")));
        }
        Ok(open)
    }

    fn sample(&mut self, at: usize, sample: Sample) -> Result<(), ReadError> {
        let format = self.format;
        let belongs = |open: &Open| names(&open.family, format).any(|name| name == sample.name);
        if !self.open.as_ref().is_some_and(belongs) {
            self.close()?;
            if self.taken.contains(&sample.name) {
                return Err(ReadError::new(at, 1, &sample.name, "the lines of a family must stand together"));
            }
        }
        let open = self.open.get_or_insert_with(|| Open::new(&sample.name));
        rules::check_sample(&open.family, &sample, format)
            .map_err(|why| ReadError::new(at, 1, &sample.name, why))?;
        open.family.samples.push(sample);
        open.lines.push(at);
        Ok(())
    }

    fn close(&mut self) -> Result<(), ReadError> {
        let Some(Open { family, lines, .. }) = self.open.take() else { return Ok(()) };
        let at = |index: usize| lines.get(index).copied().unwrap_or(1);
        let refused = |(index, why): (usize, String)| ReadError::new(at(index), 1, &family.name, why);
        order::check(&family, self.format).map_err(refused)?;
        rules::check_family(&family, self.format).map_err(refused)?;
        for name in names(&family, self.format).chain([family.name.clone()]).collect::<HashSet<_>>() {
            if self.taken.contains(&name) {
                return Err(refused((0, format!("another family has the name {name} already"))));
            }
            self.taken.insert(name);
        }
        self.done.push(family);
        Ok(())
    }
}

impl Open {
    fn new(name: &str) -> Self {
        let name = name.to_owned();
        let family = Family { name, kind: Type::Unknown, help: None, unit: None, samples: Vec::new() };
        Open { family, typed: false, lines: Vec::new() }
    }
}

fn once(at: usize, name: &str, slot: &mut Option<String>, text: String) -> Result<(), ReadError> {
    match slot.replace(text) {
        None => Ok(()),
        Some(_) => Err(ReadError::new(at, 1, name, "each kind of metadata once for each name")),
    }
}

/// The names that the samples of a family can have.
fn names(family: &Family, format: Format) -> impl Iterator<Item = String> {
    let suffixes = rules::suffixes(family.kind, format);
    suffixes.iter().map(|suffix| format!("{}{suffix}", family.name))
}
