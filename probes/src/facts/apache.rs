//! Apache httpd as Debian lays it out: its directives with what they include, and the modules that are loaded.
//!
//! The scope of a fact is the sections that it stands in, outermost first. `IfModule` counts by whether the module is loaded,
//! `IfDefine` by what was defined above it or is given when the server starts, `IfFile` by whether there is one; other
//! conditions are taken to hold. A directive outside of all sections holds where none says otherwise.

use super::image::{LINE_BYTES_MAX, refused};
use super::include::{Includes, beside};
use super::line::{joined, unquoted, words};
use super::{Found, Image, Reader, web};
use crate::Fault;
use hostward_model::{Fact, Origin};
use std::collections::{BTreeMap, HashSet};

const MAIN: &str = "/etc/apache2/apache2.conf";
const ROOT: &str = "/etc/apache2";
/// What apache2ctl(8) reads before it starts the server.
const ENVIRONMENT: &str = "/etc/apache2/envvars";
const HOST: &str = "VirtualHost";
/// What no name of a section holds.
const NUMBER: char = '\0';
/// No name of a host is longer: RFC 1035.
const NAME_BYTES_MAX: usize = 255;
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

struct Reading<'f> {
    found: &'f mut Found,
    modules: HashSet<String>,
    /// What `Define` and the environment gave a value, which may be empty.
    defined: BTreeMap<String, String>,
    /// Virtual hosts so far: those of one address are told apart by their number until all names are known.
    hosts: usize,
}

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    let mut reading = Reading { found, modules: loaded(image)?, defined: given(image)?, hosts: 0 };
    reading.file(&mut Includes::new(image), MAIN, &mut Vec::new())?;
    name_hosts(found);
    found.defaults("", "Apache 2.4", &DEFAULTS)
}

/// Which modules there are has to be known before `IfModule` is met.
fn loaded(image: &Image<'_>) -> Result<HashSet<String>, Fault> {
    let mut modules = HashSet::new();
    for path in image.glob("/etc/apache2/mods-enabled/*.load")? {
        for (_, line) in joined(&image.text(&path)?) {
            if let ["LoadModule", name, ..] = line.split_whitespace().collect::<Vec<_>>().as_slice() {
                modules.insert(name.trim_end_matches("_module").to_owned());
            }
        }
    }
    Ok(modules)
}

/// What the server is started with: `-D` in `APACHE_ARGUMENTS`, and variables that are exported.
fn given(image: &Image<'_>) -> Result<BTreeMap<String, String>, Fault> {
    let mut defined = BTreeMap::new();
    let text = image.text_if_there(ENVIRONMENT)?.unwrap_or_default();
    for (_, line) in joined(&text) {
        let line = line.strip_prefix("export ").unwrap_or(&line);
        let Some((name, value)) = line.split_once('=') else { continue };
        let value = unquoted(value.trim());
        if name == "APACHE_ARGUMENTS" {
            let value = value.replace("-D ", "-D");
            let symbols = value.split_whitespace().filter_map(|word| word.strip_prefix("-D"));
            defined.extend(symbols.map(|symbol| (symbol.to_owned(), String::new())));
        } else if !value.contains(['$', '`']) {
            defined.insert(name.to_owned(), value.to_owned());
        }
    }
    Ok(defined)
}

impl Reading<'_> {
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
                    if skipped > 0 || !self.holds(includes.image, head) {
                        skipped += 1;
                    } else if sections.len() == NESTED_MAX {
                        return Err(fault(&line, "fewer sections within sections"));
                    } else {
                        let own = section(head);
                        let host = own.split(' ').next().is_some_and(|kind| kind.eq_ignore_ascii_case(HOST));
                        self.hosts += usize::from(host);
                        let number = if host { format!("{NUMBER}{}", self.hosts) } else { String::new() };
                        sections.push(own + &number);
                    }
                } else if skipped == 0 {
                    self.directive(includes, &line, sections, Origin::line(path, number))?;
                }
            }
            sections.truncate(outer);
            Ok(())
        })
    }

    fn holds(&self, image: &Image<'_>, head: &str) -> bool {
        let words = words(head.trim_end_matches('>'));
        let [kind, name, ..] = words.as_slice() else { return true };
        let (name, wanted) = name.strip_prefix('!').map_or((name.as_str(), true), |name| (name, false));
        let met = match kind.to_ascii_lowercase().as_str() {
            "ifmodule" => self.has_module(name),
            "ifdefine" => self.defined.contains_key(name),
            "iffile" => image.has(&beside(ROOT, &self.filled(name))),
            _ => return true,
        };
        met == wanted
    }

    fn has_module(&self, name: &str) -> bool {
        let name = name.trim_start_matches("mod_").trim_end_matches(".c").trim_end_matches("_module");
        self.modules.contains(name)
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
        line: &str,
        sections: &mut Vec<String>,
        origin: Origin,
    ) -> Result<(), Fault> {
        let line = self.filled(line);
        if line.len() > LINE_BYTES_MAX {
            return Err(refused(
                &origin.to_string(),
                &format!("more than {LINE_BYTES_MAX} bytes once it is filled in"),
            ));
        }
        let words = words(&line);
        let Some((name, values)) = words.split_first() else { return Ok(()) };
        let name = name.to_ascii_lowercase();
        if name == "define" || name == "undefine" {
            self.define(&name, values);
            return Ok(());
        }
        if name == "include" || name == "includeoptional" {
            let pattern = values.first().map_or("", String::as_str);
            for path in files(includes.image, &beside(ROOT, pattern))? {
                self.file(includes, &path, sections)?;
            }
            return Ok(());
        }
        let scope =
            sections.iter().filter(|section| !section.is_empty()).cloned().collect::<Vec<_>>().join(" ");
        self.set(&name, values, &scope, &origin)
    }

    /// It holds from here on, for files that are included later, too.
    fn define(&mut self, name: &str, values: &[String]) {
        let Some(symbol) = values.first() else { return };
        if name == "define" {
            self.defined.insert(symbol.clone(), values.get(1).cloned().unwrap_or_default());
        } else {
            self.defined.remove(symbol);
        }
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
            "listen" | "alias" | "scriptalias" | "require" | "addhandler" | "rewriterule" => {
                self.found.push(fact(name, &values.join(" ")))
            }
            _ => self.found.last(fact(name, &values.join(" "))),
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
    fn hosts_of_one_address_are_told_apart() {
        let main = "<VirtualHost *:80>\nServerName a.example\nTraceEnable On\n<Location />\nOptions None\n</Location>\n</VirtualHost>\n\
                    <VirtualHost *:80>\nTraceEnable Off\nServerName b.example\n</VirtualHost>\n<VirtualHost *:80>\nTraceEnable Off\n</VirtualHost>\n";
        let text = shown(&READER, &[(MAIN, main)]);
        let set: String =
            text.lines().filter(|line| line.starts_with("[V")).map(|line| format!("{line}\n")).collect();
        expect![[r#"
            [VirtualHost *:80 a.example] servername = a.example  (/etc/apache2/apache2.conf:2)
            [VirtualHost *:80 a.example] traceenable = On  (/etc/apache2/apache2.conf:3)
            [VirtualHost *:80 a.example Location /] options = None  (/etc/apache2/apache2.conf:5)
            [VirtualHost *:80 b.example] traceenable = Off  (/etc/apache2/apache2.conf:9)
            [VirtualHost *:80 b.example] servername = b.example  (/etc/apache2/apache2.conf:10)
            [VirtualHost *:80] traceenable = Off  (/etc/apache2/apache2.conf:13)
        "#]]
        .assert_eq(&set);
    }

    #[test]
    fn what_is_not_defined_does_not_hold() {
        let main = "<IfDefine ENABLE_A>\nTraceEnable On\n</IfDefine>\nDefine site /srv/a\nDefine B\n<IfDefine B>\nTimeout 7\n\
                    </IfDefine>\nUnDefine B\n<IfDefine !B>\nKeepAliveTimeout 3\n</IfDefine>\n<IfDefine C>\nServerTokens Prod\n\
                    </IfDefine>\n<IfFile /etc/none>\nServerSignature On\n</IfFile>\nListen ${port}\nDocumentRoot ${site}/${none}\n";
        let environment = "export port=8080\nexport LOG=/var/log$SUFFIX\nAPACHE_ARGUMENTS=\"-k x -DC\"\n";
        let text = shown(&READER, &[(MAIN, main), (ENVIRONMENT, environment)]);
        let set: String = text
            .lines()
            .filter(|line| !line.contains("default of"))
            .map(|line| format!("{line}\n"))
            .collect();
        expect![[r#"
            timeout = 7  (/etc/apache2/apache2.conf:7)
            keepalivetimeout = 3  (/etc/apache2/apache2.conf:11)
            servertokens = Prod  (/etc/apache2/apache2.conf:14)
            listen = 8080  (/etc/apache2/apache2.conf:19)
            documentroot = /srv/a/${none}  (/etc/apache2/apache2.conf:20)
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
