//! What the facts say of a host, in the words that configurations need.

use hostward_model::{Fact, Facts, Look, Origin};
use std::collections::{BTreeMap, BTreeSet};

/// The word in the name of every file that is ours alone.
const OWN: &str = "hostward";

/// A file of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Where it really lies, when a link leads to it.
    pub path: String,
    /// What is in it.
    pub text: String,
    /// Its mode.
    pub mode: u32,
    /// What the link says, when a link leads to it.
    pub link: Option<String>,
}

/// What is known of a host.
pub struct Host<'f> {
    /// What was read.
    pub facts: &'f Facts,
    /// Files by the path that they are read by.
    pub texts: &'f BTreeMap<String, Text>,
}

/// An account that somebody can sign in to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Whether it is root's number.
    pub root: bool,
    /// Keys that open it over SSH.
    pub keys: usize,
    /// Whether a password opens it.
    pub password: bool,
    /// Whether it may become root.
    pub admin: bool,
}

impl<'f> Host<'f> {
    /// The facts of an area; none when it is not there or was not read.
    pub fn area(&self, area: &str) -> &'f [Fact] {
        self.facts.areas.get(area).and_then(Look::seen).map_or(&[], Vec::as_slice)
    }

    /// Whether an area was read.
    pub fn sees(&self, area: &str) -> bool {
        matches!(self.facts.areas.get(area), Some(Look::Seen(_)))
    }

    /// Whether there is a file that fits a pattern that was asked for.
    pub fn has(&self, pattern: &str) -> bool {
        matches!(self.facts.files.get(pattern), Some(Look::Seen(files)) if !files.is_empty())
    }

    /// Facts with a key that hold everywhere.
    pub fn everywhere(&self, area: &str, key: &str) -> impl Iterator<Item = &'f Fact> {
        let key = key.to_owned();
        self.area(area).iter().filter(move |fact| fact.scope.is_empty() && fact.key == key)
    }

    /// The first of them.
    pub fn first(&self, area: &str, key: &str) -> Option<&'f str> {
        self.everywhere(area, key).next().map(|fact| fact.value.as_str())
    }

    /// Those that somebody else wrote.
    pub fn written(&self, area: &str, key: &str) -> impl Iterator<Item = &'f Fact> {
        self.everywhere(area, key).filter(|fact| is_written(&fact.origin))
    }

    /// Why packets for others are passed on, as a router or a host with containers does; nothing when they are not.
    pub fn passes_on(&self, declared: &BTreeSet<String>) -> Option<String> {
        const KEY: &str = "net.ipv4.ip_forward";
        if let Some(purpose) = ["router", "container-host"].iter().find(|own| declared.contains(**own)) {
            return Some(format!("the host is declared a {purpose}"));
        }
        if let Some(fact) = self.written("sysctl", KEY).find(|fact| fact.value == "1") {
            return Some(format!("{} switches it on", fact.origin));
        }
        let running = self.first("sysctl-running", KEY) == Some("1");
        running.then(|| "it is on now: containers or a VPN may need it".to_owned())
    }

    /// Whether a unit starts at boot.
    pub fn starts(&self, unit: &str) -> bool {
        self.area("units").iter().any(|fact| fact.scope == unit && fact.value == "enabled")
    }

    /// Accounts that can be signed in to; nothing when it cannot be told.
    pub fn accounts(&self) -> Option<Vec<Account>> {
        if !["accounts", "shadow", "homes", "groups"].iter().all(|area| self.sees(area)) {
            return None;
        }
        let names: BTreeSet<&str> = self.area("accounts").iter().map(|fact| fact.scope.as_str()).collect();
        Some(names.into_iter().filter_map(|name| self.account(name)).collect())
    }

    fn account(&self, name: &str) -> Option<Account> {
        let of = |area, key| {
            let own = self.area(area).iter().find(|fact| fact.scope == name && fact.key == key);
            own.map(|fact| fact.value.as_str())
        };
        let shell = of("accounts", "shell")?;
        if ["nologin", "false", "sync", "shutdown", "halt"].iter().any(|own| shell.ends_with(own)) {
            return None;
        }
        let password = !matches!(of("shadow", "password"), None | Some("locked" | "empty"));
        let keys = of("homes", "authorized_keys").and_then(|count| count.parse().ok()).unwrap_or(0);
        let root = of("accounts", "uid") == Some("0");
        let account =
            Account { name: name.to_owned(), root, keys, password, admin: root || self.is_sudoer(name) };
        (password || keys > 0).then_some(account)
    }

    /// A rule of sudo for the account or a group of it.
    fn is_sudoer(&self, name: &str) -> bool {
        let in_group = |group: &str| {
            let mut members =
                self.area("groups").iter().filter(|fact| fact.scope == group && fact.key == "members");
            members.any(|fact| fact.value.split(',').any(|own| own == name))
        };
        let mut rules = self.area("sudoers").iter().filter(|fact| fact.key == "rule");
        rules.any(|rule| match rule.scope.strip_prefix('%') {
            Some(group) => in_group(group),
            None => rule.scope == name,
        })
    }

    /// Ports that sshd is told to listen on.
    pub fn ssh_ports(&self) -> Vec<String> {
        let set: Vec<String> = self.everywhere("sshd", "port").map(|fact| fact.value.clone()).collect();
        if set.is_empty() { vec!["22".to_owned()] } else { set }
    }

    /// Who is connected to one of these ports now.
    pub fn sessions(&self, ports: &[String]) -> BTreeSet<String> {
        let to = |fact: &&Fact| ports.iter().any(|port| fact.key == format!("tcp/{port}"));
        self.area("connections").iter().filter(to).map(|fact| fact.value.clone()).collect()
    }
}

/// Whether a file is ours alone, by its name.
pub fn is_own(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.contains(OWN))
}

/// Whether somebody else wrote it: neither hostward, nor nobody.
pub fn is_written(origin: &Origin) -> bool {
    matches!(origin, Origin::File(path, _) if !is_own(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(lines: &[(&str, &str, &str, &str)]) -> Facts {
        let mut facts = Facts::default();
        for (area, scope, key, value) in lines {
            let look = facts.areas.entry((*area).to_owned()).or_insert_with(|| Look::Seen(Vec::new()));
            if let Look::Seen(own) = look {
                own.push(Fact::new(*key, *value, Origin::file("/etc/x")).within(*scope));
            }
        }
        facts
    }

    #[test]
    fn who_can_sign_in_and_who_may_become_root() {
        let facts = facts(&[
            ("accounts", "root", "uid", "0"),
            ("accounts", "root", "shell", "/bin/bash"),
            ("accounts", "ann", "uid", "1000"),
            ("accounts", "ann", "shell", "/bin/sh"),
            ("accounts", "bob", "uid", "1001"),
            ("accounts", "bob", "shell", "/bin/sh"),
            ("accounts", "www", "uid", "33"),
            ("accounts", "www", "shell", "/usr/sbin/nologin"),
            ("shadow", "root", "password", "locked"),
            ("shadow", "ann", "password", "locked"),
            ("shadow", "bob", "password", "yescrypt"),
            ("shadow", "www", "password", "yescrypt"),
            ("homes", "ann", "authorized_keys", "2"),
            ("groups", "sudo", "members", "x,ann"),
            ("sudoers", "%sudo", "rule", "ALL=(ALL) ALL"),
        ]);
        let texts = BTreeMap::new();
        let host = Host { facts: &facts, texts: &texts };
        let account = |name: &str, keys, password, admin| Account {
            name: name.to_owned(),
            root: false,
            keys,
            password,
            admin,
        };
        assert_eq!(
            host.accounts(),
            Some(vec![account("ann", 2, false, true), account("bob", 0, true, false)])
        );
    }

    #[test]
    fn what_was_not_read_is_not_known() {
        let facts = facts(&[("accounts", "root", "uid", "0")]);
        let texts = BTreeMap::new();
        assert_eq!(Host { facts: &facts, texts: &texts }.accounts(), None);
        assert!(is_own("/etc/sysctl.d/zz-hostward.conf") && !is_own("/etc/hostward/x.conf"));
    }
}
