//! PostgreSQL: postgresql.conf and what it includes, then what `ALTER SYSTEM` wrote, which has the last word.

use super::image::if_there;
use super::include::{Includes, beside};
use super::line::{before_comment, lines, pair, unquoted};
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

const PATTERN: &str = "/etc/postgresql/*/*/postgresql.conf";
const DEFAULTS: [(&str, &str); 15] = [
    ("debug_print_parse", "off"),
    ("debug_print_plan", "off"),
    ("debug_print_rewritten", "off"),
    ("listen_addresses", "localhost"),
    ("log_connections", "off"),
    ("log_disconnections", "off"),
    ("log_file_mode", "0600"),
    ("log_line_prefix", "%m [%p] "),
    ("log_replication_commands", "off"),
    ("log_statement", "none"),
    ("logging_collector", "off"),
    ("password_encryption", "scram-sha-256"),
    ("shared_preload_libraries", ""),
    ("ssl", "off"),
    ("ssl_min_protocol_version", "TLSv1.2"),
];

pub static READER: Reader = Reader {
    area: "postgresql",
    about: "PostgreSQL: settings by cluster, as version/name",
    reads: &[PATTERN],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    let paths = image.glob(PATTERN)?;
    if paths.is_empty() {
        return Err(Fault::Missing { what: PATTERN.to_owned() });
    }
    for path in paths {
        let cluster = path.trim_start_matches("/etc/postgresql/").trim_end_matches("/postgresql.conf");
        let altered = format!("/var/lib/postgresql/{cluster}/postgresql.auto.conf");
        let mut set = |fact: Fact| found.last(fact.within(cluster));
        let mut includes = Includes::new(image);
        file(&mut includes, &path, &mut set)?;
        if_there(file(&mut includes, &altered, &mut set))?;
        found.defaults(cluster, "PostgreSQL 15", &DEFAULTS)?;
    }
    Ok(())
}

/// What takes the settings of a cluster.
type Set<'s> = dyn FnMut(Fact) -> Result<(), Fault> + 's;

fn file(includes: &mut Includes<'_, '_>, path: &str, set: &mut Set<'_>) -> Result<(), Fault> {
    let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory).to_owned();
    includes.read(path, |includes, text| {
        for (number, line) in lines(text, &['#']) {
            includes.line = number;
            let (key, value) = pair(before_comment(line));
            let value = unquoted(value);
            match key.to_ascii_lowercase().as_str() {
                "include" => file(includes, &beside(&directory, value), set)?,
                "include_if_exists" => drop(if_there(file(includes, &beside(&directory, value), set))?),
                "include_dir" => {
                    for path in includes.image.glob(&format!("{}/*.conf", beside(&directory, value)))? {
                        file(includes, &path, set)?;
                    }
                }
                key => set(Fact::new(key, value, Origin::line(path, number)))?,
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn the_last_word_is_what_alter_system_wrote() {
        let text = shown(
            &READER,
            &[
                (
                    "/etc/postgresql/15/main/postgresql.conf",
                    "SSL = on # x\nlog_connections = off\ninclude_dir = 'conf.d'\n",
                ),
                ("/etc/postgresql/15/main/conf.d/a.conf", "log_statement = 'ddl'\n"),
                ("/var/lib/postgresql/15/main/postgresql.auto.conf", "log_connections = 'on'\n"),
            ],
        );
        let set: String = text
            .lines()
            .filter(|line| !line.contains("default of"))
            .map(|line| format!("{line}\n"))
            .collect();
        expect![[r#"
            [15/main] ssl = on  (/etc/postgresql/15/main/postgresql.conf:1)
            [15/main] log_statement = ddl  (/etc/postgresql/15/main/conf.d/a.conf:1)
            [15/main] log_connections = on  (/var/lib/postgresql/15/main/postgresql.auto.conf:1)
        "#]]
        .assert_eq(&set);
    }
}
