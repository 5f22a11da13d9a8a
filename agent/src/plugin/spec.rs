//! Everything that is settled about a plugin before it runs: what its place, its author and the administrator say, in this order of
//! rising weight.

use super::found::{self, Found};
use super::munin_conf::MuninConf;
use super::refusal::{Refusal, quoted};
use super::sidecar::{Grants, Sidecar};
use super::signatures::Keys;
use super::sums::Sums;
use super::trust::{Trust, Trusted};
use crate::config;
use hostward_formats::{Format, Limits};
use hostward_model::escaping::is_plain;
use nix::unistd::Uid;
use std::collections::BTreeMap;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Plugins are not asked more often.
pub const EVERY_MIN: Duration = Duration::from_secs(1);
/// Nobody has less time.
pub const TIMEOUT_MIN: Duration = Duration::from_millis(100);
/// How much of a script is searched for a comment.
const HEAD_BYTES_MAX: usize = 4096;
/// Longest sidecar.
const SIDECAR_BYTES_MAX: usize = 64 << 10;
/// Longest name of a plugin.
const NAME_BYTES_MAX: usize = 64;
/// Longest output of a reading unless the administrator says otherwise.
const OUTPUT_BYTES_MAX: usize = 512 << 10;
const MEMORY_BYTES_MAX: u64 = 256 << 20;
const PROCESSES_MAX: u64 = 32;
/// One processor.
const CPU_PERCENT_MAX: u32 = 100;
/// Munin asks each five minutes, and its plugins are written for that.
const MUNIN_EVERY: Duration = Duration::from_secs(60);

/// One plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct Plugin {
    /// The name that its metrics begin with.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// What kind of file.
    pub kind: Kind,
    /// How it talks.
    pub format: Format,
    /// Whether it is started once and stays.
    pub stays: bool,
    /// Time between two readings.
    pub every: Duration,
    /// How long a reading may take.
    pub timeout: Duration,
    /// What its administrator has said of both.
    pub said: Said,
    /// Whether it is loaded into hostward itself.
    pub is_inside: bool,
    /// Who runs it; nobody in particular unless said.
    pub user: Option<String>,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// What is added to its environment.
    pub environment: BTreeMap<String, String>,
    /// Labels for each of its series.
    pub labels: Vec<(String, String)>,
    /// What it is set to, as JSON.
    pub config: Option<String>,
    /// What it may do beyond the usual.
    pub grants: Grants,
    /// How much of it is listened to.
    pub limits: Bounds,
    /// How long the text of a file counts.
    pub age_max: Option<Duration>,
}

/// What an administrator has said of how a plugin is asked; where nothing was said, a shared object has its own word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Time between two readings.
    pub every: Option<Duration>,
    /// How long a reading may take.
    pub timeout: Option<Duration>,
}

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A program or a script.
    Program,
    /// A shared object.
    Object,
    /// Text that somebody else writes.
    Text,
}

/// The bounds of a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Most series.
    pub series_max: usize,
    /// Longest output of a reading.
    pub output_bytes_max: usize,
    /// Most memory.
    pub memory_bytes_max: u64,
    /// Most processes and threads.
    pub processes_max: u64,
    /// Most processor time, in percent of one processor, where there are control groups.
    pub cpu_percent_max: u32,
}

impl Bounds {
    /// For the importers.
    pub fn limits(&self) -> Limits {
        Limits { series_max: self.series_max, output_bytes_max: self.output_bytes_max, ..Limits::default() }
    }

    /// Lines of a reading; what has more is no text of so few series. To read each of a million lines would cost memory that
    /// hostward does not give back.
    pub fn lines_max(&self) -> usize {
        10 * self.series_max + 1000
    }
}

/// What holds for all plugins.
#[derive(Clone, Debug)]
pub struct Ground {
    /// What is trusted.
    pub trust: Trust,
    /// Interval unless something else is said.
    pub every: Duration,
    /// Deadline unless something else is said.
    pub timeout: Duration,
    /// What munin-node is told of its plugins.
    pub munin: MuninConf,
    /// As whom root runs plugins.
    pub user: String,
    /// Where plugins have a directory each.
    pub state: PathBuf,
    /// Shared objects that are loaded into hostward itself.
    pub inside: Vec<String>,
}

impl Ground {
    /// As the configuration says. A list of sums or keys that cannot be read trusts nothing.
    pub fn new(config: &config::Plugins, state_dir: &Path) -> Result<Ground, String> {
        let sums = config.sha256.as_deref().map(|path| Sums::parse(path, &listed(path)?));
        let keys = config.minisign_keys.as_deref().map(|path| Keys::parse(path, &listed(path)?));
        let directories = if config.enabled { config.directories.clone() } else { Vec::new() };
        let link_targets = config.link_targets.clone();
        Ok(Ground {
            trust: Trust {
                directories,
                link_targets,
                sums: sums.transpose()?,
                keys: keys.transpose()?,
                is_waived: false,
            },
            every: config.interval.duration(),
            timeout: config.timeout.duration(),
            munin: MuninConf::read(&config.munin_conf),
            user: config.user.clone(),
            state: state(state_dir),
            inside: config.in_process.clone(),
        })
    }
}

fn listed(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Where plugins have a directory each. Root's state directory is closed to those that it runs plugins as, so there it is beside it.
fn state(state_dir: &Path) -> PathBuf {
    if !Uid::effective().is_root() {
        return state_dir.join("plugins");
    }
    let mut name = state_dir.file_name().unwrap_or_default().to_owned();
    name.push("-plugins");
    state_dir.with_file_name(name)
}

/// Settles everything about a file; refused is what cannot be trusted or makes no sense.
pub fn settle(found: &Found, ground: &Ground) -> Result<Option<Plugin>, Refusal> {
    let trusted = ground.trust.open(&found.path)?;
    let own = match &found.sidecar {
        Some(path) => sidecar(path, ground)?,
        None => Sidecar::default(),
    };
    if own.enabled == Some(false) {
        return Ok(None);
    }
    let kind = kind(&found.path);
    if kind == Kind::Program && !trusted.is_executable {
        let mend = format!("chmod +x {}", quoted(&found.path));
        return Err(Refusal::new(format!("{} is not executable", found.path.display()), mend));
    }
    let header = if kind == Kind::Program { header(&trusted)? } else { Sidecar::default() };
    made(found, kind, own.or(header), ground).map(Some)
}

/// Says how a plugin would be run that need not be in any directory, nor be trusted.
pub fn made(found: &Found, kind: Kind, own: Sidecar, ground: &Ground) -> Result<Plugin, Refusal> {
    let bad = |why: String| Refusal::new(format!("{}: {why}", found.path.display()), "");
    let name = own.name.clone().unwrap_or_else(|| found::plugin_name(&found.path));
    check_name(&name).map_err(bad)?;
    let named = own
        .format
        .as_deref()
        .map(|name| Format::from_name(name).ok_or_else(|| bad(format!("there is no format {name:?}"))));
    let usual = if kind == Kind::Text { Format::Textfile } else { Format::Native };
    let format = named.transpose()?.or(found.place.format).unwrap_or(usual);
    if let Some(label) = own.labels.keys().find(|label| !is_plain(label)) {
        return Err(bad(format!("{label:?} is no name for a label")));
    }
    let munin = if format == Format::Munin { ground.munin.of(&name) } else { Default::default() };
    let said = Said {
        every: own
            .interval
            .map(config::Span::duration)
            .or(found.place.every)
            .map(|every| every.max(EVERY_MIN)),
        timeout: own
            .timeout
            .map(config::Span::duration)
            .or(munin.timeout)
            .map(|timeout| timeout.max(TIMEOUT_MIN)),
    };
    let usual = if format == Format::Munin { MUNIN_EVERY.max(ground.every) } else { ground.every };
    let is_inside = kind == Kind::Object && ground.inside.contains(&name);
    let config = own.config.as_ref().map(serde_json::to_string).transpose();
    let mut environment = munin.environment;
    environment.extend(own.environment);
    Ok(Plugin {
        name,
        path: found.path.clone(),
        kind,
        format,
        stays: own
            .stay
            .unwrap_or(kind == Kind::Object || matches!(format, Format::Netdata | Format::Collectd)),
        every: said.every.unwrap_or(usual).max(EVERY_MIN),
        timeout: said.timeout.unwrap_or(ground.timeout).max(TIMEOUT_MIN),
        said,
        is_inside,
        user: own.user.or(munin.user),
        arguments: own.arguments,
        environment,
        labels: own.labels.into_iter().collect(),
        config: config.map_err(|error| bad(error.to_string()))?,
        grants: own.grants,
        limits: Bounds {
            series_max: own.limits.series_max.unwrap_or(Limits::default().series_max),
            output_bytes_max: own.limits.output.map_or(OUTPUT_BYTES_MAX, |size| size.bytes()),
            memory_bytes_max: own.limits.memory.map_or(MEMORY_BYTES_MAX, |size| size.bytes() as u64),
            processes_max: own.limits.processes_max.unwrap_or(PROCESSES_MAX),
            cpu_percent_max: own.limits.cpu_percent_max.unwrap_or(CPU_PERCENT_MAX),
        },
        age_max: found::greatest_age(&found.path),
    })
}

/// What kind of file has this name.
pub fn kind(path: &Path) -> Kind {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("so") => Kind::Object,
        Some("prom") => Kind::Text,
        _ => Kind::Program,
    }
}

/// What the comment at the head of a script says.
pub fn header(trusted: &Trusted) -> Result<Sidecar, Refusal> {
    let head = read(trusted, HEAD_BYTES_MAX)?;
    let head = if head.starts_with(b"#!") { head } else { Vec::new() };
    Sidecar::of_header(&head).map_err(|why| Refusal::new(format!("{}: {why}", trusted.path.display()), ""))
}

/// Reads a sidecar, which must be trusted as the plugin.
pub fn sidecar(path: &Path, ground: &Ground) -> Result<Sidecar, Refusal> {
    // Sums and signatures are about what runs.
    let trusted = Trust { sums: None, keys: None, ..ground.trust.clone() }.open(path)?;
    let text = read(&trusted, SIDECAR_BYTES_MAX)?;
    let parsed =
        String::from_utf8(text).map_err(|error| error.to_string()).and_then(|text| Sidecar::parse(&text));
    parsed.map_err(|why| Refusal::new(format!("{}: {why}", path.display()), ""))
}

fn read(trusted: &Trusted, bytes_max: usize) -> Result<Vec<u8>, Refusal> {
    let mut bytes = vec![0; bytes_max];
    let failed = |error| Refusal::new(format!("{}: {error}", trusted.path.display()), "");
    let length = trusted.file.read_at(&mut bytes, 0).map_err(failed)?;
    bytes.truncate(length);
    Ok(bytes)
}

fn check_name(name: &str) -> Result<(), String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-.:@+".contains(c);
    match name.len() {
        1..=NAME_BYTES_MAX if name.chars().all(fits) => Ok(()),
        1..=NAME_BYTES_MAX => {
            Err(format!("the name {name:?} has characters other than letters, digits and _-.:@+"))
        }
        _ => Err(format!("a name has 1 to {NAME_BYTES_MAX} bytes, found {}", name.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Span;
    use crate::plugin::found::look;
    use crate::state::testing::Scratch;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    struct Directory(Scratch, Ground);

    impl Directory {
        fn new() -> Directory {
            let scratch = Scratch::new("spec");
            let directory = scratch.path().join("plugins.d");
            fs::create_dir_all(&directory).unwrap();
            let config = config::Plugins {
                directories: vec![directory],
                munin_conf: scratch.path().join("none"),
                ..config::Plugins::default()
            };
            let ground = Ground::new(&config, &scratch.path().join("state")).unwrap();
            Directory(scratch, ground)
        }

        fn put(&self, name: &str, text: &str, mode: u32) {
            let path = self.0.path().join("plugins.d").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }

        fn settled(&self) -> Vec<Result<Option<Plugin>, String>> {
            let (found, _) = look(&self.1.trust.directories);
            let told = |refusal: Refusal| {
                refusal.to_string().replace(&self.1.trust.directories[0].display().to_string(), "")
            };
            found.iter().map(|found| settle(found, &self.1).map_err(told)).collect()
        }
    }

    #[test]
    fn place_author_and_administrator_rise_in_weight() {
        let directory = Directory::new();
        directory.put("nagios/check_a", "#!/bin/sh\n# hostward: interval=30s timeout=3s\n", 0o755);
        directory.put("nagios/check_a.toml", "interval = \"2m\"\nlabels = { site = \"x\" }\n", 0o644);
        let plugin = directory.settled().remove(0).unwrap().unwrap();
        assert_eq!((plugin.name.as_str(), plugin.format, plugin.stays), ("check_a", Format::Nagios, false));
        assert_eq!(
            (plugin.every, plugin.timeout),
            (Span::seconds(120).duration(), Span::seconds(3).duration())
        );
        assert_eq!(plugin.labels, [("site".to_owned(), "x".to_owned())]);
    }

    #[test]
    fn what_cannot_run_says_what_to_type() {
        let directory = Directory::new();
        directory.put("a.sh", "#!/bin/sh\n", 0o644);
        directory.put("b.sh", "#!/bin/sh\n# hostward: user=root\n", 0o755);
        directory.put("c.sh", "#!/bin/sh\n", 0o755);
        directory.put("c.toml", "format = \"naggios\"\n", 0o644);
        directory.put("d d.sh", "#!/bin/sh\n", 0o755);
        directory.put("e.sh", "#!/bin/sh\n", 0o755);
        directory.put("e.toml", "enabled = false\n", 0o644);
        let refused = |own: Result<Option<Plugin>, String>| own.map(|own| own.is_some());
        assert_eq!(
            directory.settled().into_iter().map(refused).collect::<Vec<_>>(),
            [
                Err("/a.sh is not executable; type: chmod +x /a.sh".to_owned()),
                Err("/b.sh: \"user=root\" after \"hostward:\" is none of format, interval, timeout, stay"
                    .to_owned()),
                Err("/c.sh: there is no format \"naggios\"".to_owned()),
                Err("/d d.sh: the name \"d d\" has characters other than letters, digits and _-.:@+"
                    .to_owned()),
                Ok(false),
            ]
        );
    }

    #[test]
    fn kinds_have_their_ways() {
        let directory = Directory::new();
        directory.put("600_backup.prom", "a 1\n", 0o644);
        directory.put("libwear.so", "\x7fELF", 0o755);
        directory.put("netdata/apps.plugin", "x", 0o755);
        let all: Vec<_> = directory.settled().into_iter().map(|own| own.unwrap().unwrap()).collect();
        let told: Vec<_> =
            all.iter().map(|own| (own.name.as_str(), own.kind, own.format.as_str(), own.stays)).collect();
        assert_eq!(
            told,
            [
                ("backup", Kind::Text, "textfile", false),
                ("wear", Kind::Object, "native", true),
                ("apps.plugin", Kind::Program, "netdata", true),
            ]
        );
        assert_eq!(all[0].age_max, Some(Duration::from_secs(600)));
    }
}
