//! The commented default configuration, printed from the declarations.

use super::section::KeyDoc;
use super::{Config, Engine, Listen, Log, Outbox, ProbeConfig, Rules, Sampling};
use hostward_probes::PROBES;
use std::fmt::Write;
use toml::Table;

/// A file that sets nothing: each key stands behind a `#` with its default.
pub fn reference() -> String {
    let defaults = Table::try_from(Config::default()).unwrap_or_default();
    let mut out = String::from(
        "# Configuration of hostward. Every key is shown with its default; remove the # before a key to set it.\n",
    );
    section(&mut out, &defaults, "sampling", Sampling::ABOUT, Sampling::KEYS);
    section(&mut out, &defaults, "listen", Listen::ABOUT, Listen::KEYS);
    section(&mut out, &defaults, "rules", Rules::ABOUT, Rules::KEYS);
    section(&mut out, &defaults, "engine", Engine::ABOUT, Engine::KEYS);
    section(&mut out, &defaults, "outbox", Outbox::ABOUT, Outbox::KEYS);
    section(&mut out, &defaults, "log", Log::ABOUT, Log::KEYS);
    probes(&mut out);
    out
}

fn section(out: &mut String, defaults: &Table, name: &str, about: &[&str], keys: &[KeyDoc]) {
    let _ = writeln!(out);
    comment(out, about);
    let _ = writeln!(out, "[{name}]");
    let values = defaults.get(name).and_then(|value| value.as_table());
    keys.iter().for_each(|key| self::key(out, values, key));
}

fn key(out: &mut String, values: Option<&Table>, (name, doc): &KeyDoc) {
    comment(out, doc);
    let _ = match values.and_then(|values| values.get(*name)) {
        Some(value) => writeln!(out, "#{name} = {value}"),
        None => writeln!(out, "# ({name} is not set)"),
    };
}

fn probes(out: &mut String) {
    let _ = writeln!(out);
    comment(out, ProbeConfig::ABOUT);
    for spec in PROBES {
        let _ = writeln!(out, "#   {:<12} {}", spec.name, spec.about);
    }
    let _ = writeln!(out, "#[probes.NAME]");
    let values = Table::try_from(ProbeConfig::default()).ok();
    ProbeConfig::KEYS.iter().for_each(|key| self::key(out, values.as_ref(), key));
}

fn comment(out: &mut String, lines: &[&str]) {
    for line in lines {
        let _ = writeln!(out, "#{}", line.trim_end());
    }
}
