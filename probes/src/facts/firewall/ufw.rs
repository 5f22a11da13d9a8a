//! ufw's own files: ufw-framework(8). It lets loopback through and drops what pretends to come from it by itself.

use crate::Fault;
use crate::facts::key_value;
use crate::facts::line::lines;
use crate::facts::{Found, image::Image};
use hostward_model::{Fact, Origin};

const MAIN: &str = "/etc/ufw/ufw.conf";
const POLICIES: [(&str, &str); 3] = [
    ("DEFAULT_INPUT_POLICY", "input.policy"),
    ("DEFAULT_FORWARD_POLICY", "forward.policy"),
    ("DEFAULT_OUTPUT_POLICY", "output.policy"),
];

pub fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    let Some(text) = image.text_if_there(MAIN)? else { return Ok(()) };
    let mut last =
        |key: &str, value: &str, origin: Origin| found.last(Fact::new(key, value, origin).within("ufw"));
    for fact in key_value::pairs(MAIN, &text).filter(|fact| fact.key == "ENABLED") {
        last("enabled", &fact.value, fact.origin)?;
    }
    let defaults = "/etc/default/ufw";
    for fact in key_value::pairs(defaults, &image.text_if_there(defaults)?.unwrap_or_default()) {
        if let Some((_, key)) = POLICIES.iter().find(|(name, _)| *name == fact.key) {
            last(key, &fact.value.to_ascii_lowercase(), fact.origin)?;
        }
    }
    last("input.loopback", "accept", Origin::file("/etc/ufw/before.rules"))?;
    last("input.loopback-spoof", "drop", Origin::file("/etc/ufw/before.rules"))?;
    for path in ["/etc/ufw/user.rules", "/etc/ufw/user6.rules"] {
        let text = image.text_if_there(path)?.unwrap_or_default();
        let ports = lines(&text, &[]).filter_map(|(number, line)| Some((number, allowed(line)?)));
        found.extend(ports.map(|(number, port)| {
            Fact::new("input.accept", port, Origin::line(path, number)).within("ufw")
        }))?;
    }
    Ok(())
}

/// `### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in`
fn allowed(line: &str) -> Option<String> {
    let mut words = line.strip_prefix("### tuple ### ")?.split_whitespace();
    let (action, protocol, port) = (words.next()?, words.next()?, words.next()?);
    let allows = action == "allow" || action == "limit";
    allows.then(|| format!("{protocol}/{port}"))
}
