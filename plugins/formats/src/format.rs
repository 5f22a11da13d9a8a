//! The formats by name, and one function that reads any of them.

use crate::failure::hollow;
use crate::{Limits, Output, Report, checkmk, collectd, influx, munin, nagios, native, netdata, textfile};

/// How a plugin talks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Prometheus text or OpenMetrics on standard output: hostward's own.
    Native,
    /// A `.prom` file for node_exporter's textfile collector, or a script that prints one.
    Textfile,
    /// A check for Nagios and its descendants.
    Nagios,
    /// A local check for Checkmk.
    Checkmk,
    /// A Munin plugin.
    Munin,
    /// Influx line protocol, for Telegraf's exec and execd.
    Influx,
    /// A plugin for Netdata's plugins.d.
    Netdata,
    /// A program for collectd's exec plugin.
    Collectd,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 8] = [
        Format::Native,
        Format::Textfile,
        Format::Nagios,
        Format::Checkmk,
        Format::Munin,
        Format::Influx,
        Format::Netdata,
        Format::Collectd,
    ];

    /// The name in directories, header comments and settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Native => "native",
            Format::Textfile => "textfile",
            Format::Nagios => "nagios",
            Format::Checkmk => "checkmk",
            Format::Munin => "munin",
            Format::Influx => "influx",
            Format::Netdata => "netdata",
            Format::Collectd => "collectd",
        }
    }

    /// The format with that name, or with one of the names that its own people use.
    pub fn from_name(name: &str) -> Option<Format> {
        let alias = match name {
            "openmetrics" | "prometheus" => "native",
            "prom" => "textfile",
            "monitoring-plugins" | "nrpe" => "nagios",
            "local" | "checkmk-local" => "checkmk",
            "telegraf" | "execd" => "influx",
            "plugins.d" => "netdata",
            "putval" => "collectd",
            name => name,
        };
        Format::ALL.into_iter().find(|format| format.as_str() == alias)
    }

    /// Reads what a plugin of this format said.
    pub fn read(self, output: &Output, limits: &Limits) -> Report {
        let mut report = self.imported(output, limits);
        if let Some(why) = hollow(output, &report).or_else(|| report.misunderstood()) {
            report.spoil(why);
        }
        report
    }

    fn imported(self, output: &Output, limits: &Limits) -> Report {
        match self {
            Format::Native => native::read(output, limits),
            Format::Textfile => textfile::read(output, limits),
            Format::Nagios => nagios::read(output, limits),
            Format::Checkmk => checkmk::read(output, limits),
            Format::Munin => munin::read(output, limits),
            Format::Influx => influx::read(output, limits),
            Format::Netdata => netdata::read(output, limits),
            Format::Collectd => collectd::read(output, limits),
        }
    }

    /// Where the last whole batch ends in what a plugin that stays has said so far.
    pub fn whole_end(self, bytes: &[u8]) -> Option<usize> {
        let mut end = bytes.len();
        while let Some(feed) = bytes[..end].iter().rposition(|byte| *byte == b'\n') {
            let start = bytes[..feed].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            if self.batch_ends_after(&bytes[start..=feed]) {
                return Some(feed + 1);
            }
            end = start;
        }
        None
    }

    /// Whether the output may be cut after this line, so that what is before it is a batch.
    fn batch_ends_after(self, line: &[u8]) -> bool {
        let line = line.trim_ascii();
        match self {
            Format::Native => line == b"# EOF",
            Format::Netdata => matches!(line, b"END" | b"FLUSH" | b"DISABLE" | b"EXIT"),
            Format::Collectd => true,
            // A string may hold a line feed, but each line that a plugin flushes ends a point.
            Format::Influx => !line.is_empty(),
            Format::Textfile | Format::Nagios | Format::Checkmk | Format::Munin => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_has_a_name() {
        for format in Format::ALL {
            assert_eq!(Format::from_name(format.as_str()), Some(format));
        }
        assert_eq!(Format::from_name("telegraf"), Some(Format::Influx));
        assert_eq!(Format::from_name("Nagios"), None);
    }

    #[test]
    fn a_batch_ends_where_a_reading_is_whole() {
        assert!(Format::Native.batch_ends_after(b"# EOF\n"));
        assert!(!Format::Netdata.batch_ends_after(b"SET a = 1\n"));
        assert!(Format::Netdata.batch_ends_after(b"END\r\n"));
        assert!(!Format::Nagios.batch_ends_after(b"OK\n"));
        assert_eq!(Format::Native.whole_end(b"a 1\n# EOF\nb 2\n"), Some(10));
        assert_eq!(Format::Native.whole_end(b"a 1\n# EO"), None);
        assert_eq!(Format::Netdata.whole_end(b"BEGIN a.b\nSET c = 1\nEND\nBEGIN"), Some(24));
        assert_eq!(Format::Collectd.whole_end(b"PUTVAL a/b/c N:1\nPUT"), Some(17));
    }
}
