//! Names of metrics and labels from what plugins call things. Decided here, once, for all formats that do not name metrics
//! themselves; see `docs/adr/0018-names-from-plugins.md`.

use crate::exposition::Type;

/// The name of a metric: the plugin, the parts that are its own words, the unit, and `_total` when it counts.
///
/// Each part becomes lower case letters, digits and single underscores. A part that begins with what is there already is not
/// said twice (`diskstats` and `diskstats_latency` are `diskstats_latency`), nor is a unit.
pub fn metric(plugin: &str, parts: &[&str], unit: &str, kind: Type) -> String {
    let mut name = plain(plugin);
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    parts.iter().for_each(|part| join(&mut name, &plain(part)));
    let counted = if kind == Type::Counter { "total" } else { "" };
    if counted == "total" {
        name.truncate(name.strip_suffix("_total").unwrap_or(&name).len());
    }
    [unit, counted].iter().for_each(|suffix| append(&mut name, suffix));
    name
}

fn join(name: &mut String, part: &str) {
    match part.strip_prefix(name.as_str()) {
        Some(rest) if rest.is_empty() || rest.starts_with('_') => name.push_str(rest),
        _ => append(name, part),
    }
}

fn append(name: &mut String, part: &str) {
    let there = name.strip_suffix(part).is_some_and(|rest| rest.ends_with('_'));
    if !part.is_empty() && !there {
        name.push('_');
        name.push_str(part);
    }
}

/// The name of a label. It cannot be empty, begin with a digit or with the two underscores that Prometheus keeps for itself.
pub fn label(text: &str) -> String {
    let name = plain(text);
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if fits { name } else { format!("_{name}") }
}

/// Lower case letters, digits and single underscores between them.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => out.push(c),
            _ if out.is_empty() || out.ends_with('_') => {}
            _ => out.push('_'),
        }
    }
    out.truncate(out.trim_end_matches('_').len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_spelling() {
        let cases = [
            (metric("check_ping", &[], "seconds", Type::Gauge), "check_ping_seconds"),
            (metric("diskstats", &["diskstats_latency"], "", Type::Gauge), "diskstats_latency"),
            (metric("disk", &["diskstats"], "", Type::Gauge), "disk_diskstats"),
            (metric("disk_bytes", &[], "bytes", Type::Counter), "disk_bytes_total"),
            (metric("net", &["rx_total"], "bytes", Type::Counter), "net_rx_bytes_total"),
            (metric("CheckÜ-Disk.sh", &["/var//log", ""], "", Type::Gauge), "check_disk_sh_var_log"),
            (metric("7zip", &[], "", Type::Gauge), "_7zip"),
            (metric("", &["x"], "", Type::Gauge), "__x"),
        ];
        for (name, expected) in cases {
            assert_eq!(name, expected);
        }
        assert_eq!(["Host-Name", "__name__", "1st", "é"].map(label), ["host_name", "name", "_1st", "_"]);
    }
}
