//! Apache httpd as Debian lays it out: its directives with what they include, and the modules that are loaded.
//!
//! The scope of a fact is the sections that it stands in, outermost first; `IfModule` counts by whether the module is
//! loaded, other conditions are taken to hold. A directive outside of all sections holds where none says otherwise.

use super::include::{Includes, beside};
use super::line::{joined, words};
use super::{Image, Reader, web};
use crate::Fault;
use hostward_model::{Fact, Origin};

const MAIN: &str = "/etc/apache2/apache2.conf";
const ROOT: &str = "/etc/apache2";
/// Sections within sections.
const NESTED_MAX: usize = 32;

const DEFAULTS: [(&str, &str); 11] = [
    ("keepalivetimeout", "5"),
    ("limitrequestbody", "1073741824"),
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

struct Reading {
    facts: Vec<Fact>,
    modules: Vec<String>,
}

fn read(image: &Image<'_>) -> Result<Vec<Fact>, Fault> {
    let mut reading = Reading { facts: Vec::new(), modules: loaded(image)? };
    reading.file(&mut Includes::new(image), MAIN, &mut Vec::new())?;
    let mut facts = reading.facts;
    super::key_value::add_defaults(&mut facts, "Apache 2.4", &DEFAULTS);
    Ok(facts)
}

/// Which modules there are has to be known before `IfModule` is met.
fn loaded(image: &Image<'_>) -> Result<Vec<String>, Fault> {
    let mut modules = Vec::new();
    for path in image.glob("/etc/apache2/mods-enabled/*.load")? {
        for (_, line) in joined(&image.text(&path)?) {
            if let ["LoadModule", name, ..] = line.split_whitespace().collect::<Vec<_>>().as_slice() {
                modules.push(name.trim_end_matches("_module").to_owned());
            }
        }
    }
    Ok(modules)
}

impl Reading {
    fn file(
        &mut self,
        includes: &mut Includes<'_, '_>,
        path: &str,
        sections: &mut Vec<String>,
    ) -> Result<(), Fault> {
        includes.read(path, |includes, text| {
            let (outer, mut skipped) = (sections.len(), 0_usize);
            for (number, line) in joined(text) {
                includes.line = number;
                let fault = |word: &str, expected| Fault::malformed(path, number, word, expected);
                if line.starts_with("</") {
                    match (skipped, sections.len() > outer) {
                        (1.., _) => skipped -= 1,
                        (0, true) => drop(sections.pop()),
                        (0, false) => return Err(fault(&line, "a section that is open")),
                    }
                } else if let Some(head) = line.strip_prefix('<') {
                    if skipped > 0 || !self.holds(head) {
                        skipped += 1;
                    } else if sections.len() == NESTED_MAX {
                        return Err(fault(&line, "fewer sections within sections"));
                    } else {
                        sections.push(section(head));
                    }
                } else if skipped == 0 {
                    self.directive(includes, &line, sections, Origin::line(path, number))?;
                }
            }
            sections.truncate(outer);
            Ok(())
        })
    }

    fn holds(&self, head: &str) -> bool {
        let words = words(head.trim_end_matches('>'));
        let [kind, name, ..] = words.as_slice() else { return true };
        if !kind.eq_ignore_ascii_case("IfModule") {
            return true;
        }
        let (name, wanted) = name.strip_prefix('!').map_or((name.as_str(), true), |name| (name, false));
        let name = name.trim_start_matches("mod_").trim_end_matches(".c").trim_end_matches("_module");
        self.modules.iter().any(|own| own == name) == wanted
    }

    fn directive(
        &mut self,
        includes: &mut Includes<'_, '_>,
        line: &str,
        sections: &mut Vec<String>,
        origin: Origin,
    ) -> Result<(), Fault> {
        let words = words(line);
        let Some((name, values)) = words.split_first() else { return Ok(()) };
        let name = name.to_ascii_lowercase();
        if name == "include" || name == "includeoptional" {
            let pattern = values.first().map_or("", String::as_str);
            for path in files(includes.image, &beside(ROOT, pattern))? {
                self.file(includes, &path, sections)?;
            }
            return Ok(());
        }
        let scope =
            sections.iter().filter(|section| !section.is_empty()).cloned().collect::<Vec<_>>().join(" ");
        self.set(&name, values, &scope, &origin);
        Ok(())
    }

    /// The last of a name in a scope counts, except for those that add up.
    fn set(&mut self, name: &str, values: &[String], scope: &str, origin: &Origin) {
        let fact = |key: &str, value: &str| Fact::new(key, value, origin.clone()).within(scope);
        match name {
            "loadmodule" => {
                let module = values.first().map_or("", |name| name.trim_end_matches("_module"));
                self.facts.push(fact(&format!("module {module}"), "loaded"));
            }
            "header" => self.facts.extend(header(values, scope, origin)),
            "requestreadtimeout" => {
                for (part, limit) in values.iter().filter_map(|value| value.split_once('=')) {
                    // `20-40,MinRate=500`: the longest that a client is waited for.
                    let longest = limit.split(',').next().unwrap_or("").rsplit('-').next().unwrap_or("");
                    let key = format!("{name}.{}", part.to_ascii_lowercase());
                    super::key_value::set(&mut self.facts, fact(&key, longest));
                }
            }
            "listen" | "alias" | "scriptalias" | "require" | "addhandler" | "rewriterule" => {
                self.facts.push(fact(name, &values.join(" ")));
            }
            _ => super::key_value::set(&mut self.facts, fact(name, &values.join(" "))),
        }
    }
}

/// A directory stands for all files in it.
fn files(image: &Image<'_>, pattern: &str) -> Result<Vec<String>, Fault> {
    let mut files = Vec::new();
    for path in image.glob(pattern)? {
        if image.state(&path).is_ok_and(|state| state.is_dir()) {
            files.extend(image.names(&path)?.iter().map(|name| format!("{path}/{name}")));
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

/// The name of a section in a scope; conditions that hold leave no trace.
fn section(head: &str) -> String {
    let head = head.trim_end_matches('>').trim();
    let condition = head.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("if"));
    if condition { String::new() } else { words(head).join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn sections_modules_and_includes() {
        let main = "ServerTokens OS\nIncludeOptional mods-enabled/*.load\nInclude conf-enabled\n<Directory />\n  AllowOverride None\n</Directory>\n\
                    <IfModule mod_dav.c>\nDav On\n</IfModule>\n<IfModule headers_module>\n Header always set X-Frame-Options \"DENY\"\n\
                    Header unset X\n</IfModule>\nRequestReadTimeout header=20-40,MinRate=500 body=10\n";
        let text = shown(
            &READER,
            &[
                (MAIN, main),
                ("/etc/apache2/mods-enabled/headers.load", "LoadModule headers_module /usr/lib/x.so\n"),
                ("/etc/apache2/conf-enabled/security.conf", "ServerTokens \\\n Prod\n"),
            ],
        );
        let set: String = text
            .lines()
            .filter(|line| !line.contains("default of"))
            .map(|line| format!("{line}\n"))
            .collect();
        expect![[r#"
            module headers = loaded  (/etc/apache2/mods-enabled/headers.load:1)
            servertokens = Prod  (/etc/apache2/conf-enabled/security.conf:1)
            [Directory /] allowoverride = None  (/etc/apache2/apache2.conf:5)
            header x-frame-options = DENY  (/etc/apache2/apache2.conf:11)
            requestreadtimeout.header = 40  (/etc/apache2/apache2.conf:14)
            requestreadtimeout.body = 10  (/etc/apache2/apache2.conf:14)
        "#]]
        .assert_eq(&set);
    }

    #[test]
    fn what_apache_would_refuse_is_named() {
        assert!(
            shown(&READER, &[(MAIN, "</Directory>\n")])
                .contains("apache2.conf:1: expected a section that is open")
        );
    }
}
