//! The distribution and its version.

use crate::{Fault, Host, Spec};
use hostward_model::time::DAY_MS;
use hostward_model::{Batch, Metric};
use std::borrow::Cow;

static INFO: Metric = Metric::gauge(
    "node_os_info",
    "The operating system as it names itself; the value is always 1.",
    &[
        "build_id",
        "id",
        "id_like",
        "image_id",
        "image_version",
        "name",
        "pretty_name",
        "variant",
        "variant_id",
        "version",
        "version_codename",
        "version_id",
    ],
);
static VERSION: Metric = Metric::gauge(
    "node_os_version",
    "Metric containing the major.minor part of the OS version.",
    &["id", "id_like", "name"],
);
static SUPPORT_END: Metric = Metric::gauge(
    "node_os_support_end_timestamp_seconds",
    "Unix time at which the support of the operating system ends.",
    &[],
);

/// The keys of the file, in the order of the labels of `INFO`.
const KEYS: [&str; 12] = [
    "BUILD_ID",
    "ID",
    "ID_LIKE",
    "IMAGE_ID",
    "IMAGE_VERSION",
    "NAME",
    "PRETTY_NAME",
    "VARIANT",
    "VARIANT_ID",
    "VERSION",
    "VERSION_CODENAME",
    "VERSION_ID",
];

const ETC: &str = "/etc/os-release";
const USR: &str = "/usr/lib/os-release";

pub static SPEC: Spec = Spec {
    name: "os",
    about: "distribution and version",
    doc: "os-release(5)",
    reads: &[ETC, USR],
    metrics: &[&INFO, &VERSION, &SUPPORT_END],
    every_ms: 60_000,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

/// Opened anew each time, because an upgrade of the distribution replaces the file.
fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let (path, bytes) = match host.bytes(ETC) {
        Err(Fault::Missing { .. }) => (USR, host.bytes(USR)?),
        other => (ETC, other?),
    };
    parse(path, &String::from_utf8_lossy(&bytes), out)
}

/// `KEY="value"` as a shell would read it.
fn parse(file: &str, text: &str, out: &mut Batch) -> Result<(), Fault> {
    let mut values = [const { Cow::Borrowed("") }; KEYS.len()];
    let mut end_of_support = Ok(None);
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) =
            line.split_once('=').ok_or_else(|| Fault::malformed(file, number, line, "KEY=value"))?;
        if let Some(at) = KEYS.iter().position(|known| *known == key) {
            values[at] = unquote(value);
        }
        if key == "SUPPORT_END" {
            let value = unquote(value);
            let end = unix_day(&value).ok_or_else(|| Fault::malformed(file, number, &value, "YYYY-MM-DD"));
            end_of_support = end.map(Some);
        }
    }
    push(&values.each_ref().map(|value| value.as_ref()), out);
    if let Some(days) = end_of_support? {
        out.push(&SUPPORT_END, &[], (days * DAY_MS / 1000) as f64);
    }
    Ok(())
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
///
/// Counts 400-year eras from 0000-03-01, so that the leap day ends a year.
fn unix_day(date: &str) -> Option<i64> {
    let mut parts = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let is_date = (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !is_date || parts.next().is_some() {
        return None;
    }
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    Some(year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468)
}

fn push(values: &[&str; KEYS.len()], out: &mut Batch) {
    out.push(&INFO, values, 1.0);
    let [_, id, id_like, _, _, name, .., version_id] = values;
    if let Some(version) = major_minor(version_id) {
        out.push(&VERSION, &[id, id_like, name], version);
    }
}

/// Quotes of either kind go, and a backslash stands for the character after it except within single quotes.
fn unquote(value: &str) -> Cow<'_, str> {
    let inner = |quote| value.strip_prefix(quote).and_then(|rest: &str| rest.strip_suffix(quote));
    if let Some(literal) = inner('\'') {
        return literal.into();
    }
    let value = inner('"').unwrap_or(value);
    if !value.contains('\\') {
        return value.into();
    }
    let mut chars = value.chars();
    let next = || if let Some('\\') = chars.clone().next() { chars.nth(1) } else { chars.next() };
    std::iter::from_fn(next).collect::<String>().into()
}

/// `20.04.2` gives 20.04; a rolling distribution has no version.
fn major_minor(version: &str) -> Option<f64> {
    let (major, rest) = version.split_at(digits(version));
    let minor = rest.strip_prefix('.').map_or("", |rest| &rest[..digits(rest)]);
    format!("{major}.{minor}0").parse().ok().filter(|_| !major.is_empty())
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;
    use expect_test::expect;

    fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
        super::parse(ETC, text, out)
    }

    #[test]
    fn a_distribution() {
        check(
            parse,
            "NAME=\"Ubuntu\"\nVERSION=\"20.04.2 LTS (Focal Fossa)\"\nID=ubuntu\nID_LIKE=debian\n\
             # a remark\n\nVERSION_ID='20.04'\nHOME_URL=\"https://www.ubuntu.com/\"\n",
            expect![[r#"
                node_os_info{build_id="",id="ubuntu",id_like="debian",image_id="",image_version="",name="Ubuntu",pretty_name="",variant="",variant_id="",version="20.04.2 LTS (Focal Fossa)",version_codename="",version_id="20.04"} 1
                node_os_version{id="ubuntu",id_like="debian",name="Ubuntu"} 20.04
            "#]],
        );
    }

    #[test]
    fn a_distribution_without_versions() {
        check(
            parse,
            "NAME=\"Arch \\\"Linux\\\"\"\nID=arch\nBUILD_ID=rolling\n",
            expect![[r#"
            node_os_info{build_id="rolling",id="arch",id_like="",image_id="",image_version="",name="Arch \"Linux\"",pretty_name="",variant="",variant_id="",version="",version_codename="",version_id=""} 1
        "#]],
        );
    }

    #[test]
    fn the_end_of_support() {
        check(
            parse,
            "ID=fedora\nSUPPORT_END=2026-05-13\n",
            expect![[r#"
            node_os_info{build_id="",id="fedora",id_like="",image_id="",image_version="",name="",pretty_name="",variant="",variant_id="",version="",version_codename="",version_id=""} 1
            node_os_support_end_timestamp_seconds 1778630400
        "#]],
        );
        check(
            parse,
            "ID=fedora\nSUPPORT_END=soon\n",
            expect![[r#"
            node_os_info{build_id="",id="fedora",id_like="",image_id="",image_version="",name="",pretty_name="",variant="",variant_id="",version="",version_codename="",version_id=""} 1
            fault malformed: /etc/os-release:2: expected YYYY-MM-DD, found "soon"
        "#]],
        );
        for (date, day) in [
            ("1970-01-01", Some(0)),
            ("2000-02-29", Some(11_016)),
            ("2000-03-01", Some(11_017)),
            ("2026-05-13", Some(20_586)),
            ("2026-13-01", None),
            ("2026-05", None),
            ("2026-05-13-1", None),
            ("-1-1-1", None),
        ] {
            assert_eq!(unix_day(date), day, "{date}");
        }
    }

    #[test]
    fn versions() {
        let cases = [
            ("12", Some(12.0)),
            ("20.04.2", Some(20.04)),
            ("9.", Some(9.0)),
            ("3.x", Some(3.0)),
            ("x", None),
            ("", None),
        ];
        for (text, version) in cases {
            assert_eq!(major_minor(text), version, "{text}");
        }
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            "ID=debian\nthis is no os\n",
            expect![[r#"
            fault malformed: /etc/os-release:2: expected KEY=value, found "this is no os"
        "#]],
        );
    }

    #[test]
    fn quotes_that_do_not_close_do_not_panic() {
        for text in ["\"", "'", "\\", "\"\\\"", "'\"", "a\\"] {
            unquote(text);
        }
        assert_eq!(unquote("\"a\\$b\""), "a$b");
        assert_eq!(unquote("'a\\b'"), "a\\b");
    }
}
