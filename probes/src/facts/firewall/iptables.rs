//! What netfilter-persistent loads at boot: iptables-save(8).

use super::enabled;
use crate::Fault;
use crate::facts::line::{lines, words};
use crate::facts::{Found, image::Image};
use hostward_model::{Fact, Origin};

pub fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    for (front_end, path) in [("iptables", "/etc/iptables/rules.v4"), ("ip6tables", "/etc/iptables/rules.v6")]
    {
        if let Some(text) = image.text_if_there(path)? {
            found.push(enabled(image, front_end, "netfilter-persistent.service")?)?;
            parse(front_end, path, &text, found)?;
        }
    }
    Ok(())
}

/// The chains of the table `filter`.
fn parse(front_end: &str, path: &str, text: &str, found: &mut Found) -> Result<(), Fault> {
    let mut table = "";
    for (number, line) in lines(text, &['#']) {
        let origin = Origin::line(path, number);
        if let Some(name) = line.strip_prefix('*') {
            table = name;
        } else if table == "filter" {
            match line.strip_prefix(':') {
                Some(chain) => found.extend(policy(chain, origin).map(|fact| fact.within(front_end)))?,
                None => rule(front_end, &words(line), &origin, found)?,
            }
        }
    }
    Ok(())
}

/// `INPUT DROP [0:0]`
fn policy(chain: &str, origin: Origin) -> Option<Fact> {
    let mut words = chain.split_whitespace();
    let (chain, policy) = (words.next()?, words.next()?);
    let built_in = ["INPUT", "FORWARD", "OUTPUT"].contains(&chain);
    let key = format!("{}.policy", chain.to_ascii_lowercase());
    built_in.then(|| Fact::new(key, policy.to_ascii_lowercase(), origin))
}

fn rule(front_end: &str, words: &[String], origin: &Origin, found: &mut Found) -> Result<(), Fault> {
    let after = |options: &[&str]| {
        let at = words.iter().position(|word| options.contains(&word.as_str()))?;
        words.get(at + 1).map(String::as_str)
    };
    let chain = after(&["-A"]).unwrap_or("").to_ascii_lowercase();
    let target = after(&["-j"]).unwrap_or("").to_ascii_lowercase();
    let fact =
        |key: &str, value: &str| Fact::new(format!("{chain}.{key}"), value, origin.clone()).within(front_end);
    let from_loopback =
        after(&["-s"]).is_some_and(|from| from.starts_with("127.") || from.starts_with("::1"));
    if target == "accept" && after(&["-i", "-o"]) == Some("lo") {
        return found.push(fact("loopback", "accept"));
    }
    if from_loopback && (target == "drop" || target == "reject") {
        return found.push(fact("loopback-spoof", "drop"));
    }
    let (Some(ports), true) = (after(&["--dport", "--dports"]), target == "accept") else {
        return Ok(());
    };
    let protocol = after(&["-p"]).unwrap_or("");
    found.extend(ports.split(',').map(|port| fact("accept", &format!("{protocol}/{port}"))))
}
