//! A guess at the format of an output, with the reason for it.

use crate::{Exit, Format, Output, State};

/// The format that the output looks like, and why. Nothing when it looks like none, or like any.
pub fn sniff(output: &Output) -> Option<(Format, &'static str)> {
    let text = String::from_utf8_lossy(&output.stdout[..output.stdout.len().min(64 << 10)]);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let first = lines.first()?;
    let any = |test: fn(&str) -> bool| lines.iter().any(|line| test(line));
    let starts = |words: &[&str]| words.iter().any(|word| first.starts_with(word));
    if starts(&["PUTVAL ", "PUTNOTIF "]) {
        return Some((Format::Collectd, "it begins with PUTVAL or PUTNOTIF"));
    }
    if starts(&["CHART ", "HOST_DEFINE ", "HOST "]) || *first == "DISABLE" {
        return Some((Format::Netdata, "it begins with CHART, HOST or DISABLE"));
    }
    if any(|line| line == "# EOF") || any(|line| line.starts_with("# TYPE ") || line.starts_with("# HELP ")) {
        return Some((Format::Native, "it has # TYPE, # HELP or # EOF lines"));
    }
    if starts(&["multigraph ", "graph_"]) || any(is_munin_value) {
        return Some((Format::Munin, "it has graph_, multigraph or NAME.value lines"));
    }
    if lines.iter().all(|line| is_local(line)) {
        return Some((Format::Checkmk, "each line begins with a state and the name of a service"));
    }
    if lines.iter().all(|line| is_sample(line)) {
        return Some((Format::Native, "each line is a name and a number"));
    }
    if lines.iter().all(|line| line.starts_with('#') || crate::influx::is_point(line)) {
        return Some((Format::Influx, "each line is a measurement and fields"));
    }
    let state = match output.exit {
        Exit::Code(code) => State::from_code(code),
        _ => None,
    };
    let status = state.is_some_and(|state| first.contains(state.as_str()));
    status.then_some((Format::Nagios, "its first line names the state of its exit code"))
}

fn is_munin_value(line: &str) -> bool {
    line.split_once(' ').is_some_and(|(field, _)| {
        let name = field.strip_suffix(".value").unwrap_or("");
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

fn is_local(line: &str) -> bool {
    let line = match line.starts_with("cached(") {
        true => line.split_once(") ").map_or("", |(_, rest)| rest),
        false => line,
    };
    let mut words = line.split_whitespace();
    matches!(words.next(), Some("0" | "1" | "2" | "3" | "P")) && words.nth(1).is_some()
}

fn is_sample(line: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    let rest = line.trim_start_matches(name);
    let value =
        if rest.starts_with('{') { rest.rsplit_once('}').map_or("", |(_, value)| value) } else { rest };
    rest.len() < line.len() && value.split_whitespace().next().is_some_and(|word| word.parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_guessed_for_a_reason() {
        let cases = [
            ("PUTVAL h/p/t N:1\n", 0, "collectd"),
            ("CHART a.b '' t u\n", 0, "netdata"),
            ("DISABLE\n", 0, "netdata"),
            ("# HELP a b\na 1\n", 0, "native"),
            ("up{a=\"b}\"} 1\n", 0, "native"),
            ("graph_title x\n", 0, "munin"),
            ("load.value 1\n", 0, "munin"),
            ("0 Name - fine\n2 Other x=1 bad\n", 0, "checkmk"),
            ("cpu,host=a idle=3i 17\n", 0, "influx"),
            ("DISK OK - free\n", 0, "nagios"),
            ("DISK OK - free\n", 2, "none"),
            ("hello\n", 0, "none"),
            ("5\n", 0, "none"),
            ("", 0, "none"),
        ];
        for (text, code, expected) in cases {
            let stdout = text.as_bytes();
            let output = Output { name: "x", stdout, stderr: b"", exit: Exit::Code(code), declared: b"" };
            assert_eq!(sniff(&output).map_or("none", |(format, _)| format.as_str()), expected, "{text}");
        }
    }
}
