//! A host as tests of configurations need it: facts, files, and what is wished.

#![allow(dead_code, reason = "each test file uses its part")]

use hostward_harden::check::Level;
use hostward_harden::config::{Entry, Host, Library, Rendering, Text, Wish};
use hostward_model::{Fact, Facts, FileFact, FileKind, Look, Origin};
use std::collections::BTreeMap;

/// A host.
#[derive(Default)]
pub struct Place {
    pub facts: Facts,
    pub texts: BTreeMap<String, Text>,
    pub wish: Wish,
}

impl Place {
    /// Facts as `AREA|SCOPE|KEY|VALUE`.
    pub fn new(lines: &[&str]) -> Place {
        let mut place = Place { wish: Wish { level: Level::Strict, ..Wish::default() }, ..Place::default() };
        lines.iter().for_each(|line| place.fact(line));
        place
    }

    pub fn fact(&mut self, line: &str) {
        let [area, scope, key, value]: [&str; 4] = line.split('|').collect::<Vec<_>>().try_into().unwrap();
        let look = self.facts.areas.entry(area.to_owned()).or_insert_with(|| Look::Seen(Vec::new()));
        if let Look::Seen(own) = look {
            own.push(Fact::new(key, value, Origin::line("/etc/x", 1)).within(scope));
        }
    }

    pub fn text(mut self, path: &str, text: &str) -> Place {
        let text = Text { path: path.to_owned(), text: text.to_owned(), mode: 0o644, link: None };
        self.texts.insert(path.to_owned(), text);
        self
    }

    /// Something that is there.
    pub fn file(mut self, path: &str) -> Place {
        self.facts.files.insert(path.to_owned(), Look::Seen(vec![there(path)]));
        self
    }

    pub fn parameter(mut self, name: &str, value: &str) -> Place {
        self.wish.parameters.insert(name.to_owned(), value.to_owned());
        self
    }

    pub fn render(&self, name: &str) -> Rendering {
        let path = format!("{}/../content/templates/{name}.j2", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap();
        let library = Library::parse([(path.as_str(), text.as_str())]).unwrap();
        let mut facts = self.facts.clone();
        for path in &library.fronts()[0].needs {
            facts.files.insert(path.clone(), Look::Seen(vec![there(path)]));
        }
        let host = Host { facts: &facts, texts: &self.texts };
        library.render(&library.fronts()[0], &host, &self.wish).unwrap()
    }

    /// Puts what was rendered where it belongs.
    pub fn after(mut self, rendering: &Rendering) -> Place {
        for artifact in &rendering.artifacts {
            if let Entry::File(text, mode) = &artifact.entry {
                let text = Text { path: artifact.path.clone(), text: text.clone(), mode: *mode, link: None };
                self.texts.insert(artifact.path.clone(), text);
            }
        }
        self
    }
}

/// Why nothing was rendered.
pub fn why(rendering: &Rendering) -> &str {
    assert!(rendering.artifacts.is_empty(), "{rendering:?}");
    &rendering.refused[0].why
}

fn there(path: &str) -> FileFact {
    let (owner, group) = ("root".to_owned(), "root".to_owned());
    FileFact { path: path.to_owned(), kind: FileKind::File, mode: 0o755, owner, group }
}
