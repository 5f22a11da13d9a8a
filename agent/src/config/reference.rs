//! The commented default configuration, printed from the declarations.

use super::section::KeyDoc;
use super::{
    Alerts, Anomaly, Audit, Config, Engine, History, InhibitionRule, Listen, Log, Outbox, Plugins, Receiver,
    Rules, Sampling,
};
use hostward_probes::{PROBES, Preset};
use serde::Serialize;
use std::fmt::Write;
use toml::{Table, Value};

/// What holds for all probes.
pub const PROBES_ABOUT: &str = " Probes. Each also takes interval, the time between two runs, 1s to 24h; unless set it \
    is\n# sampling.interval, or longer where the probe says so. Patterns match whole names; an empty one is not set.";

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
    section(&mut out, &defaults, "history", History::ABOUT, History::KEYS);
    section(&mut out, &defaults, "anomaly", Anomaly::ABOUT, Anomaly::KEYS);
    section(&mut out, &defaults, "outbox", Outbox::ABOUT, Outbox::KEYS);
    section(&mut out, &defaults, "plugins", Plugins::ABOUT, Plugins::KEYS);
    section(&mut out, &defaults, "audit", Audit::ABOUT, Audit::KEYS);
    section(&mut out, &defaults, "log", Log::ABOUT, Log::KEYS);
    section(&mut out, &defaults, "alerts", Alerts::ABOUT, Alerts::KEYS);
    named(&mut out, &Receiver::default(), "receivers", Receiver::ABOUT, Receiver::KEYS);
    named(&mut out, &InhibitionRule::default(), "inhibitions", InhibitionRule::ABOUT, InhibitionRule::KEYS);
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

/// A kind of section of which there can be several; none is there unless somebody names it.
fn named(out: &mut String, default: &impl Serialize, name: &str, about: &[&str], keys: &[KeyDoc]) {
    let values = Table::try_from(default).unwrap_or_default();
    let _ = writeln!(out);
    comment(out, about);
    let _ = writeln!(out, "#[{name}.NAME]");
    keys.iter().for_each(|key| self::key(out, Some(&values), key));
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
    comment(out, &[PROBES_ABOUT]);
    for spec in PROBES {
        let _ = writeln!(
            out,
            "\n# {}: {}.\n#[probes.{}]\n#enabled = {}",
            spec.name, spec.about, spec.name, spec.enabled
        );
        for setting in spec.settings {
            let _ = writeln!(out, "# {}\n#{} = {}", setting.about, setting.name, shown(&setting.default));
        }
    }
}

fn shown(preset: &Preset) -> Value {
    match *preset {
        Preset::Flag(flag) => Value::Boolean(flag),
        Preset::Number(number) => Value::Integer(number as i64),
        Preset::Text(text) | Preset::Pattern(text) => Value::String(text.to_owned()),
        Preset::List(list) => Value::Array(list.iter().map(|&word| Value::String(word.to_owned())).collect()),
    }
}

fn comment(out: &mut String, lines: &[&str]) {
    for line in lines {
        let _ = writeln!(out, "#{}", line.trim_end());
    }
}
