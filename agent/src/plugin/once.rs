//! One reading of a plugin that does not stay: it is started, and read to its end.

use super::capture::{Captured, capture};
use super::ground::Ground;
use super::reading::Raw;
use super::spawn::start;
use super::spec::{Kind, Plugin};
use super::trouble::Trouble;
use hostward_formats::{Exit, Format, munin};
use std::io::{PipeReader, Read};
use std::time::{Duration, Instant, SystemTime};

/// How long the answer of a Munin plugin to `config` holds.
const DECLARED_FOR: Duration = Duration::from_secs(300);

/// What is remembered of a plugin between its readings.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    declared: Option<(Instant, Vec<u8>)>,
}

/// Reads a plugin once.
pub fn read(plugin: &Plugin, ground: &Ground, memory: &mut Memory, told: &PipeReader) -> Raw {
    match (plugin.kind, plugin.format) {
        (Kind::Text, _) => text(plugin, ground).map_or_else(Raw::none, Raw::text),
        (_, Format::Munin) => munin(plugin, ground, memory, told),
        _ => match run(plugin, ground, &[], told) {
            Ok(captured) => Raw { declared: Vec::new(), captured },
            Err(trouble) => Raw::none(trouble),
        },
    }
}

fn run(plugin: &Plugin, ground: &Ground, words: &[&str], told: &PipeReader) -> Result<Captured, Trouble> {
    Ok(capture(start(plugin, ground, words)?, &plugin.limits, plugin.timeout, told))
}

fn text(plugin: &Plugin, ground: &Ground) -> Result<Vec<u8>, Trouble> {
    let trusted = ground.trust.open(&plugin.path).map_err(|refusal| Trouble::refused(&refusal))?;
    let failed = |error: std::io::Error| Trouble::unreliable(format!("it cannot be read: {error}"));
    let written = trusted.file.metadata().and_then(|own| own.modified()).map_err(failed)?;
    let age = SystemTime::now().duration_since(written).unwrap_or_default();
    if let Some(most) = plugin.age_max.filter(|most| age > *most) {
        let why = format!("it was written {} s ago and counts for {} s", age.as_secs(), most.as_secs());
        return Err(Trouble::unreliable(why));
    }
    let bytes_max = plugin.limits.output_bytes_max as u64;
    let mut bytes = Vec::new();
    trusted.file.take(bytes_max + 1).read_to_end(&mut bytes).map_err(failed)?;
    match bytes.len() as u64 > bytes_max {
        true => Err(Trouble::unreliable(format!("it is longer than {bytes_max} bytes"))),
        false => Ok(bytes),
    }
}

/// A Munin plugin is asked what its values mean, and unless it has told them with that, for the values.
fn munin(plugin: &Plugin, ground: &Ground, memory: &mut Memory, told: &PipeReader) -> Raw {
    let declared = match memory.declared.take().filter(|(at, _)| at.elapsed() < DECLARED_FOR) {
        Some(kept) => kept,
        None => match run(plugin, ground, &["config"], told) {
            Ok(captured) if munin::has_values(&captured.stdout) || !went_well(&captured) => {
                return Raw { declared: Vec::new(), captured };
            }
            Ok(captured) => (Instant::now(), captured.stdout),
            Err(trouble) => return Raw::none(trouble),
        },
    };
    let raw = match run(plugin, ground, &[], told) {
        Ok(captured) => Raw { declared: declared.1.clone(), captured },
        Err(trouble) => Raw::none(trouble),
    };
    memory.declared = Some(declared);
    raw
}

fn went_well(captured: &Captured) -> bool {
    captured.exit == Exit::Code(0) && captured.trouble.is_none()
}
