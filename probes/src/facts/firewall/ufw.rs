//! ufw's own files: ufw-framework(8). It lets loopback through and drops what pretends to come from it by itself.

use crate::Fault;
use crate::facts::image::Image;
use crate::facts::key_value;
use crate::facts::line::lines;
use hostward_model::{Fact, Origin};

const MAIN: &str = "/etc/ufw/ufw.conf";
const POLICIES: [(&str, &str); 3] = [
    ("DEFAULT_INPUT_POLICY", "input.policy"),
    ("DEFAULT_FORWARD_POLICY", "forward.policy"),
    ("DEFAULT_OUTPUT_POLICY", "output.policy"),
];

pub fn read(image: &Image<'_>) -> Result<Vec<Fact>, Fault> {
    let Some(text) = image.text_if_there(MAIN)? else { return Ok(Vec::new()) };
    let mut facts: Vec<Fact> = key_value::parse(MAIN, &text)
        .into_iter()
        .filter(|fact| fact.key == "ENABLED")
        .map(|fact| Fact { key: "enabled".to_owned(), ..fact })
        .collect();
    let defaults = "/etc/default/ufw";
    for fact in key_value::parse(defaults, &image.text_if_there(defaults)?.unwrap_or_default()) {
        if let Some((_, key)) = POLICIES.iter().find(|(name, _)| *name == fact.key) {
            facts.push(Fact::new(*key, fact.value.to_ascii_lowercase(), fact.origin));
        }
    }
    facts.push(Fact::new("input.loopback", "accept", Origin::file("/etc/ufw/before.rules")));
    facts.push(Fact::new("input.loopback-spoof", "drop", Origin::file("/etc/ufw/before.rules")));
    for path in ["/etc/ufw/user.rules", "/etc/ufw/user6.rules"] {
        for (number, line) in lines(&image.text_if_there(path)?.unwrap_or_default(), &[]) {
            facts.extend(
                allowed(line).map(|port| Fact::new("input.accept", port, Origin::line(path, number))),
            );
        }
    }
    Ok(facts.into_iter().map(|fact| fact.within("ufw")).collect())
}

/// `### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in`
fn allowed(line: &str) -> Option<String> {
    let mut words = line.strip_prefix("### tuple ### ")?.split_whitespace();
    let (action, protocol, port) = (words.next()?, words.next()?, words.next()?);
    let allows = action == "allow" || action == "limit";
    allows.then(|| format!("{protocol}/{port}"))
}
