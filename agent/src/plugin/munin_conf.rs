//! What munin-node is told of its plugins: the files of `/etc/munin/plugin-conf.d`.
//!
//! A section `[name]`, or `[name*]` for all whose names begin so, holds `user`, `env.NAME` and `timeout`. Files count in the order of their
//! names, and the section that fits best has the last word. What else there can be in them (`group`, `command`, `host_name`) is
//! about the user or the name that munin-node shows, and is passed over.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest file that is read.
const FILE_BYTES_MAX: u64 = 256 << 10;

/// All sections, in the order of the files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MuninConf {
    sections: Vec<(String, Section)>,
}

/// What is said of a plugin.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// Who runs it.
    pub user: Option<String>,
    /// What is added to its environment.
    pub environment: BTreeMap<String, String>,
    /// How long it may take.
    pub timeout: Option<Duration>,
}

impl MuninConf {
    /// Reads the files of a directory that root alone can have written; there need not be any.
    pub fn read(directory: &Path) -> MuninConf {
        let entries = fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok);
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        let trusted = |path: &PathBuf| {
            fs::metadata(path)
                .is_ok_and(|own| own.uid() == 0 && own.mode() & 0o022 == 0 && own.len() <= FILE_BYTES_MAX)
        };
        let mut conf = MuninConf::default();
        for text in paths.iter().filter(|path| trusted(path)).filter_map(|path| fs::read_to_string(path).ok())
        {
            conf.take(&text);
        }
        conf
    }

    fn take(&mut self, text: &str) {
        let mut open = None;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                self.sections.push((name.trim().to_owned(), Section::default()));
                open = Some(self.sections.len() - 1);
            } else if let (Some(open), Some((key, value))) = (open, line.split_once(char::is_whitespace)) {
                self.sections[open].1.set(key, value.trim());
            }
        }
    }

    /// What is said of a plugin.
    pub fn of(&self, plugin: &str) -> Section {
        let mut fitting: Vec<_> = self.sections.iter().filter(|(name, _)| fits(name, plugin)).collect();
        fitting.sort_by_key(|(name, _)| (!name.ends_with('*'), name.len()));
        let mut all = Section::default();
        for (_, section) in fitting {
            all.user = section.user.clone().or(all.user);
            all.timeout = section.timeout.or(all.timeout);
            all.environment.extend(section.environment.clone());
        }
        all
    }
}

impl Section {
    fn set(&mut self, key: &str, value: &str) {
        match key.strip_prefix("env.") {
            Some(name) => _ = self.environment.insert(name.to_owned(), value.to_owned()),
            None if key == "user" => self.user = Some(value.to_owned()),
            None if key == "timeout" => self.timeout = value.parse().ok().map(Duration::from_secs),
            None => {}
        }
    }
}

fn fits(name: &str, plugin: &str) -> bool {
    name.strip_suffix('*').map_or(name == plugin, |start| plugin.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_section_that_fits_best_has_the_last_word() {
        let mut conf = MuninConf::default();
        conf.take("# all\n[df*]\nuser root\nenv.warning 92\nenv.exclude none tmpfs\n");
        conf.take("[df_inode]\nenv.warning 80\ntimeout 20\n[*]\nuser munin\n[other]\nuser x\n");
        let df = conf.of("df_inode");
        assert_eq!((df.user.as_deref(), df.timeout), (Some("root"), Some(Duration::from_secs(20))));
        assert_eq!(
            (df.environment["warning"].as_str(), df.environment["exclude"].as_str()),
            ("80", "none tmpfs")
        );
        assert_eq!(conf.of("cpu").user.as_deref(), Some("munin"));
    }
}
