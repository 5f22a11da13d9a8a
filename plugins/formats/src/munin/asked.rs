//! The other things that a Munin plugin can be asked for.

use crate::{Exit, Limits, Output, failure, text};

/// Whether an answer to `config` has values, so that the plugin need not be asked for them.
pub fn has_values(config: &[u8]) -> bool {
    config.split(|byte| *byte == b'\n').any(|line| {
        let key = line.trim_ascii().split(|byte| byte.is_ascii_whitespace()).next();
        key.is_some_and(|key| key.ends_with(b".value"))
    })
}

/// The answer to `autoconf`: whether the plugin can do anything on this host, and why not.
pub fn autoconf(output: &Output) -> Result<(), String> {
    if let Some(why) = failure(output, i32::MAX) {
        return Err(why);
    }
    let said = text::line(&String::from_utf8_lossy(output.stdout), Limits::default().text_bytes_max);
    match said.strip_prefix("no") {
        _ if said == "yes" => Ok(()),
        Some(why) => Err(why.trim().trim_start_matches('(').trim_end_matches(')').to_owned()),
        None => Err(format!("autoconf must say yes or no, found {said:?}")),
    }
}

/// The answer to `suggest`: what can follow the underscore in the name of a wildcard plugin. Nothing printed is nothing to suggest.
pub fn suggest(output: &Output, limits: &Limits) -> Result<Vec<String>, String> {
    let nothing = output.exit == Exit::Code(0) && output.stdout.trim_ascii().is_empty();
    if let Some(why) = failure(output, 0).filter(|_| !nothing) {
        return Err(why);
    }
    let said = String::from_utf8_lossy(&output.stdout[..output.stdout.len().min(limits.output_bytes_max)]);
    let names = said.lines().map(str::trim).filter(|line| !line.is_empty()).take(limits.series_max);
    let fits = |name: &str| !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '/');
    names
        .map(|name| match fits(name) {
            true => Ok(name.to_owned()),
            false => Err(format!("suggest gave {name:?}, which cannot be a part of a file's name")),
        })
        .collect()
}
