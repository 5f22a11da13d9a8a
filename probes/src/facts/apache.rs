//! Apache httpd as Debian lays it out: its directives with what they include, and the modules that are loaded.
//!
//! The scope of a fact is the sections that it stands in, outermost first. `IfModule` counts by whether the module is loaded,
//! `IfDefine` by what was defined above it or is given when the server starts, `IfFile` by whether there is one, `IfVersion` by
//! Debian's release; other conditions are taken to hold. A macro is read where it is used. A directive outside of all sections holds where none says otherwise.

mod environment;
mod macros;
mod section;

use super::image::{LINE_BYTES_MAX, refused};
use super::include::{Includes, beside};
use super::line::{joined, words};
use super::{Found, Image, Reader, web};
use crate::Fault;
use environment::{given, loaded};
use hostward_model::{Fact, Origin};
use macros::Macro;
use section::section;
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

const MAIN: &str = "/etc/apache2/apache2.conf";
const ROOT: &str = "/etc/apache2";
const HOST: &str = "VirtualHost";
/// What no name of a section holds.
const NUMBER: char = '\0';
/// No name of a host is longer: RFC 1035.
const NAME_BYTES_MAX: usize = 255;
/// What `Define` may give values to in all.
const DEFINED_BYTES_MAX: usize = 4 << 20;
/// Sections within sections.
const NESTED_MAX: usize = 32;

const DEFAULTS: [(&str, &str); 14] = [
    ("httpprotocoloptions", "Strict LenientMethods Allow0.9"),
    ("keepalivetimeout", "5"),
    ("limitrequestbody", "1073741824"),
    ("limitrequestfields", "100"),
    ("limitrequestfieldsize", "8190"),
    ("limitrequestline", "8190"),
    ("requestreadtimeout.body", "20"),
    ("requestreadtimeout.header", "40"),
    ("serversignature", "Off"),
    ("servertokens", "Full"),
    ("sslcompression", "off"),
    ("sslinsecurerenegotiation", "off"),
    ("timeout", "60"),
    ("traceenable", "On"),
];

pub static READER: Reader = Reader {
    area: "apache",
    about: "Apache: directives in small letters with their sections as scope, and a fact for each loaded module",
    reads: &[MAIN, "/etc/apache2/mods-enabled/*.load"],
    read,
};

struct Reading<'f> {
    found: &'f mut Found,
    modules: HashSet<String>,
    /// What `Define` and the environment gave a value, which may be empty.
    defined: BTreeMap<String, String>,
    defined_bytes: usize,
    /// Virtual hosts so far: those of one address are told apart by their number until all names are known.
    hosts: usize,
    /// By name in small letters.
    macros: BTreeMap<String, Macro>,
    /// Macros that are being used, each by the one before it.
    nested: usize,
}

/// A line with its place, which for one of a macro is where that was written.
#[derive(Clone)]
struct Line {
    path: Rc<str>,
    number: usize,
    text: String,
}

impl Line {
    fn fault(&self, expected: &'static str) -> Fault {
        Fault::malformed(&self.path, self.number, &self.text, expected)
    }

    fn too_long(&self) -> Fault {
        let error = format!("more than {LINE_BYTES_MAX} bytes once it is filled in");
        refused(&self.origin().to_string(), &error)
    }

    fn origin(&self) -> Origin {
        Origin::line(&self.path, self.number)
    }
}

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    let (modules, defined) = (loaded(image)?, given(image)?);
    let mut reading =
        Reading { found, modules, defined, defined_bytes: 0, hosts: 0, macros: BTreeMap::new(), nested: 0 };
    reading.file(&mut Includes::new(image), MAIN, &mut Vec::new())?;
    name_hosts(found);
    found.defaults("", "Apache 2.4", &DEFAULTS)
}

impl Reading<'_> {
    fn file(
        &mut self,
        includes: &mut Includes<'_, '_>,
        path: &str,
        sections: &mut Vec<String>,
    ) -> Result<(), Fault> {
        includes.read(path, |includes, text| {
            let lines =
                joined(text).into_iter().map(|(number, text)| Line { path: path.into(), number, text });
            self.lines(includes, lines, sections)
        })
    }

    fn lines(
        &mut self,
        includes: &mut Includes<'_, '_>,
        lines: impl IntoIterator<Item = Line>,
        sections: &mut Vec<String>,
    ) -> Result<(), Fault> {
        let (outer, mut skipped) = (sections.len(), 0_usize);
        let mut lines = lines.into_iter();
        while let Some(line) = lines.next() {
            includes.line = line.number;
            if line.text.starts_with("</") {
                match (skipped, sections.len() > outer) {
                    (1.., _) => skipped -= 1,
                    (0, true) => drop(sections.pop()),
                    (0, false) => return Err(line.fault("a section that is open")),
                }
            } else if let Some(head) = line.text.strip_prefix('<') {
                if let Some(name) = macros::named(head).filter(|_| skipped == 0) {
                    self.macros.insert(name, Macro::read(head, &mut lines));
                } else if skipped > 0 || !self.holds(includes.image, head) {
                    skipped += 1;
                } else if sections.len() == NESTED_MAX {
                    return Err(line.fault("fewer sections within sections"));
                } else {
                    sections.push(self.numbered(section(head)));
                }
            } else if skipped == 0 {
                self.directive(includes, &line, sections)?;
            }
        }
        sections.truncate(outer);
        Ok(())
    }

    /// Virtual hosts have a number until their names are known.
    fn numbered(&mut self, section: String) -> String {
        if !section.split(' ').next().is_some_and(|kind| kind.eq_ignore_ascii_case(HOST)) {
            return section;
        }
        self.hosts += 1;
        format!("{section}{NUMBER}{}", self.hosts)
    }

    /// Text with the values of `${NAME}`; of a name that nobody defined, as it is. Names within values have been filled already,
    /// so a few lines can double what they give again and again: what is longer than a line may be ends there.
    fn filled(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${").filter(|_| filled.len() <= LINE_BYTES_MAX) {
            let Some((name, end)) = after.split_once('}') else { break };
            filled.push_str(before);
            match self.defined.get(name) {
                Some(value) => filled.push_str(value),
                None => filled.extend(["${", name, "}"]),
            }
            rest = end;
        }
        filled + rest
    }

    fn directive(
        &mut self,
        includes: &mut Includes<'_, '_>,
        line: &Line,
        sections: &mut Vec<String>,
    ) -> Result<(), Fault> {
        let text = self.filled(&line.text);
        if text.len() > LINE_BYTES_MAX {
            return Err(line.too_long());
        }
        let words = words(&text);
        let Some((name, values)) = words.split_first() else { return Ok(()) };
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "define" | "undefine" => self.define(&name, values, line)?,
            "include" | "includeoptional" => {
                let pattern = values.first().map_or("", String::as_str);
                for path in files(includes.image, &beside(ROOT, pattern))? {
                    self.file(includes, &path, sections)?;
                }
            }
            "use" => {
                let lines = self.used(includes, line, values)?;
                self.nested += 1;
                self.lines(includes, lines, sections)?;
                self.nested -= 1;
            }
            "undefmacro" => drop(values.first().map(|name| self.macros.remove(&name.to_ascii_lowercase()))),
            _ => {
                let named = sections.iter().filter(|section| !section.is_empty());
                let scope = named.map(String::as_str).collect::<Vec<_>>().join(" ");
                self.set(&name, values, &scope, &line.origin())?;
            }
        }
        Ok(())
    }

    /// It holds from here on, for files that are included later, too.
    fn define(&mut self, name: &str, values: &[String], line: &Line) -> Result<(), Fault> {
        let Some(symbol) = values.first() else { return Ok(()) };
        if name == "undefine" {
            self.defined.remove(symbol);
            return Ok(());
        }
        let value = values.get(1).cloned().unwrap_or_default();
        self.defined_bytes += value.len();
        if self.defined_bytes > DEFINED_BYTES_MAX {
            return Err(line.fault("fewer bytes in all definitions together"));
        }
        self.defined.insert(symbol.clone(), value);
        Ok(())
    }

    /// The last of a name in a scope counts, except for those that add up.
    fn set(&mut self, name: &str, values: &[String], scope: &str, origin: &Origin) -> Result<(), Fault> {
        let fact = |key: &str, value: &str| Fact::new(key, value, origin.clone()).within(scope);
        match name {
            "loadmodule" => {
                let module = values.first().map_or("", |name| name.trim_end_matches("_module"));
                self.found.push(fact(&format!("module {module}"), "loaded"))
            }
            "header" => self.found.extend(header(values, scope, origin)),
            "requestreadtimeout" => {
                let mut parts = values.iter().filter_map(|value| value.split_once('='));
                parts.try_for_each(|(part, limit)| {
                    // `20-40,MinRate=500`: the longest that a client is waited for.
                    let longest = limit.split(',').next().unwrap_or("").rsplit('-').next().unwrap_or("");
                    let key = format!("{name}.{}", part.to_ascii_lowercase());
                    self.found.last(fact(&key, longest))
                })
            }
            "listen" | "alias" | "scriptalias" | "redirectmatch" | "require" | "addhandler"
            | "rewriterule" => self.found.push(fact(name, &values.join(" "))),
            _ => self.found.last(fact(name, &values.join(" "))),
        }
    }
}

/// A directory stands for all files in it and in the directories below it.
fn files(image: &Image<'_>, pattern: &str) -> Result<Vec<String>, Fault> {
    let (mut open, mut files) = (image.glob(pattern)?, Vec::new());
    open.reverse();
    while let Some(path) = open.pop() {
        if image.state(&path).is_ok_and(|state| state.is_dir()) {
            open.extend(image.names(&path)?.iter().rev().map(|name| format!("{path}/{name}")));
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

/// `Header always set NAME VALUE`; what is unset is no header.
fn header(values: &[String], scope: &str, origin: &Origin) -> Vec<Fact> {
    let values = match values {
        [first, rest @ ..] if first == "always" || first == "onsuccess" => rest,
        all => all,
    };
    match values {
        [action, name, value, ..]
            if ["set", "append", "add", "merge", "setifempty"].contains(&action.as_str()) =>
        {
            web::header(name, value, scope, origin)
        }
        _ => Vec::new(),
    }
}

/// Virtual hosts by their names instead of their numbers; one without a name has its address alone.
fn name_hosts(found: &mut Found) {
    let own = |fact: &&mut Fact| {
        fact.key == "servername" && fact.scope.contains(NUMBER) && fact.value.len() <= NAME_BYTES_MAX
    };
    let names = found.settled().filter(own).map(|fact| (fact.scope.clone(), fact.value.clone()));
    let names: BTreeMap<String, String> = names.collect();
    for fact in found.settled() {
        let Some((before, rest)) = fact.scope.split_once(NUMBER) else { continue };
        let (number, within) = rest.split_at(rest.find(' ').unwrap_or(rest.len()));
        let name = names.get(&format!("{before}{NUMBER}{number}")).map(|name| format!(" {name}"));
        fact.scope = format!("{before}{}{within}", name.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests;
