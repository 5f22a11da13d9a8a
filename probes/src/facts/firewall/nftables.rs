//! `/etc/nftables.conf`: nft(8). What chains and simple rules say is understood; the rest is passed over.

use super::enabled;
use crate::Fault;
use crate::facts::include::{Includes, beside};
use crate::facts::{Found, image::Image};
use hostward_model::{Fact, Origin};

const MAIN: &str = "/etc/nftables.conf";
/// Statements of all files, which are kept until all of them are known.
const STATEMENTS_MAX: usize = 50_000;
const FRONT_END: &str = "nftables";

/// A chain as far as it was read.
#[derive(Default)]
struct Chain {
    /// `input`, `forward` or `output`, of a chain that the kernel calls.
    hook: String,
    policy: Option<(String, Origin)>,
    rules: Vec<(String, Origin)>,
}

pub fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    if !image.has(MAIN) {
        return Ok(());
    }
    let mut chains = Vec::new();
    file(&mut Includes::new(image), MAIN, &mut chains)?;
    found.push(enabled(image, FRONT_END, "nftables.service")?)?;
    chains.iter().filter(|chain| !chain.hook.is_empty()).try_for_each(|chain| found.extend(chain.facts()))
}

fn file(includes: &mut Includes<'_, '_>, path: &str, chains: &mut Vec<Chain>) -> Result<(), Fault> {
    includes.read(path, |includes, text| {
        let mut current: Option<Chain> = None;
        for (line, statement) in statements(text) {
            includes.line = line;
            includes.things += 1;
            if includes.things > STATEMENTS_MAX {
                return Err(Fault::malformed(
                    path,
                    line,
                    &statement,
                    "fewer statements in all files together",
                ));
            }
            let words: Vec<&str> = statement.split_whitespace().collect();
            match words.as_slice() {
                ["include", pattern] => {
                    let pattern = beside("/etc", pattern.trim_matches(['"', '\'']));
                    for path in includes.image.glob(&pattern)? {
                        file(includes, &path, chains)?;
                    }
                }
                ["chain", ..] => chains.extend(current.replace(Chain::default())),
                _ => {
                    if let Some(chain) = &mut current {
                        chain.take(&words, Origin::line(path, line));
                    }
                }
            }
        }
        chains.extend(current);
        Ok(())
    })
}

/// Statements with their lines: what ends a line, a semicolon or a block; a set in braces belongs to its rule.
fn statements(text: &str) -> Vec<(usize, String)> {
    let (mut all, mut own, mut set) = (Vec::new(), String::new(), false);
    for (number, line) in (1..).zip(text.lines()) {
        for c in line.split('#').next().unwrap_or("").chars() {
            let opens_set = c == '{' && own.contains("dport");
            match c {
                '{' | '}' if opens_set || set => {
                    set = opens_set;
                    own.push(' ');
                }
                '{' | '}' | ';' => all.push((number, std::mem::take(&mut own))),
                c => own.push(c),
            }
        }
        if !set {
            all.push((number, std::mem::take(&mut own)));
        }
    }
    all.retain(|(_, statement)| !statement.trim().is_empty());
    all
}

impl Chain {
    fn take(&mut self, words: &[&str], origin: Origin) {
        if let Some(at) = words.iter().position(|word| *word == "hook") {
            self.hook = words.get(at + 1).map_or_else(String::new, |hook| (*hook).to_owned());
            self.policy.get_or_insert(("accept".to_owned(), origin));
        } else if let ["policy", policy] = words {
            self.policy = Some(((*policy).to_owned(), origin));
        } else {
            self.rules.push((words.join(" "), origin));
        }
    }

    fn facts(&self) -> Vec<Fact> {
        let fact = |key: &str, value: &str, origin: &Origin| {
            Fact::new(format!("{}.{key}", self.hook), value, origin.clone()).within(FRONT_END)
        };
        let mut facts: Vec<Fact> =
            self.policy.iter().map(|(policy, origin)| fact("policy", policy, origin)).collect();
        for (rule, origin) in &self.rules {
            let plain = rule.replace('"', "");
            let words: Vec<&str> = plain.split([' ', ',']).filter(|word| !word.is_empty()).collect();
            let accepts = words.contains(&"accept");
            let loopback =
                words.windows(2).any(|pair| matches!(pair, ["iif" | "iifname" | "oif" | "oifname", "lo"]));
            let from_loopback = words.iter().any(|word| word.starts_with("127.0.0.0/8") || *word == "::1");
            if accepts && loopback {
                facts.push(fact("loopback", "accept", origin));
            } else if from_loopback && (words.contains(&"drop") || words.contains(&"reject")) {
                facts.push(fact("loopback-spoof", "drop", origin));
            } else if accepts {
                facts.extend(ports(&words).iter().map(|port| fact("accept", port, origin)));
            }
        }
        facts
    }
}

/// `tcp dport 22 80 accept`; nothing that is no number, because a name is looked up elsewhere.
fn ports(words: &[&str]) -> Vec<String> {
    let Some(at) = words.iter().position(|word| *word == "dport") else { return Vec::new() };
    let protocol = at.checked_sub(1).and_then(|before| words.get(before)).unwrap_or(&"");
    let numbers = words[at + 1..].iter().take_while(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    numbers.map(|number| format!("{protocol}/{number}")).collect()
}
