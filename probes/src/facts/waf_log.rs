//! What a ModSecurity that looks, or blocks, has met: rules by address, parameter and client, from the end of its audit log.
//!
//! Everything in the log but the numbers of rules is what a stranger sent; ModSecurity writes quotes in it with a backslash.

use super::{Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};
use std::collections::BTreeSet;
use std::io::{Read, Seek, SeekFrom};

const LOG: &str = "/var/log/apache2/modsec_audit.log";
/// The end of the log; what is older says less.
const LOG_BYTES_MAX: u64 = 4 << 20;
/// Different hits; those after them are not told.
const HITS_MAX: usize = 2000;
/// Rules that add up what others have met.
const SUMS: [&str; 3] = ["949", "959", "980"];

pub static READER: Reader = Reader {
    area: "waf-log",
    about: "what ModSecurity met: the address without its query is the scope, rule and parameter are the key, the client is \
            the value",
    reads: &[LOG],
    read: |image, found| found.extend(hits(&end(image)?)),
};

fn end(image: &Image<'_>) -> Result<String, Fault> {
    let mut file = image.file(LOG)?;
    let size = file.metadata().map_err(|error| Fault::io(LOG, &error))?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(LOG_BYTES_MAX))).map_err(|error| Fault::io(LOG, &error))?;
    let mut bytes = Vec::new();
    file.take(LOG_BYTES_MAX).read_to_end(&mut bytes).map_err(|error| Fault::io(LOG, &error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A transaction is several parts; `--ID-LETTER--` is a line before each.
fn hits(text: &str) -> Vec<Fact> {
    let (mut part, mut client, mut address) = (' ', "", "");
    let (mut seen, mut facts) = (BTreeSet::new(), Vec::new());
    for line in text.lines() {
        if let Some(letter) = boundary(line) {
            part = letter;
            if part == 'A' {
                (client, address) = ("", "");
            }
        } else if part == 'A' && client.is_empty() {
            client = line.split_once("] ").and_then(|(_, rest)| rest.split(' ').nth(1)).unwrap_or("");
        } else if part == 'B' && address.is_empty() {
            address = line.split(' ').nth(1).and_then(|own| own.split('?').next()).unwrap_or("");
        } else if part == 'H' && !client.is_empty() {
            let Some((rule, target)) = hit(line) else { continue };
            if facts.len() < HITS_MAX && seen.insert((address, rule, target, client)) {
                let fact = Fact::new(format!("{rule} {target}"), client, Origin::file(LOG));
                facts.push(fact.within(address));
            }
        }
    }
    facts
}

fn boundary(line: &str) -> Option<char> {
    let (id, letter) = line.strip_prefix("--")?.strip_suffix("--")?.rsplit_once('-')?;
    let mut letters = letter.chars();
    let own = letters.next().filter(char::is_ascii_uppercase)?;
    (letters.next().is_none() && !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then_some(own)
}

/// The number of a rule, and the variable that it met: empty where it does not say.
fn hit(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix("Message: ")?;
    let (_, rest) = line.split_once("[id \"")?;
    let rule = rest.split('"').next()?;
    let number = !rule.is_empty() && rule.bytes().all(|byte| byte.is_ascii_digit());
    if !number || SUMS.iter().any(|sum| rule.starts_with(sum)) {
        return None;
    }
    // What was found follows after a colon, where it is told.
    let found =
        rest.split_once(" found within ").and_then(|(_, rest)| rest.split(": ").next()?.split('"').next());
    let at = line.split(" [file \"").next().and_then(|own| own.rsplit_once(" at ")).map(|(_, own)| own);
    Some((rule, found.or(at).map_or("", |own| own.trim_end_matches('.'))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    const TEXT: &str = r#"
--a0d88c47-A--
[21/Nov/2026:20:54:31.807739 +0000] awIFBwOWgBwPyWPL9xfsaAAAAAA 192.0.2.7 34496 192.0.2.1 80
--a0d88c47-B--
GET /search?q=if+(a+%3C+b) HTTP/1.1
Host: shop.example

--a0d88c47-H--
Message: Warning. Pattern match "(?i)if \\(" at ARGS:q. [file "/r/942.conf"] [line "66"] [id "942230"] [msg "Detects conditional SQL"] [data "Matched Data: if (a < found within ARGS:q: if (a < b) [id \"1\"]"] [severity "CRITICAL"]
Message: Warning. Match of "within %{tx.allowed_methods}" against "REQUEST_METHOD" required. [file "/r/911.conf"] [line "4"] [id "911100"] [data "PATCH"]
Message: Warning. Matched phrase "java.lang" at REQUEST_BODY. [file "/r/944.conf"] [id "944100"] [data "Matched Data: x found within REQUEST_BODY"] [tag "b"]
Message: Access denied with code 403 (phase 2). Operator GE matched 5 at TX:anomaly_score. [file "/r/949.conf"] [line "94"] [id "949110"]
Message: Warning. Matched phrase "$HOME" at ARGS:a at b. [file "/r/932.conf"] [id "932160"]
--a0d88c47-Z--

--b1-H--
Message: Warning. Pattern match "x" at ARGS:q. [file "/r/942.conf"] [line "66"] [id "942230"]
"#;

    #[test]
    fn rules_with_where_and_by_whom() {
        expect![[r#"
            [/search] 942230 ARGS:q = 192.0.2.7  (/var/log/apache2/modsec_audit.log)
            [/search] 911100  = 192.0.2.7  (/var/log/apache2/modsec_audit.log)
            [/search] 944100 REQUEST_BODY = 192.0.2.7  (/var/log/apache2/modsec_audit.log)
            [/search] 932160 b = 192.0.2.7  (/var/log/apache2/modsec_audit.log)
        "#]]
        .assert_eq(&shown(&READER, &[(LOG, TEXT)]));
    }

    #[test]
    fn the_end_of_a_long_log_is_read() {
        let long = format!("{}{TEXT}", "x".repeat(LOG_BYTES_MAX as usize));
        assert_eq!(shown(&READER, &[(LOG, &long)]).lines().count(), 4);
    }
}
