//! A plugin tried out by hand: it is run as the daemon would, twice, and what was said of it is kept.

use super::claims::Claims;
use super::conformance::{Rule, rules};
use super::found::{Found, Place, Stamp};
use super::ground::Ground;
use super::once::{self, Memory};
use super::reading::{Raw, Reading, understood};
use super::recording::{self, Recording};
use super::refusal::{Refusal, quoted};
use super::rows;
use super::settle::{header, made, sidecar};
use super::sidecar::Sidecar;
use super::spec::{Kind, Plugin, Said};
use super::stay;
use super::trouble::Trouble;
use super::trust::Trust;
use crate::clock;
use crate::config;
use hostward_formats::{Exit, Format, Limits, Output, Rejected, Report, munin, sniff};
use std::path::Path;
use std::time::Duration;

/// Readings that are compared.
const RUNS: usize = 2;

/// Lines about what was denied that are told.
const DENIED_MAX: usize = 10;

/// What was found out.
pub struct Trial {
    /// How it was run.
    pub plugin: Plugin,
    /// Why the daemon would not run it where it is.
    pub refusal: Option<Refusal>,
    /// The readings.
    pub tried: Vec<Tried>,
    /// Of a shared object: which rules of the interface it keeps.
    pub rules: Vec<Rule>,
}

/// One reading.
pub struct Tried {
    /// What it printed.
    pub raw: Raw,
    /// What that means.
    pub reading: Reading,
    /// What is left out of it beyond that.
    pub refused: Vec<Rejected>,
    /// Samples that a daemon would take.
    pub samples: usize,
}

/// Runs a plugin, wherever it is.
pub fn try_out(
    path: &Path,
    format: Option<Format>,
    config: &config::Plugins,
    state_dir: &Path,
) -> Result<Trial, String> {
    let path = std::path::absolute(path).map_err(|error| error.to_string())?;
    let directories = path.parent().map(Path::to_owned).into_iter().collect();
    let mut ground = Ground::new(config, state_dir)?;
    let strict = Trust { directories, ..ground.trust.clone() };
    let refusal = strict.open(&path).err();
    ground.trust = Trust { is_waived: true, ..strict };
    // What is tried out is not loaded into anybody's process.
    ground.inside.clear();
    let plugin = settled(&path, format, &ground).map_err(|refusal| refusal.to_string())?;
    let tried = if plugin.stays { lived(&plugin, &ground) } else { read(&plugin, &ground) };
    let tried = tried?;
    let rules = if plugin.kind == Kind::Object { rules(&plugin, &ground)? } else { Vec::new() };
    Ok(Trial { plugin, refusal, tried, rules })
}

fn settled(path: &Path, format: Option<Format>, ground: &Ground) -> Result<Plugin, Refusal> {
    let trusted = ground.trust.open(path)?;
    let stamp = Stamp::of(path).ok_or_else(|| Refusal::new(format!("{} is no file", path.display()), ""))?;
    let beside = [path.to_owned(), path.with_extension("")];
    let sidecar_path = beside.iter().map(|path| {
        let mut name = path.as_os_str().to_owned();
        name.push(".toml");
        Path::new(&name).to_owned()
    });
    let sidecar_path = sidecar_path.into_iter().find(|path| path.is_file());
    let mut own = sidecar_path.as_deref().map_or(Ok(Sidecar::default()), |path| sidecar(path, ground))?;
    if let Some(format) = format {
        own.format = Some(format.as_str().to_owned());
    }
    let kind = Kind::of(path);
    if kind == Kind::Program && !trusted.is_executable {
        let mend = format!("chmod +x {}", quoted(path));
        return Err(Refusal::new(format!("{} is not executable", path.display()), mend));
    }
    let header = if kind == Kind::Program { header(&trusted)? } else { Sidecar::default() };
    let found =
        Found { path: path.to_owned(), place: Place::of(path), sidecar: sidecar_path, stamp: (stamp, None) };
    made(&found, kind, own.or(header), ground)
}

fn read(plugin: &Plugin, ground: &Ground) -> Result<Vec<Tried>, String> {
    let (told, _stop) = std::io::pipe().map_err(|error| error.to_string())?;
    let mut memory = Memory::default();
    let all = (0..RUNS).map(|_| {
        let raw = once::read(plugin, ground, &mut memory, &told);
        let reading = understood(plugin, &raw);
        tried(plugin, raw, reading)
    });
    Ok(all.collect())
}

fn lived(plugin: &Plugin, ground: &Ground) -> Result<Vec<Tried>, String> {
    let every = plugin.every.min(Duration::from_secs(1));
    let said = Said { every: Some(every), ..plugin.said };
    let plugin = Plugin { every, said, ..plugin.clone() };
    let (told, stop) = std::io::pipe().map_err(|error| error.to_string())?;
    let (mut all, mut stop) = (Vec::new(), Some(stop));
    let ended = stay::live(&plugin, ground, &told, |raw, reading| {
        all.push(tried(&plugin, raw.clone(), reading));
        if all.len() == RUNS {
            stop.take();
        }
    });
    if let Some(trouble) = ended.trouble {
        all.push(failed(trouble));
    }
    Ok(all)
}

fn failed(trouble: Trouble) -> Tried {
    let report = Report { unknown: Some(trouble.why.clone()), ..Report::default() };
    let raw = Raw::none(trouble.clone());
    let reading = Reading { report, trouble: Some(trouble), cost: Default::default(), pace: None };
    Tried { raw, reading, refused: Vec::new(), samples: 0 }
}

fn tried(plugin: &Plugin, raw: Raw, reading: Reading) -> Tried {
    let now_s = clock::now().wall_ms as f64 / 1000.0;
    let (batch, refused) = rows::batch(&reading.report, plugin, "tried", &mut Claims::default(), now_s);
    Tried { samples: batch.len(), raw, reading, refused }
}

impl Trial {
    /// Whether both readings have the same series; nothing if there are no two.
    pub fn is_steady(&self) -> Option<bool> {
        let series = |tried: &Tried| {
            let samples = tried.reading.report.families.iter().flat_map(|family| &family.samples);
            let mut all: Vec<_> =
                samples.map(|sample| (sample.name.clone(), sample.labels.clone())).collect();
            all.sort();
            all
        };
        match self.tried.as_slice() {
            [one, other, ..] => Some(series(one) == series(other)),
            _ => None,
        }
    }

    /// What the sandbox, or the host, did not let it do, in its own words.
    pub fn denied(&self) -> Vec<String> {
        const SIGNS: [&str; 5] =
            ["Permission denied", "Operation not permitted", "EACCES", "EPERM", "Read-only file system"];
        let texts =
            self.tried.iter().map(|tried| String::from_utf8_lossy(&tried.raw.captured.stderr).into_owned());
        let own = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
        let own = own.filter(|line| SIGNS.iter().any(|sign| line.contains(sign)));
        let sandbox = self.tried.iter().flat_map(|tried| tried.raw.captured.sandbox.iter().cloned());
        let mut lines: Vec<String> = sandbox.chain(own).collect();
        lines.sort();
        lines.dedup();
        if lines.len() > DENIED_MAX {
            let more = lines.len() - DENIED_MAX;
            lines.truncate(DENIED_MAX);
            lines.push(format!("and {more} more"));
        }
        if self.tried.iter().any(|tried| tried.raw.captured.exit == Exit::Signal(31)) {
            lines.push("a system call that plugins may not make".to_owned());
        }
        lines
    }

    /// The first run, as a file that can be replayed.
    pub fn recording(&self) -> Option<Vec<u8>> {
        self.tried.first().map(|tried| recording::text(&tried.raw))
    }
}

impl Recording {
    /// The format that a recording is of, and how that is known.
    pub fn format(&self, said: Option<Format>) -> Option<(Format, String)> {
        if let Some(format) = said {
            return Some((format, "you said so".to_owned()));
        }
        if let Some(format) = Place::of(&self.path).format {
            return Some((format, "its directory says so".to_owned()));
        }
        sniff(&self.output()).map(|(format, why)| (format, why.to_owned()))
    }

    /// What a plugin of that format meant.
    pub fn understood(&self, format: Format) -> Report {
        format.read(&self.output(), &Limits::default())
    }

    /// What a Munin plugin answered to something else than the question for its values.
    pub fn answer(&self) -> Option<Result<String, String>> {
        match self.asked.as_str() {
            "autoconf" => Some(munin::autoconf(&self.output()).map(|()| "yes".to_owned())),
            "suggest" => {
                Some(munin::suggest(&self.output(), &Limits::default()).map(|names| names.join("\n")))
            }
            _ => None,
        }
    }

    fn output(&self) -> Output<'_> {
        let Raw { declared, captured } = &self.raw;
        let (name, stdout, stderr) = (&self.name, &captured.stdout, &captured.stderr);
        Output { name, stdout, stderr, exit: captured.exit, declared }
    }
}
