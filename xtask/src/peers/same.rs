//! The configuration in which the agent has those probes on that node_exporter has collectors for.

use crate::Outcome;
use crate::live::http::Connection;
use crate::live::peer::Peer;
use hostward_probes::PROBES;
use std::path::{Path, PathBuf};

/// Probes of ours that are a part of one of its collectors.
const PARTS: [(&str, &str); 2] = [("udev", "diskstats"), ("throttle", "cpu")];

/// Writes the configuration; its path.
pub fn config(dir: &Path) -> Outcome<PathBuf> {
    let collectors = collectors(&Peer::start()?)?;
    let has = |name: &str| collectors.iter().any(|own| own == name);
    let part = |name: &str| PARTS.iter().any(|(part, whole)| *part == name && has(whole));
    // Audits are a program of their own, each six hours, and no collector: one of them would fall into the window.
    let mut text = "[audit]\nenabled = false\n".to_owned();
    for spec in PROBES {
        text += &format!("[probes.{}]\nenabled = {}\n", spec.name, has(spec.name) || part(spec.name));
    }
    let unknown: Vec<_> = collectors
        .iter()
        .filter(|own| !PROBES.iter().any(|spec| spec.name == own.as_str()))
        .cloned()
        .collect();
    println!(
        "{} collectors of node_exporter are on; no probe is named: {}",
        collectors.len(),
        unknown.join(" ")
    );
    // In a directory of its own: the agent watches it.
    let path = dir.join("etc/same.toml");
    let written = std::fs::create_dir_all(dir.join("etc")).and_then(|()| std::fs::write(&path, text));
    written.map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

fn collectors(peer: &Peer) -> Outcome<Vec<String>> {
    let answer = Connection::open(peer.address).and_then(|mut connection| connection.get("/metrics", ""));
    let answer = answer.map_err(|error| format!("node_exporter: {error}"))?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let of = |line: &str| {
        let rest = line.strip_prefix("node_scrape_collector_success{collector=\"")?;
        Some(rest.split('"').next()?.to_owned())
    };
    Ok(text.lines().filter_map(of).collect())
}
