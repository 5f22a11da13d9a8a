//! From a file to a plugin: what its place, its author and the administrator say, in this order of rising weight.

use super::found::{self, Found};
use super::ground::Ground;
use super::refusal::{Refusal, quoted};
use super::sidecar::Sidecar;
use super::spec::{Bounds, EVERY_MIN, Kind, Plugin, Said, TIMEOUT_MIN};
use super::trust::{Trust, Trusted};
use crate::config::Span;
use hostward_formats::Format;
use hostward_model::escaping::is_plain;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

/// How much of a script is searched for a comment.
const HEAD_BYTES_MAX: usize = 4096;
/// Longest sidecar.
const SIDECAR_BYTES_MAX: usize = 64 << 10;
/// Longest name of a plugin.
const NAME_BYTES_MAX: usize = 64;
/// Munin asks each five minutes, and its plugins are written for that.
const MUNIN_EVERY: Duration = Duration::from_secs(60);

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
    let kind = Kind::of(&found.path);
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
    let format = format(&own, found, kind).map_err(bad)?;
    if let Some(label) = own.labels.keys().find(|label| !is_plain(label)) {
        return Err(bad(format!("{label:?} is no name for a label")));
    }
    let munin = if format == Format::Munin { ground.munin.of(&name) } else { Default::default() };
    let said = Said {
        every: own.interval.map(Span::duration).or(found.place.every).map(|every| every.max(EVERY_MIN)),
        timeout: own.timeout.map(Span::duration).or(munin.timeout).map(|timeout| timeout.max(TIMEOUT_MIN)),
    };
    let usual = if format == Format::Munin { MUNIN_EVERY.max(ground.every) } else { ground.every };
    let stays = kind == Kind::Object || matches!(format, Format::Netdata | Format::Collectd);
    let config = own.config.as_ref().map(serde_json::to_string).transpose();
    let mut environment = munin.environment;
    environment.extend(own.environment);
    Ok(Plugin {
        is_inside: kind == Kind::Object && ground.inside.contains(&name),
        name,
        path: found.path.clone(),
        kind,
        format,
        stays: own.stay.unwrap_or(stays),
        every: said.every.unwrap_or(usual).max(EVERY_MIN),
        timeout: said.timeout.unwrap_or(ground.timeout).max(TIMEOUT_MIN),
        said,
        user: own.user.or(munin.user),
        arguments: own.arguments,
        environment,
        labels: own.labels.into_iter().collect(),
        config: config.map_err(|error| bad(error.to_string()))?,
        grants: own.grants,
        limits: Bounds::of(&own.limits),
        age_max: found::greatest_age(&found.path),
    })
}

/// What the administrator or the author says, or its place, or what is usual for its kind.
fn format(own: &Sidecar, found: &Found, kind: Kind) -> Result<Format, String> {
    let named = |name: &str| Format::from_name(name).ok_or_else(|| format!("there is no format {name:?}"));
    let usual = if kind == Kind::Text { Format::Textfile } else { Format::Native };
    Ok(own.format.as_deref().map(named).transpose()?.or(found.place.format).unwrap_or(usual))
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
    use crate::config;
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
