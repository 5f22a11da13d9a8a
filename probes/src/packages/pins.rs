//! How much an administrator prefers one version to another: apt_preferences(5).

use super::lists::Origin;

/// What apt gives a version that is in no list, as the installed one may be.
pub const INSTALLED: i32 = 100;
const NORMAL: i32 = 500;
const NOT_AUTOMATIC: i32 = 1;

/// Records in the order in which apt reads them.
#[derive(Debug, Default)]
pub struct Pins(Vec<Pin>);

#[derive(Debug)]
struct Pin {
    /// Names with `*`; one that is only `*` is the general form.
    packages: Vec<String>,
    what: What,
    priority: i32,
}

#[derive(Debug)]
enum What {
    Version(String),
    Site(String),
    /// `a=stable,l=Debian`; a word without a letter is a suite or code name.
    Release(Vec<(String, String)>),
}

impl Pins {
    /// Adds the records of a file. What is no complete record is returned, as the first line of it.
    pub fn add(&mut self, text: &str) -> Vec<String> {
        let lines: Vec<&str> =
            text.lines().filter(|line| !line.starts_with('#')).map(str::trim_end).collect();
        let records = lines.split(|line| line.is_empty()).filter(|record| !record.is_empty());
        let mut strange = Vec::new();
        for record in records {
            match Pin::of(record) {
                Some(pin) => self.0.push(pin),
                None => strange.push(record[0].to_owned()),
            }
        }
        strange
    }

    /// The priority of a version in a list: the first record that names the package, else the first general one,
    /// else what the list itself says.
    pub fn priority(&self, package: &str, version: &str, origin: &Origin) -> i32 {
        let pinned = self.pinned(package, |what| what.holds(version, origin));
        pinned.unwrap_or(match (origin.not_automatic, origin.but_upgrades) {
            (true, true) => INSTALLED,
            (true, false) => NOT_AUTOMATIC,
            (false, _) => NORMAL,
        })
    }

    /// The priority of an installed version that may be in no list.
    pub fn of_installed(&self, package: &str, version: &str) -> i32 {
        let named = |what: &What| matches!(what, What::Version(glob) if matches(glob, version));
        self.pinned(package, named).unwrap_or(INSTALLED)
    }

    fn pinned(&self, package: &str, holds: impl Fn(&What) -> bool) -> Option<i32> {
        let find = |general: bool| {
            let of_form = |pin: &&Pin| pin.is_general() == general && pin.names(package) && holds(&pin.what);
            self.0.iter().find(of_form).map(|pin| pin.priority)
        };
        find(false).or_else(|| find(true))
    }
}

impl Pin {
    fn of(record: &[&str]) -> Option<Self> {
        let field = |name: &str| {
            let values = record.iter().filter_map(|line| line.split_once(':'));
            values.into_iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
        };
        let packages: Vec<_> = field("Package")?.split_whitespace().map(str::to_owned).collect();
        // Patterns between slashes and names of source packages would need more than is read here.
        if packages.iter().any(|name| name.starts_with('/') || name.starts_with("src:")) {
            return None;
        }
        let (kind, value) = field("Pin")?.split_once(' ')?;
        let value = value.trim().trim_matches('"');
        let what = match kind {
            "version" => What::Version(value.to_owned()),
            "origin" => What::Site(value.to_owned()),
            "release" => What::Release(value.split(',').map(condition).collect()),
            _ => return None,
        };
        Some(Pin { packages, what, priority: field("Pin-Priority")?.parse().ok()? })
    }

    fn is_general(&self) -> bool {
        self.packages.iter().any(|name| name == "*")
    }

    fn names(&self, package: &str) -> bool {
        self.packages.iter().any(|glob| matches(glob, package))
    }
}

fn condition(word: &str) -> (String, String) {
    let (letter, value) = word.trim().split_once('=').unwrap_or(("", word.trim()));
    (letter.to_owned(), value.trim_matches('"').to_owned())
}

impl What {
    fn holds(&self, version: &str, origin: &Origin) -> bool {
        match self {
            What::Version(glob) => matches(glob, version),
            What::Site(site) => matches(site, &origin.site),
            What::Release(conditions) => conditions.iter().all(|(letter, glob)| match letter.as_str() {
                "a" => matches(glob, &origin.suite),
                "n" => matches(glob, &origin.codename),
                "" => matches(glob, &origin.suite) || matches(glob, &origin.codename),
                "o" => matches(glob, &origin.origin),
                "l" => matches(glob, &origin.label),
                "v" => matches(glob, &origin.version),
                "c" => matches(glob, &origin.component),
                _ => false,
            }),
        }
    }
}

/// Whether a text is what a pattern with `*` stands for.
fn matches(glob: &str, text: &str) -> bool {
    let Some((head, rest)) = glob.split_once('*') else { return glob == text };
    let Some(text) = text.strip_prefix(head) else { return false };
    let starts = text.char_indices().map(|(start, _)| start).chain([text.len()]);
    rest.is_empty() || starts.into_iter().any(|start| matches(rest, &text[start..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn debian() -> Origin {
        Origin {
            site: "deb.debian.org".to_owned(),
            suite: "stable".to_owned(),
            codename: "bookworm".to_owned(),
            origin: "Debian".to_owned(),
            label: "Debian".to_owned(),
            version: "12.5".to_owned(),
            component: "main".to_owned(),
            ..Origin::default()
        }
    }

    #[test]
    fn records_in_their_order() {
        let mut pins = Pins::default();
        let text = "# ours\nPackage: nodejs\nPin: origin deb.nodesource.com\nPin-Priority: 600\n\n\
            Explanation: keep\nPackage: perl* libx\nPin: version 5.36*\nPin-Priority: 1001\n\n\
            Package: *\nPin: release o=Debian, n=bookworm\nPin-Priority: 700\n\n\
            Package: *\nPin: release stable\nPin-Priority: 10\n";
        assert!(pins.add(text).is_empty());
        let origin = debian();
        let cases = [
            ("nodejs", "20.1", 700),
            ("perl-base", "5.36.0-7", 1001),
            ("libx", "5.36.1", 1001),
            ("perl", "5.38.0", 700),
            ("libxx", "5.36", 700),
        ];
        for (package, version, priority) in cases {
            assert_eq!(pins.priority(package, version, &origin), priority, "{package} {version}");
        }
        let other = Origin { site: "deb.nodesource.com".to_owned(), ..Origin::default() };
        assert_eq!(pins.priority("nodejs", "20.1", &other), 600);
        assert_eq!(pins.of_installed("perl", "5.36.0"), 1001);
        assert_eq!(pins.of_installed("bash", "5"), INSTALLED);
    }

    #[test]
    fn without_records_the_list_decides() {
        let pins = Pins::default();
        let of = |not_automatic, but_upgrades| {
            pins.priority("a", "1", &Origin { not_automatic, but_upgrades, ..Origin::default() })
        };
        assert_eq!((of(false, false), of(true, true), of(true, false)), (500, 100, 1));
    }

    #[test]
    fn strange_records_are_told() {
        for text in [
            "Package: a\n",
            "Package: a\nPin: moon full\nPin-Priority: 1",
            "Package: a\nPin: version 1\nPin-Priority: much",
            "Pin: version 1",
            "Package: src:linux\nPin: version 6*\nPin-Priority: 1",
        ] {
            assert_eq!(Pins::default().add(text), [text.lines().next().unwrap()]);
        }
    }

    #[test]
    fn stars() {
        for (glob, text, expected) in [
            ("*", "", true),
            ("a*c", "abc", true),
            ("a*c", "abd", false),
            ("1.*.2*", "1.5.25", true),
            ("a", "ab", false),
        ] {
            assert_eq!(matches(glob, text), expected, "{glob} {text}");
        }
    }
}
