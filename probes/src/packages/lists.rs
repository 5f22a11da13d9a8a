//! What apt keeps of its sources: an index of packages each, and a signed file that says whose it is.

use crate::child::{Asked, ask, program};
use crate::{Fault, Host};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::time::Duration;

pub const DIRECTORY: &str = "/var/lib/apt/lists";
/// More files than this are not looked at, and the count is then not given.
pub const FILES_MAX: usize = 2000;
/// It unpacks whatever apt itself packed.
const UNPACK: &str = "/usr/lib/apt/apt-helper";
const PACKED: [&str; 5] = ["lz4", "gz", "xz", "zst", "bz2"];
const UNPACK_DEADLINE: Duration = Duration::from_secs(30);
const READ_BYTES: usize = 64 << 10;
/// The lines before the checksums.
const RELEASE_LINES_MAX: usize = 100;

/// Whose packages an index lists.
#[derive(Debug, Default, PartialEq)]
pub struct Origin {
    pub site: String,
    pub suite: String,
    pub codename: String,
    pub origin: String,
    pub label: String,
    pub version: String,
    pub component: String,
    pub not_automatic: bool,
    pub but_upgrades: bool,
}

/// An index by its file name.
#[derive(Debug, PartialEq)]
pub struct Index<'a> {
    pub file: &'a str,
    /// The file that says whose it is; an unsigned source has none.
    release: Option<&'a str>,
}

/// The indexes among the files of the directory.
pub fn indexes(names: &[String]) -> Vec<Index<'_>> {
    let stem = |name: &'_ str| name.strip_suffix("InRelease").or(name.strip_suffix("Release")).map(str::len);
    let index = |file| {
        let of_it = |name: &&String| stem(name).is_some_and(|length| file_starts(file, &name[..length]));
        let release = names.iter().filter(of_it).max_by_key(|name| stem(name));
        Index { file, release: release.map(String::as_str) }
    };
    names.iter().map(String::as_str).filter(|name| is_index(name)).map(index).collect()
}

fn file_starts(file: &str, stem: &str) -> bool {
    !stem.is_empty() && file.starts_with(stem)
}

fn is_index(name: &str) -> bool {
    let plain = packing(name).map_or(name, |packed| &name[..name.len() - packed.len() - 1]);
    plain.ends_with("_Packages")
}

fn packing(name: &str) -> Option<&'static str> {
    let (_, end) = name.rsplit_once('.')?;
    PACKED.into_iter().find(|packed| *packed == end)
}

impl Index<'_> {
    /// Whose it is, from its signed file and its own name.
    pub fn origin(&self, host: &Host) -> Result<Origin, Fault> {
        let mut origin = Origin::default();
        let mut stem = 0;
        if let Some(release) = self.release {
            let bytes = host.bytes(&format!("{DIRECTORY}/{release}"))?;
            origin = parse_release(&String::from_utf8_lossy(&bytes));
            stem = release.trim_end_matches("Release").trim_end_matches("In").len();
        }
        let component = self.file[stem..].split_once("_binary-").map_or("", |(component, _)| component);
        let site = self.file.split('_').next().unwrap_or("");
        Ok(Origin { component: component.to_owned(), site: site.to_owned(), ..origin })
    }

    /// Its text as a stream.
    pub fn open(&self, host: &Host) -> Result<BufReader<Box<dyn Read>>, Fault> {
        let path = format!("{DIRECTORY}/{}", self.file);
        let file = host.path(&path);
        let text: Box<dyn Read> = match packing(self.file) {
            Some(_) => Box::new(unpacked(&file)?),
            None => Box::new(File::open(file).map_err(|error| Fault::io(&path, &error))?),
        };
        Ok(BufReader::with_capacity(READ_BYTES, text))
    }
}

/// The output of a child that must end well: what a broken file gave until then is not the whole list.
struct Unpacked(Option<Asked>);

fn unpacked(file: &Path) -> Result<Unpacked, Fault> {
    let mut command = program(UNPACK);
    command.arg("cat-file").arg(file);
    ask(UNPACK, command, UNPACK_DEADLINE).map(|asked| Unpacked(Some(asked)))
}

impl Read for Unpacked {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some(asked) = &mut self.0 else { return Ok(0) };
        let read = asked.read(into)?;
        if let (0, Some(mut asked)) = (read, self.0.take_if(|_| read == 0)) {
            let status = asked.wait().map_err(io::Error::other)?;
            return if status.success() {
                Ok(0)
            } else {
                Err(io::Error::other(format!("{UNPACK}: {status}")))
            };
        }
        Ok(read)
    }
}

fn parse_release(text: &str) -> Origin {
    let field = |name: &str| {
        let mut lines = text.lines().take(RELEASE_LINES_MAX);
        lines
            .find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim()))
            .unwrap_or("")
            .to_owned()
    };
    Origin {
        suite: field("Suite"),
        codename: field("Codename"),
        origin: field("Origin"),
        label: field("Label"),
        version: field("Version"),
        not_automatic: field("NotAutomatic") == "yes",
        but_upgrades: field("ButAutomaticUpgrades") == "yes",
        ..Origin::default()
    }
}

impl Origin {
    /// Debian says so in the label, Ubuntu and its extended maintenance in the suite.
    pub fn is_security(&self) -> bool {
        self.label.to_ascii_lowercase().contains("security")
            || [&self.suite, &self.codename].into_iter().any(|name| name.ends_with("-security"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_and_whose_they_are() {
        let names = [
            "deb.debian.org_debian_dists_bookworm-updates_InRelease",
            "deb.debian.org_debian_dists_bookworm-updates_main_binary-amd64_Packages.lz4",
            "deb.debian.org_debian_dists_bookworm_InRelease",
            "deb.debian.org_debian_dists_bookworm_contrib_binary-i386_Packages",
            "deb.debian.org_debian_dists_bookworm_main_dep11_Components-amd64.yml.gz",
            "example.org_flat_._Packages.gz",
            "example.org_flat_._Release",
            "lock",
            "other.org_Packages.tmp",
            "partial",
            "unsigned.org_x_Packages",
        ]
        .map(str::to_owned);
        let seen = indexes(&names).iter().map(|index| (index.file, index.release)).collect::<Vec<_>>();
        let expected = [
            (&names[1], Some(&names[0])),
            (&names[3], Some(&names[2])),
            (&names[5], Some(&names[6])),
            (&names[10], None),
        ];
        assert_eq!(seen, expected.map(|(file, release)| (file.as_str(), release.map(String::as_str))));
    }

    #[test]
    fn what_a_signed_file_says() {
        let text = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: Debian Backports\n\
            Label: Debian Backports\nSuite: stable-backports\nCodename: bookworm-backports\nNotAutomatic: yes\n\
            ButAutomaticUpgrades: yes\nSHA256:\n Suite: no\n";
        let origin = parse_release(text);
        assert!(origin.not_automatic && origin.but_upgrades && !origin.is_security());
        assert_eq!((origin.suite.as_str(), origin.origin.as_str()), ("stable-backports", "Debian Backports"));
    }

    #[test]
    fn security_by_label_or_suite() {
        let of = |text| parse_release(text).is_security();
        assert!(
            of("Label: Debian-Security\n") && of("Suite: jammy-security\n") && of("Codename: x-security\n")
        );
        assert!(!of("Label: Debian\nSuite: stable-updates\n") && !of(""));
    }
}
