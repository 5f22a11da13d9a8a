//! Settings of rsyslog in both of its languages: rsyslog.conf(5). Only what the checks ask about is understood: lines
//! that begin with `$`, and the objects `module`, `input`, `global` and `include`.

use super::image::Image;
use super::include::{Includes, beside};
use super::line::{before_comment, lines};
use super::{Found, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

const MAIN: &str = "/etc/rsyslog.conf";

pub static READER: Reader = Reader {
    area: "rsyslog",
    about: "rsyslog: its directives, and the modules and inputs that are loaded, one fact each",
    reads: &[MAIN, "/etc/rsyslog.d/*.conf"],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    file(&mut Includes::new(image), MAIN, found)?;
    found.defaults("", "rsyslog 8", &[("FileCreateMode", "0644")])
}

fn file(includes: &mut Includes<'_, '_>, path: &str, found: &mut Found) -> Result<(), Fault> {
    includes.read(path, |includes, text| {
        for (number, line) in lines(text, &['#']) {
            includes.line = number;
            let line = before_comment(line);
            let origin = Origin::line(path, number);
            if let Some(pattern) = included(line) {
                for path in includes.image.glob(&beside("/etc", pattern))? {
                    file(includes, &path, found)?;
                }
            } else if let Some(directive) = line.strip_prefix('$') {
                legacy(directive, origin, found)?;
            } else if let Some((object, rest)) = line.split_once('(') {
                object_of(object.trim(), rest, &origin, found)?;
            }
        }
        Ok(())
    })
}

fn included(line: &str) -> Option<&str> {
    let legacy = line.strip_prefix("$IncludeConfig").map(str::trim);
    legacy.or_else(|| argument(line.strip_prefix("include(")?, "file"))
}

fn legacy(directive: &str, origin: Origin, found: &mut Found) -> Result<(), Fault> {
    let (key, value) = directive.split_once(char::is_whitespace).unwrap_or((directive, ""));
    match (key, value.trim()) {
        ("ModLoad", module) => found.push(Fact::new("module", module.trim_end_matches(".so"), origin)),
        ("InputTCPServerRun", port) => found.push(Fact::new("input", format!("imtcp {port}"), origin)),
        ("UDPServerRun", port) => found.push(Fact::new("input", format!("imudp {port}"), origin)),
        (key, value) => found.last(Fact::new(key, value, origin)),
    }
}

/// `module(load="builtin:omfile" fileCreateMode="0640")` sets what `$FileCreateMode` sets.
fn object_of(object: &str, rest: &str, origin: &Origin, found: &mut Found) -> Result<(), Fault> {
    match object {
        "module" => {
            if let Some(name) = argument(rest, "load") {
                found.push(Fact::new("module", name, origin.clone()))?;
            }
            if let Some(mode) = argument(rest, "fileCreateMode") {
                found.last(Fact::new("FileCreateMode", mode, origin.clone()))?;
            }
        }
        "input" => found.push(Fact::new("input", argument(rest, "type").unwrap_or(""), origin.clone()))?,
        _ => {}
    }
    Ok(())
}

/// The text of `NAME="text"`, whatever the case of the name.
fn argument<'a>(rest: &'a str, name: &str) -> Option<&'a str> {
    let at = rest.to_ascii_lowercase().find(&format!("{}=\"", name.to_ascii_lowercase()))?;
    rest.get(at + name.len() + 2..)?.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn both_languages() {
        let main = "module(load=\"imuxsock\") # local\n#module(load=\"imudp\")\n$FileCreateMode 0600\n\
                    $IncludeConfig /etc/rsyslog.d/*.conf\ninclude(file=\"extra.conf\")\n*.* /var/log/syslog\n";
        expect![[r#"
            module = imuxsock  (/etc/rsyslog.conf:1)
            module = imtcp  (/etc/rsyslog.d/a.conf:1)
            input = imtcp  (/etc/rsyslog.d/a.conf:2)
            FileCreateMode = 0640  (/etc/extra.conf:1)
        "#]]
        .assert_eq(
            &shown(
                &READER,
                &[
                    (MAIN, main),
                    ("/etc/rsyslog.d/a.conf", "$ModLoad imtcp.so\ninput(type=\"imtcp\" port=\"514\")\n"),
                    ("/etc/extra.conf", "module(load=\"builtin:omfile\" FileCreateMode=\"0640\")\n"),
                ],
            )
            .replace("module = builtin:omfile  (/etc/extra.conf:1)\n", ""),
        );
    }
}
