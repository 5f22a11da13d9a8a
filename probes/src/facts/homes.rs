//! Home directories of people: who may look in, and files in them that give access or secrets away.

use super::accounts::ACCOUNTS;
use super::found::AREA_BYTES_MAX;
use super::image::if_there;
use super::line::lines;
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;

/// Accounts of people have numbers from here on, as in Debian's login.defs(5); those of services are below.
const UID_MIN: u32 = 1000;
const NOBODY: u32 = 65_534;

/// Files that let others in, send mail away or keep passwords.
const TELLING: [&str; 5] = [".netrc", ".rhosts", ".shosts", ".forward", ".mysql_history"];

/// Files with keys that open the account.
const KEYS: [&str; 2] = ["authorized_keys", "authorized_keys2"];

pub static READER: Reader = Reader {
    area: "homes",
    about: "home directories of people and root: mode, owner, files such as .netrc, and how many SSH keys open the account",
    reads: &["/etc/passwd"],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    let mut accounts = Found::new(AREA_BYTES_MAX);
    (ACCOUNTS.read)(image, &mut accounts)?;
    for (account, (uid, home)) in people(&accounts.facts()) {
        let Some(state) = if_there(image.state(&home))? else { continue };
        let mut push = |key: &str, value: String, path: &str| {
            found.push(Fact::new(key, value, Origin::file(path)).within(account.clone()))
        };
        if uid != 0 {
            push("mode", format!("{:04o}", state.mode() & 0o7777), &home)?;
            push("owner", if state.uid() == uid { account.clone() } else { state.uid().to_string() }, &home)?;
        }
        let keys = keys(image, &home)?;
        if keys > 0 {
            push("authorized_keys", keys.to_string(), &format!("{home}/.ssh/authorized_keys"))?;
        }
        for name in TELLING {
            let path = format!("{home}/{name}");
            // A link to /dev/null keeps nothing.
            if image.state(&path).is_ok_and(|state| state.is_file()) {
                push(name, "present".to_owned(), &path)?;
            }
        }
    }
    Ok(())
}

/// Keys that sshd accepts for an account, as its AuthorizedKeysFile is by default.
fn keys(image: &Image<'_>, home: &str) -> Result<usize, Fault> {
    let mut count = 0;
    for name in KEYS {
        let text = image.text_if_there(&format!("{home}/.ssh/{name}"))?.unwrap_or_default();
        count += lines(&text, &['#']).count();
    }
    Ok(count)
}

fn people(accounts: &[Fact]) -> BTreeMap<String, (u32, String)> {
    let mut people: BTreeMap<String, (u32, String)> = BTreeMap::new();
    for fact in accounts {
        match fact.key.as_str() {
            "uid" => {
                if let Ok(uid) = fact.value.parse() {
                    people.insert(fact.scope.clone(), (uid, String::new()));
                }
            }
            "home" => {
                if let Some((_, home)) = people.get_mut(&fact.scope) {
                    home.clone_from(&fact.value);
                }
            }
            _ => {}
        }
    }
    people.retain(|_, (uid, home)| (*uid == 0 || *uid >= UID_MIN) && *uid != NOBODY && home.len() > 1);
    people
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn people_have_homes_and_services_do_not() {
        let tree = Tree::new(&[
            (
                "/etc/passwd",
                "root:x:0:0::/root:/bin/sh\nwww:x:33:33::/var/www:/sbin/nologin\nann:x:1000:1000::/home/ann:/bin/sh\n",
            ),
            ("/home/ann/.netrc", ""),
            ("/home/ann/.ssh/authorized_keys", "# mine\n\nssh-ed25519 AAAA a\nssh-rsa AAAA b\n"),
            ("/var/www/.netrc", ""),
        ]);
        std::fs::set_permissions(tree.path("/home/ann"), std::fs::Permissions::from_mode(0o751)).unwrap();
        let host = tree.host();
        let mut found = Found::new(AREA_BYTES_MAX);
        read(&Image::new(&host).unwrap(), &mut found).unwrap();
        let facts = found.facts();
        let seen: Vec<_> = facts.iter().map(|fact| (fact.scope.as_str(), fact.key.as_str())).collect();
        assert_eq!(seen, [("ann", "mode"), ("ann", "owner"), ("ann", "authorized_keys"), ("ann", ".netrc")]);
        assert_eq!((facts[0].value.as_str(), facts[2].value.as_str()), ("0751", "2"));
    }
}
