//! Rules for new passwords: pwquality.conf(5). The directory is read first, then the main file, and the last counts.

use super::key_value::parse;
use super::{Found, Image, Reader};
use crate::Fault;

const MAIN: &str = "/etc/security/pwquality.conf";
const DEFAULTS: [(&str, &str); 6] = [
    ("minlen", "8"),
    ("minclass", "0"),
    ("difok", "1"),
    ("maxrepeat", "0"),
    ("dictcheck", "1"),
    ("enforcing", "1"),
];

pub static READER: Reader = Reader {
    area: "pwquality",
    about: "rules for new passwords, with the defaults of libpwquality",
    reads: &[MAIN],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    let mut paths = image.overlaid(&["/etc/security/pwquality.conf.d"], ".conf")?;
    paths.push(MAIN.to_owned());
    for path in paths {
        let text = image.text_if_there(&path)?.unwrap_or_default();
        parse(&path, &text, found)?;
    }
    found.defaults("", "libpwquality 1.4", &DEFAULTS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;

    #[test]
    fn the_main_file_has_the_last_word() {
        let files = [
            (MAIN, "minlen = 14\n"),
            ("/etc/security/pwquality.conf.d/a.conf", "minlen = 9\ndifok = 3\nenforce_for_root\n"),
        ];
        let text = shown(&READER, &files);
        for line in [
            "difok = 3  (/etc/security/pwquality.conf.d/a.conf:2)",
            "enforce_for_root =   (/etc/security/pwquality.conf.d/a.conf:3)",
            "minlen = 14  (/etc/security/pwquality.conf:1)",
            "maxrepeat = 0  (default of libpwquality 1.4)",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
}
