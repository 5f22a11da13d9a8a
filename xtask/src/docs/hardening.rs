//! The page of checks, frameworks and areas of facts.

use super::PRINTED;
use crate::Outcome;
use crate::content::{templates, texts};
use hostward_harden::check::Check;
use hostward_harden::compliance::{Decidable, Framework};
use hostward_probes::facts::READERS;
use std::fmt::Write;

pub fn page() -> Outcome<String> {
    let mut out =
        format!("# Hardening\n\n{PRINTED}\n## Checks\n\n| check | holds when | severity |\n|---|---|---|\n");
    for (path, text) in texts("checks")? {
        let own = Check::parse(&path.display().to_string(), &text).map_err(|error| error.to_string())?;
        let _ = writeln!(out, "| `{}` | {} | {} |", own.id, own.title, own.severity.as_str());
    }
    out += "\n## Frameworks\n\nRequirements, and how many of them a host can decide wholly or partly.\n\n\
            | framework | requirements | wholly | partly | what its score says |\n|---|---|---|---|---|\n";
    for (path, text) in texts("frameworks")? {
        let own = Framework::parse(&path.display().to_string(), &text).map_err(|error| error.to_string())?;
        let count = |wanted| own.requirements.values().filter(|own| own.decidable == wanted).count();
        let (all, wholly, partly) = (own.requirements.len(), count(Decidable::Yes), count(Decidable::Partly));
        let title = format!("`{}` {}, {}", own.id, own.title, own.version);
        let _ = writeln!(out, "| {title} | {all} | {wholly} | {partly} | {} |", own.about);
    }
    out += "\n## Configurations\n\n`hostward harden render TARGET`, and the parameters that `--set` or the tailoring takes.\n\n\
            | target | where | danger | parameters |\n|---|---|---|---|\n";
    for own in templates()?.fronts() {
        let names = own.values.keys().chain(own.inputs.keys()).chain(own.options.keys());
        let names = names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" ");
        let _ = writeln!(
            out,
            "| `{}` {} | `{}` | {} | {names} |",
            own.name,
            own.title,
            own.path,
            own.danger.as_str()
        );
    }
    out += "\n## Areas of facts\n\n| area | what its facts say | read first |\n|---|---|---|\n";
    for reader in READERS {
        let reads = reader.reads.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(" ");
        let _ = writeln!(out, "| `{}` | {} | {reads} |", reader.area, reader.about);
    }
    Ok(out)
}
