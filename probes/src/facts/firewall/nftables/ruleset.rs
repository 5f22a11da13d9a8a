//! What nft's statements add up to: chains with their rules, sets and variables.

use super::statement::{WORDS_MAX, is_command};
use hostward_model::Origin;
use std::collections::{BTreeMap, BTreeSet};

/// A chain as far as it was read.
#[derive(Default)]
pub struct Chain {
    /// `input`, `forward` or `output`, of a chain that the kernel calls.
    pub hook: String,
    pub policy: Option<(String, Origin)>,
    rules: Vec<(Vec<String>, Origin)>,
}

/// Tables with a name for each thing in them: `inet filter` and `input`.
type Named<T> = BTreeMap<(String, String), T>;

#[derive(Default)]
pub struct Ruleset {
    variables: BTreeMap<String, Vec<String>>,
    pub chains: Named<Chain>,
    /// What is in sets and maps.
    sets: Named<Vec<String>>,
    /// Port numbers by name.
    services: BTreeMap<String, String>,
}

/// A block that is open.
pub enum Block {
    Table(String),
    Chain(String, String),
    Set(String, String),
    Other,
}

impl Ruleset {
    /// None yet; ports may have these names.
    pub fn new(services: BTreeMap<String, String>) -> Self {
        Ruleset { services, ..Ruleset::default() }
    }

    /// Words with the values of variables; of one that nobody defined, as it is.
    pub fn filled(&self, words: Vec<String>) -> Vec<String> {
        let mut filled = Vec::new();
        for word in words {
            match word.strip_prefix('$').and_then(|name| self.variables.get(name)) {
                Some(value) => filled.extend(value.iter().take(WORDS_MAX).cloned()),
                None => filled.push(word),
            }
            if filled.len() > WORDS_MAX {
                break;
            }
        }
        filled
    }

    pub fn take(&mut self, block: Option<&Block>, words: Vec<String>, origin: Origin) {
        let plain: Vec<&str> = words.iter().map(String::as_str).skip_while(|word| is_command(word)).collect();
        match (plain.as_slice(), block) {
            (["define" | "redefine", name, "=", value @ ..], _) => {
                let value = value.iter().map(|word| (*word).to_owned()).collect();
                self.variables.insert((*name).to_owned(), value);
            }
            (["elements", "=", all @ ..], Some(Block::Set(table, name))) => {
                let set = self.sets.entry((table.clone(), name.clone())).or_default();
                set.extend(all.iter().map(|word| (*word).to_owned()));
            }
            (["element", family, table, name, all @ ..], None) => {
                let set = self.sets.entry((format!("{family} {table}"), (*name).to_owned())).or_default();
                set.extend(all.iter().map(|word| (*word).to_owned()));
            }
            (["rule", family, table, chain, ..], None) => {
                let place = (format!("{family} {table}"), (*chain).to_owned());
                let skipped = words.len() - plain.len() + 4;
                self.chains.entry(place).or_default().take(words[skipped..].to_vec(), origin);
            }
            (_, Some(Block::Chain(table, name))) => {
                let place = (table.clone(), name.clone());
                self.chains.entry(place).or_default().take(words, origin);
            }
            _ => {}
        }
    }

    /// The rules of a chain and of those that it calls, each once.
    pub fn reached<'r>(&'r self, table: &str, chain: &'r Chain) -> Vec<&'r (Vec<String>, Origin)> {
        let (mut open, mut seen, mut rules) = (vec![chain], BTreeSet::new(), Vec::new());
        while let Some(chain) = open.pop() {
            for own in &chain.rules {
                let calls = own.0.windows(2).filter(|pair| matches!(pair[0].as_str(), "jump" | "goto"));
                for name in calls.map(|pair| &pair[1]).filter(|name| seen.insert((*name).clone())) {
                    open.extend(self.chains.get(&(table.to_owned(), name.clone())));
                }
                rules.push(own);
            }
        }
        rules
    }

    /// How many words a rule has with the sets that it names.
    pub fn words(&self, table: &str, rule: &[String]) -> usize {
        let names = rule.iter().filter_map(|word| word.strip_prefix('@'));
        let sets = names.filter_map(|name| self.sets.get(&(table.to_owned(), name.to_owned())));
        rule.len() + sets.map(Vec::len).sum::<usize>()
    }

    /// What a rule says in the words of all firewalls.
    pub fn said(&self, table: &str, rule: &[String]) -> Vec<(&'static str, String)> {
        let has = |word: &str| rule.iter().any(|own| own == word);
        let loopback = rule
            .windows(2)
            .any(|pair| matches!(pair[0].as_str(), "iif" | "iifname" | "oif" | "oifname") && pair[1] == "lo");
        let spoofed = || rule.iter().any(|word| word.starts_with("127.0.0.0/8") || word == "::1");
        if has("accept") && loopback {
            vec![("loopback", "accept".to_owned())]
        } else if (has("drop") || has("reject")) && spoofed() {
            vec![("loopback-spoof", "drop".to_owned())]
        } else {
            self.ports(table, rule).into_iter().map(|port| ("accept", port)).collect()
        }
    }

    /// `tcp dport 22 80 accept`, also by name, by set (`@ports`) and by verdict (`vmap 22 : accept`).
    fn ports(&self, table: &str, rule: &[String]) -> Vec<String> {
        let Some(at) = rule.iter().position(|word| word == "dport") else { return Vec::new() };
        let protocol = at.checked_sub(1).map_or("", |before| &rule[before]);
        let mut words = &rule[at + 1..];
        let by_verdict = words.first().is_some_and(|word| word == "vmap");
        if by_verdict {
            words = &words[1..];
        } else if !rule.iter().any(|word| word == "accept") {
            return Vec::new();
        }
        if let Some(name) = words.first().and_then(|word| word.strip_prefix('@')) {
            words = self.sets.get(&(table.to_owned(), name.to_owned())).map_or(&[], Vec::as_slice);
        }
        let ports: Vec<&str> = if by_verdict {
            let accepts = words.windows(3).filter(|own| own[1] == ":" && own[2] == "accept");
            accepts.filter_map(|own| self.port(&own[0])).collect()
        } else {
            words.iter().map_while(|word| self.port(word)).collect()
        };
        ports.iter().map(|port| format!("{protocol}/{port}")).collect()
    }

    fn port<'r>(&'r self, word: &'r str) -> Option<&'r str> {
        let number = word.starts_with(|c: char| c.is_ascii_digit());
        if number { Some(word) } else { self.services.get(word).map(String::as_str) }
    }
}

impl Chain {
    fn take(&mut self, words: Vec<String>, origin: Origin) {
        if let Some(at) = words.iter().position(|word| word == "hook") {
            self.hook = words.get(at + 1).cloned().unwrap_or_default();
            self.policy.get_or_insert(("accept".to_owned(), origin));
        } else if let [word, policy] = words.as_slice()
            && word == "policy"
        {
            self.policy = Some((policy.clone(), origin));
        } else {
            self.rules.push((words, origin));
        }
    }
}
