//! How logs are rotated: logrotate(8).

use super::include::{Includes, beside};
use super::line::{lines, pair};
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

const MAIN: &str = "/etc/logrotate.conf";

/// Paths before one block, which are the scope of all in it.
const LOGS_BYTES_MAX: usize = 64 << 10;

pub static READER: Reader = Reader {
    area: "logrotate",
    about: "directives of logrotate; those for certain logs have their paths as scope",
    reads: &[MAIN, "/etc/logrotate.d"],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    file(&mut Includes::new(image), MAIN, found)
}

fn file(includes: &mut Includes<'_, '_>, path: &str, found: &mut Found) -> Result<(), Fault> {
    includes.read(path, |includes, text| {
        let (mut scope, mut logs, mut script) = (String::new(), String::new(), false);
        for (number, line) in lines(text, &['#']) {
            includes.line = number;
            let (key, value) = pair(line);
            match key {
                "endscript" => script = false,
                _ if script => {}
                "prerotate" | "postrotate" | "firstaction" | "lastaction" | "preremove" => script = true,
                "}" => scope.clear(),
                "include" => included(includes, &beside("/etc", value), found)?,
                _ if scope.is_empty() && (line.ends_with('{') || key.starts_with(['/', '"'])) => {
                    let blank = if logs.is_empty() { "" } else { " " };
                    logs.extend([blank, line.trim_end_matches('{').trim()]);
                    if logs.len() > LOGS_BYTES_MAX {
                        return Err(Fault::malformed(path, number, key, "fewer paths for one block"));
                    }
                    if line.ends_with('{') {
                        scope = std::mem::take(&mut logs);
                    }
                }
                "{" => scope = std::mem::take(&mut logs),
                _ => found.push(Fact::new(key, value, Origin::line(path, number)).within(scope.clone()))?,
            }
        }
        Ok(())
    })
}

/// A file, or the files of a directory.
fn included(includes: &mut Includes<'_, '_>, path: &str, found: &mut Found) -> Result<(), Fault> {
    if includes.image.state(path).is_ok_and(|state| state.is_file()) {
        return file(includes, path, found);
    }
    let names = includes.image.names_if_there(path)?;
    names.iter().filter(|name| !name.contains(".dpkg-")).try_for_each(|name| {
        let path = format!("{path}/{name}");
        let ordinary = includes.image.state(&path).is_ok_and(|state| state.is_file());
        if ordinary { file(includes, &path, found) } else { Ok(()) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn directives_for_all_and_for_some() {
        expect![[r#"
            weekly =   (/etc/logrotate.conf:1)
            [/var/log/a /var/log/b] rotate = 7  (/etc/logrotate.d/a:3)
            create =   (/etc/logrotate.conf:3)
        "#]]
        .assert_eq(&shown(
            &READER,
            &[
                (MAIN, "weekly\ninclude /etc/logrotate.d\ncreate\n"),
                (
                    "/etc/logrotate.d/a",
                    "/var/log/a\n/var/log/b {\n rotate 7\n postrotate\n  rm x\n endscript\n}\n",
                ),
            ],
        ));
    }
}
