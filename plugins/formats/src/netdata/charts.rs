//! All charts of a plugin, as they were declared.

use super::chart::{Chart, Dimension, factors};
use crate::name;
use std::collections::HashMap;

/// Most labels of a chart; a further one is rejected.
const LABELS_MAX: usize = 30;
/// Most hosts that a plugin tells about; a further one is rejected.
const HOSTS_MAX: usize = 100;

/// All charts of a plugin, and what is spoken of.
pub struct Charts {
    charts: Vec<Chart>,
    /// By host and id.
    places: HashMap<(String, String), usize>,
    /// The chart that was declared last.
    last: Option<usize>,
    hosts: Vec<Host>,
    /// The host that is spoken of; empty for this one.
    host: String,
    bytes: usize,
    bytes_max: usize,
}

/// Another host that a plugin tells about.
struct Host {
    guid: String,
    name: String,
    line: String,
}

impl Charts {
    /// Nothing declared; at most `bytes_max` bytes of declarations are kept.
    pub fn new(bytes_max: usize) -> Self {
        Charts {
            charts: Vec::new(),
            places: HashMap::new(),
            last: None,
            hosts: Vec::new(),
            host: String::new(),
            bytes: 0,
            bytes_max,
        }
    }

    pub fn place(&self, id: &str) -> Option<usize> {
        let at = *self.places.get(&(self.host.clone(), id.to_owned()))?;
        (!self.charts[at].gone).then_some(at)
    }

    pub fn get(&self, at: usize) -> &Chart {
        &self.charts[at]
    }

    /// Takes a line that declares something.
    pub fn declare(&mut self, keyword: &str, words: &[&str], line: &str) -> Result<(), String> {
        let line = line.trim().to_owned();
        if self.bytes + line.len() > self.bytes_max {
            return Err(format!("more than {} bytes of declarations", self.bytes_max));
        }
        match keyword {
            "CHART" => self.chart(words, line),
            "DIMENSION" => self.dimension(words, line),
            "CLABEL" => self.label(words, line),
            "HOST_DEFINE" => self.define_host(words, line),
            "HOST" => self.turn_to(words.first().copied().unwrap_or("")),
            _ => Err(format!("{keyword:?} is no word of plugins.d")),
        }
    }

    fn chart(&mut self, words: &[&str], line: String) -> Result<(), String> {
        let word = |at: usize| words.get(at).copied().unwrap_or("").to_owned();
        let id = word(0);
        if !id.split_once('.').is_some_and(|(kind, name)| !kind.is_empty() && !name.is_empty()) {
            return Err(format!("a chart must be TYPE.ID, found {id:?}"));
        }
        let next = self.charts.len();
        let at = *self.places.entry((self.host.clone(), id.clone())).or_insert(next);
        self.last = Some(at);
        if at == next {
            self.bytes += line.len();
            self.charts.push(Chart::new(id, self.host.clone()));
        }
        let chart = &mut self.charts[at];
        let host = self.hosts.iter().find(|host| host.guid == self.host);
        chart.host_name = host.map_or(&self.host, |host| &host.name).clone();
        (chart.title, chart.units, chart.context) = (word(2), word(3), word(5));
        if chart.title.is_empty() {
            chart.title = format!("Chart {}.", chart.id);
        }
        chart.gone = word(9).split_whitespace().any(|option| option == "obsolete");
        chart.line = line;
        Ok(())
    }

    fn dimension(&mut self, words: &[&str], line: String) -> Result<(), String> {
        let at = self.last.ok_or("DIMENSION without a CHART")?;
        let word = |at: usize| words.get(at).copied().unwrap_or("");
        let (id, name) = (word(0), word(1));
        if id.is_empty() {
            return Err("a dimension must have a name".to_owned());
        }
        let (counts, share) = match word(2) {
            "" | "absolute" => (false, false),
            "incremental" => (true, false),
            "percentage-of-absolute-row" => (false, true),
            "percentage-of-incremental-row" => (true, true),
            // As Netdata itself does.
            _ => (false, false),
        };
        let (multiplier, divisor) =
            factors(word(3), word(4)).ok_or_else(|| format!("{id}: no multiplier and divisor"))?;
        // What counts is drawn downwards by a negative multiplier, and still grows.
        let multiplier = if counts { multiplier.abs() } else { multiplier };
        let name = if name.is_empty() { id } else { name }.to_owned();
        self.bytes += self.charts[at].add(id, Dimension { name, counts, multiplier, divisor, share, line });
        Ok(())
    }

    fn label(&mut self, words: &[&str], line: String) -> Result<(), String> {
        let at = self.last.ok_or("CLABEL without a CHART")?;
        let [key, value, ..] = *words else { return Err("CLABEL must have a name and a value".to_owned()) };
        let chart = &mut self.charts[at];
        let label = name::label(key);
        chart.labels.retain(|(name, ..)| *name != label);
        if chart.labels.len() >= LABELS_MAX {
            return Err(format!("{} has more than {LABELS_MAX} labels", chart.id));
        }
        self.bytes += line.len();
        chart.labels.push((label, value.to_owned(), line));
        Ok(())
    }

    fn define_host(&mut self, words: &[&str], line: String) -> Result<(), String> {
        let [guid, name, ..] = *words else {
            return Err("HOST_DEFINE must have an id and a name".to_owned());
        };
        self.hosts.retain(|host| host.guid != guid);
        if self.hosts.len() >= HOSTS_MAX {
            return Err(format!("more than {HOSTS_MAX} hosts"));
        }
        self.turn_to(guid)?;
        self.bytes += line.len();
        self.hosts.push(Host { guid: guid.to_owned(), name: name.to_owned(), line });
        Ok(())
    }

    /// What follows is about this host; about the plugin's own if it is empty.
    fn turn_to(&mut self, guid: &str) -> Result<(), String> {
        if !guid.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')) {
            return Err(format!("{guid:?} is no id of a host"));
        }
        self.host = if guid == "localhost" { String::new() } else { guid.to_owned() };
        self.last = None;
        Ok(())
    }

    /// Lines that declare all of it again, and leave the same host spoken of.
    pub fn declared(&self) -> Vec<u8> {
        let mut out = String::new();
        let mut host = "";
        let turn = |out: &mut String, to: &str, host: &str| {
            if to != host {
                out.push_str(&format!("HOST '{}'\n", if to.is_empty() { "localhost" } else { to }));
            }
        };
        self.hosts.iter().for_each(|defined| {
            out.push_str(&format!("{}\nHOST localhost\n", defined.line));
        });
        for chart in self.charts.iter().filter(|chart| !chart.gone) {
            turn(&mut out, &chart.host, host);
            host = &chart.host;
            let dimensions = chart.dimensions.iter().map(|dimension| &dimension.line);
            for line in
                [&chart.line].into_iter().chain(chart.labels.iter().map(|(.., line)| line)).chain(dimensions)
            {
                out.push_str(line);
                out.push('\n');
            }
        }
        turn(&mut out, &self.host, host);
        out.into_bytes()
    }
}
