//! `/etc/nftables.conf`: nft(8). What chains, sets, variables and simple rules say is understood; the rest is passed over.

mod ruleset;
mod statement;

use super::enabled;
use crate::Fault;
use crate::facts::Found;
use crate::facts::image::{Image, refused};
use crate::facts::include::{Includes, beside};
use hostward_model::{Fact, Origin};
use ruleset::{Block, Chain, Ruleset};
use statement::{Piece, WORDS_MAX, is_command, pieces};
use std::collections::BTreeMap;

const MAIN: &str = "/etc/nftables.conf";
const FRONT_END: &str = "nftables";
/// Words of rules and their sets that are looked at: a rule is again for each chain of the kernel's that leads to it.
const REACHED_MAX: usize = 2_000_000;
/// Where names of ports come from.
const SERVICES: &str = "/etc/services";

pub fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    if !image.has(MAIN) {
        return Ok(());
    }
    let mut ruleset = Ruleset::new(services(image)?);
    file(&mut Includes::new(image), MAIN, &mut ruleset, &mut Vec::new())?;
    found.push(enabled(image, FRONT_END, "nftables.service")?)?;
    let mut reached = 0;
    for ((table, _), chain) in ruleset.chains.iter().filter(|(_, chain)| !chain.hook.is_empty()) {
        found.extend(chain.policy.iter().map(|(policy, origin)| fact(chain, "policy", policy, origin)))?;
        for (rule, origin) in ruleset.reached(table, chain) {
            reached += ruleset.words(table, rule);
            if reached > REACHED_MAX {
                return Err(refused(
                    &origin.to_string(),
                    &format!("more than {REACHED_MAX} words of rules with those of chains that are called"),
                ));
            }
            let said = ruleset.said(table, rule).into_iter();
            found.extend(said.map(|(key, value)| fact(chain, key, &value, origin)))?;
        }
    }
    Ok(())
}

fn fact(chain: &Chain, key: &str, value: &str, origin: &Origin) -> Fact {
    Fact::new(format!("{}.{key}", chain.hook), value, origin.clone()).within(FRONT_END)
}

fn services(image: &Image<'_>) -> Result<BTreeMap<String, String>, Fault> {
    let text = image.text_if_there(SERVICES)?.unwrap_or_default();
    let named = |line: &str| {
        let mut words = line.split_whitespace();
        let (name, port) = (words.next()?, words.next()?);
        Some((name.to_owned(), port.split('/').next()?.to_owned()))
    };
    Ok(text.lines().filter_map(named).collect())
}

fn file(
    includes: &mut Includes<'_, '_>,
    path: &str,
    ruleset: &mut Ruleset,
    blocks: &mut Vec<Block>,
) -> Result<(), Fault> {
    includes.read(path, |includes, text| {
        for piece in pieces(text) {
            let (line, words) = match piece {
                Piece::Close => {
                    blocks.pop();
                    continue;
                }
                Piece::Open(line, words) => {
                    blocks.push(opened(&words, blocks));
                    if let Some(Block::Chain(table, name)) = blocks.last() {
                        ruleset.chains.entry((table.clone(), name.clone())).or_default();
                    }
                    (line, Vec::new())
                }
                Piece::Statement(line, words) => (line, ruleset.filled(words)),
            };
            includes.line = line;
            includes.things += words.len() + 1;
            if includes.things > WORDS_MAX {
                return Err(Fault::malformed(path, line, "", "fewer words in all files together"));
            }
            if let [include, pattern] = words.as_slice()
                && include == "include"
            {
                for path in includes.image.glob(&beside("/etc", pattern.trim_matches('\'')))? {
                    file(includes, &path, ruleset, blocks)?;
                }
            } else if !words.is_empty() {
                ruleset.take(blocks.last(), words, Origin::line(path, line));
            }
        }
        Ok(())
    })
}

/// What the words before a brace open; a chain or a set outside of its table names that, too.
fn opened(words: &[String], blocks: &[Block]) -> Block {
    let words: Vec<&str> = words.iter().map(String::as_str).skip_while(|word| is_command(word)).collect();
    match (words.as_slice(), blocks.last()) {
        (["table", table @ ..], _) => Block::Table(named(table)),
        (["chain", name], Some(Block::Table(table))) => Block::Chain(table.clone(), (*name).to_owned()),
        (["set" | "map", name], Some(Block::Table(table))) => Block::Set(table.clone(), (*name).to_owned()),
        (["chain", table @ .., name], _) => Block::Chain(named(table), (*name).to_owned()),
        (["set" | "map", table @ .., name], _) => Block::Set(named(table), (*name).to_owned()),
        _ => Block::Other,
    }
}

/// A table by its family and name; without a family it is `ip`.
fn named(words: &[&str]) -> String {
    if words.len() == 1 { format!("ip {}", words[0]) } else { words.join(" ") }
}
