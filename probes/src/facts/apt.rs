//! How apt decides what to trust: apt.conf(5), sources.list(5).

use super::line::{lines, unquoted};
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

/// Blocks within blocks.
const NESTED_MAX: usize = 32;

pub static READER: Reader = Reader {
    area: "apt",
    about: "apt: its settings in small letters, and a fact for each source that is trusted without a signature",
    reads: &["/etc/apt/apt.conf.d", "/etc/apt/apt.conf", "/etc/apt/sources.list", "/etc/apt/sources.list.d"],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    if !image.has("/etc/apt") {
        return Err(Fault::Missing { what: "/etc/apt".to_owned() });
    }
    for path in [image.glob("/etc/apt/apt.conf.d/*")?, image.glob("/etc/apt/apt.conf")?].concat() {
        settings(&path, &image.text(&path)?, found)?;
    }
    for path in [image.glob("/etc/apt/sources.list")?, image.glob("/etc/apt/sources.list.d/*")?].concat() {
        for (number, line) in lines(&image.text(&path)?, &['#']) {
            let plain = line.to_ascii_lowercase().replace(' ', "");
            if plain.contains("trusted=yes") || plain == "trusted:yes" {
                found.push(Fact::new("trusted-source", line, Origin::line(&path, number)))?;
            }
        }
    }
    Ok(())
}

/// `A::B "x";` and `A { B "x"; }` say the same.
fn settings(path: &str, text: &str, found: &mut Found) -> Result<(), Fault> {
    let mut blocks: Vec<String> = Vec::new();
    for (number, line) in lines(text, &['#', '/']) {
        for part in line.split_inclusive(['{', '}', ';']) {
            let body = part.trim_end_matches(['{', '}', ';']).trim();
            let (key, value) = body.split_once(char::is_whitespace).unwrap_or((body, ""));
            if part.ends_with('{') {
                if blocks.len() == NESTED_MAX {
                    return Err(Fault::malformed(path, number, key, "fewer blocks within blocks"));
                }
                blocks.push(key.to_ascii_lowercase());
            } else if part.ends_with('}') {
                blocks.pop();
            } else if !key.is_empty() && !value.is_empty() {
                let name =
                    blocks.iter().cloned().chain([key.to_ascii_lowercase()]).collect::<Vec<_>>().join("::");
                found.push(Fact::new(name, unquoted(value.trim()), Origin::line(path, number)))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn both_spellings_and_trusted_sources() {
        expect![[r#"
            apt::get::allowunauthenticated = true  (/etc/apt/apt.conf.d/a:1)
            apt::periodic::enable = 1  (/etc/apt/apt.conf.d/a:3)
            trusted-source = deb [trusted=yes] http://x ./  (/etc/apt/sources.list:1)
        "#]]
        .assert_eq(&shown(
            &READER,
            &[
                ("/etc/apt/apt.conf.d/a", "APT::Get::AllowUnauthenticated \"true\";\nAPT { Periodic {\n Enable \"1\"; }; };\n// x y;\n"),
                ("/etc/apt/sources.list", "deb [trusted=yes] http://x ./\ndeb http://y z main\n"),
            ],
        ));
    }
}
