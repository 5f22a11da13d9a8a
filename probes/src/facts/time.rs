//! Where the time comes from: chrony.conf(5), timesyncd.conf(5), ntp.conf(5).

use super::found::AREA_BYTES_MAX;
use super::image::if_there;
use super::include::{Includes, beside};
use super::line::lines;
use super::{Found, Image, Reader, ini};
use crate::Fault;
use hostward_model::{Fact, Origin};

pub static READER: Reader = Reader {
    area: "time",
    about: "time servers: the daemon is the scope, the key is server, the value its address and options",
    reads: &[
        "/etc/chrony/chrony.conf",
        "/etc/systemd/timesyncd.conf",
        "/etc/ntpsec/ntp.conf",
        "/etc/ntp.conf",
    ],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    for (daemon, path) in
        [("chrony", "/etc/chrony/chrony.conf"), ("ntp", "/etc/ntpsec/ntp.conf"), ("ntp", "/etc/ntp.conf")]
    {
        if image.has(path) {
            servers(&mut Includes::new(image), path, daemon, found)?;
        }
    }
    let mut timesyncd = Found::new(AREA_BYTES_MAX);
    if_there(ini::systemd(image, "timesyncd.conf", &mut timesyncd))?;
    for fact in timesyncd.facts().iter().filter(|fact| fact.key == "NTP" || fact.key == "FallbackNTP") {
        let named = fact.value.split_whitespace();
        found.extend(
            named.map(|server| Fact::new("server", server, fact.origin.clone()).within("timesyncd")),
        )?;
    }
    Ok(())
}

fn servers(
    includes: &mut Includes<'_, '_>,
    path: &str,
    daemon: &str,
    found: &mut Found,
) -> Result<(), Fault> {
    includes.read(path, |includes, text| {
        for (number, line) in lines(text, &['#', '!', '%', ';']) {
            includes.line = number;
            let (key, value) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            match key.to_ascii_lowercase().as_str() {
                "server" | "pool" | "peer" => {
                    found
                        .push(Fact::new("server", value.trim(), Origin::line(path, number)).within(daemon))?;
                }
                "include" => each(includes, &beside("/etc", value.trim()), daemon, found)?,
                "confdir" => each(includes, &format!("{}/*.conf", value.trim()), daemon, found)?,
                "sourcedir" => each(includes, &format!("{}/*.sources", value.trim()), daemon, found)?,
                _ => {}
            }
        }
        Ok(())
    })
}

fn each(
    includes: &mut Includes<'_, '_>,
    pattern: &str,
    daemon: &str,
    found: &mut Found,
) -> Result<(), Fault> {
    includes.image.glob(pattern)?.iter().try_for_each(|path| servers(includes, path, daemon, found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn servers_of_each_daemon() {
        expect![[r#"
            [chrony] server = ntp.example.org iburst nts  (/etc/chrony/sources.d/a.sources:1)
            [timesyncd] server = a.example.org  (/etc/systemd/timesyncd.conf:2)
            [timesyncd] server = b.example.org  (/etc/systemd/timesyncd.conf:2)
        "#]]
        .assert_eq(&shown(
            &READER,
            &[
                ("/etc/chrony/chrony.conf", "# server x\nsourcedir /etc/chrony/sources.d\ndriftfile /x\n"),
                ("/etc/chrony/sources.d/a.sources", "server ntp.example.org iburst nts\n"),
                (
                    "/etc/systemd/timesyncd.conf",
                    "[Time]\nNTP=a.example.org b.example.org\nPollIntervalMinSec=32\n",
                ),
            ],
        ));
    }
}
