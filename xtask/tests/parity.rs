//! Every probe over node_exporter's captured host: equal in names, labels, types and values.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use hostward_model::{Batch, Kind, Metric, number, text};
use hostward_probes::{Host, PROBES, Settings, Spec, Value};
use hostward_xtask::parity::{Capture, compare};
use std::collections::BTreeMap;
use toml::Table;

/// The sampler's own, which runs no probe here.
static SUCCESS: Metric = Metric::gauge("node_scrape_collector_success", "", &["collector"]);

type Families = BTreeMap<String, (Kind, &'static str, Vec<String>)>;

fn settings(config: &Table, spec: &Spec) -> Settings {
    let mut settings = Settings::new(spec.settings);
    let own = config.get("probes").and_then(|probes| probes.get(spec.name)).and_then(toml::Value::as_table);
    for (name, value) in own.into_iter().flatten().filter(|(name, _)| *name != "enabled") {
        let value: Value = value.clone().try_into().unwrap();
        settings.set(name, value).unwrap_or_else(|why| panic!("{}.{name}: {why}", spec.name));
    }
    settings
}

fn run(spec: &Spec, config: &Table, host: &mut Host, families: &mut Families) {
    let mut batch = Batch::new();
    let result = (spec.start)(&settings(config, spec)).collect(host, &mut batch);
    batch.push(&SUCCESS, &[spec.name], f64::from(u8::from(result.is_ok())));
    for sample in batch.samples() {
        let name = sample.metric.full_name(sample.fill());
        let mut line = String::new();
        text::write_series(&mut line, &name, sample.metric.labels.iter().copied().zip(sample.labels()));
        line.push(' ');
        number::write(&mut line, sample.value);
        let own = (sample.metric.kind, sample.metric.help, Vec::new());
        families
            .entry(sample.metric.family(&sample.metric.full_name(sample.fill())))
            .or_insert(own)
            .2
            .push(line);
    }
}

fn exposition(capture: &Capture) -> String {
    let config: Table = std::fs::read_to_string(capture.config()).unwrap().parse().unwrap();
    let (mut host, mut families) = (Host::new(capture.root()), Families::new());
    PROBES.iter().for_each(|spec| run(spec, &config, &mut host, &mut families));
    let mut out = String::new();
    for (name, (kind, help, lines)) in families {
        text::write_head(&mut out, text::Format::Text, &name, kind, help);
        lines.iter().for_each(|line| out += &format!("{line}\n"));
    }
    out
}

#[test]
fn node_exporter_says_the_same() {
    let capture = Capture::unpack("test").unwrap();
    let comparison = compare(&capture.expected().unwrap(), &exposition(&capture)).unwrap();
    println!("{}", comparison.table());
    let complaints = comparison.complaints();
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}
