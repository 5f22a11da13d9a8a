//! MariaDB and MySQL: my.cnf with what it includes; the sections that the server reads.

use super::include::Includes;
use super::line::{before_comment, lines, pair, unquoted};
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

const MAIN: [&str; 2] = ["/etc/mysql/my.cnf", "/etc/my.cnf"];
const SECTIONS: [&str; 4] = ["mysqld", "mariadbd", "mariadb", "server"];
const DEFAULTS: [(&str, &str); 4] = [
    ("local_infile", "1"),
    ("symbolic_links", "1"),
    ("bind_address", "*"),
    ("tls_version", "TLSv1.1,TLSv1.2,TLSv1.3"),
];

pub static READER: Reader = Reader {
    area: "mariadb",
    about: "MariaDB or MySQL: settings of the server, with underscores in their names",
    reads: &MAIN,
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    let present = MAIN.iter().find(|path| image.has(path));
    let main = present.ok_or_else(|| Fault::Missing { what: MAIN[0].to_owned() })?;
    file(&mut Includes::new(image), main, found)?;
    found.defaults("", "MariaDB 10.11", &DEFAULTS)
}

fn file(includes: &mut Includes<'_, '_>, path: &str, found: &mut Found) -> Result<(), Fault> {
    includes.read(path, |includes, text| {
        let mut ours = false;
        for (number, line) in lines(text, &['#', ';']) {
            includes.line = number;
            if let Some(path) = line.strip_prefix("!include ") {
                file(includes, path.trim(), found)?;
            } else if let Some(directory) = line.strip_prefix("!includedir ") {
                for path in
                    includes.image.glob(&format!("{}/*.cnf", directory.trim().trim_end_matches('/')))?
                {
                    file(includes, &path, found)?;
                }
            } else if line.starts_with('[') {
                ours = is_ours(line);
            } else if ours {
                let line = before_comment(line);
                let (key, value) = pair(line);
                let switch = value.is_empty() && !line.contains('=');
                let value = if switch { "1" } else { unquoted(value) };
                found.last(setting(key, value, Origin::line(path, number)))?;
            }
        }
        Ok(())
    })
}

/// `[mariadb]`, or with a version as `[mariadb-10.11]`.
fn is_ours(line: &str) -> bool {
    let name = line.trim_start_matches('[').split(']').next().unwrap_or("");
    let name = name.split_once('-').map_or(name, |(name, _)| name);
    SECTIONS.contains(&name)
}

/// Names are written with either dash; `skip-symbolic-links` is another name for one of them.
fn setting(key: &str, value: &str, origin: Origin) -> Fact {
    let key = key.to_ascii_lowercase().replace('-', "_");
    match key.as_str() {
        "skip_symbolic_links" => Fact::new("symbolic_links", "0", origin),
        _ => Fact::new(key, value, origin),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn sections_of_the_server_only() {
        expect![[r#"
            symbolic_links = 0  (/etc/mysql/mariadb.conf.d/50-server.cnf:2)
            local_infile = OFF  (/etc/mysql/mariadb.conf.d/50-server.cnf:3)
            skip_grant_tables = 1  (/etc/mysql/mariadb.conf.d/50-server.cnf:4)
            bind_address = *  (default of MariaDB 10.11)
            tls_version = TLSv1.1,TLSv1.2,TLSv1.3  (default of MariaDB 10.11)
        "#]]
        .assert_eq(&shown(
            &READER,
            &[
                ("/etc/mysql/my.cnf", "[client]\nlocal-infile=1\n!includedir /etc/mysql/mariadb.conf.d/\n"),
                (
                    "/etc/mysql/mariadb.conf.d/50-server.cnf",
                    "[mysqld]\nskip-symbolic-links\nlocal-infile = OFF\nskip-grant-tables\n[mysqldump]\nquick\n",
                ),
            ],
        ));
    }
}
