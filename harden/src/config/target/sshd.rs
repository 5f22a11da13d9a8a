//! OpenSSH's server: a drop-in that sorts first, because of several values the first counts, and that locks nobody out.

use crate::config::artifact::Remark;
use crate::config::draft::{Draft, Given};
use crate::config::host::{Account, is_own};

const MAIN: &str = "/etc/ssh/sshd_config";
const DIRECTORY: &str = "/etc/ssh/sshd_config.d";
/// The first of these that sorts before every file that is there is taken.
const NAMES: [&str; 3] = ["00-hostward.conf", "0-hostward.conf", "!-hostward.conf"];
const LISTS: [&str; 4] = ["allowusers", "allowgroups", "denyusers", "denygroups"];

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    if !draft.host.sees("sshd") {
        return Err("its settings could not be read, so it cannot be told what would change".to_owned());
    }
    place(draft)?;
    include(draft)?;
    host_keys(draft);
    matches(draft);
    access(draft);
    Ok(())
}

/// A name that sorts before every other.
fn place(draft: &mut Draft<'_>) -> Result<(), String> {
    let before = format!("{DIRECTORY}/");
    let names = draft.host.texts.keys().filter_map(|path| path.strip_prefix(&before));
    let others: Vec<&str> = names.filter(|name| !is_own(name)).collect();
    let name = NAMES.iter().find(|own| others.iter().all(|other| *own < other));
    let Some(name) = name else {
        return Err(format!("a file in {DIRECTORY} sorts before {}: rename it", NAMES[2]));
    };
    draft.path = format!("{DIRECTORY}/{name}");
    Ok(())
}

/// The main file reads the drop-in before it sets anything; where it does not, a line at its top makes it.
fn include(draft: &mut Draft<'_>) -> Result<(), String> {
    let Some(main) = draft.host.texts.get(MAIN) else { return Err(format!("there is no {MAIN}")) };
    let first = main.text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let words: Vec<&str> = first.unwrap_or("").split_whitespace().collect();
    let reads = |word: &&str| [format!("{DIRECTORY}/*.conf"), draft.path.clone()].contains(&(*word).to_owned());
    let included = words.first().is_some_and(|word| word.eq_ignore_ascii_case("include"))
        && words.get(1).is_some_and(reads);
    if !included {
        let text = format!("Include {}\n{}", draft.path, main.text);
        draft.keep(MAIN, "only a line is put before it: there was no Include at its top");
        draft.file(&main.path, text, main.mode);
    }
    Ok(())
}

/// A host without a key of the kinds that are left could not be reached at all.
fn host_keys(draft: &mut Draft<'_>) {
    let modern = ["/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_rsa_key"].iter().any(|path| draft.host.has(path));
    let own = draft.host.set("sshd", "hostkey").next().is_some();
    if draft.value("host_key_algorithms").is_some() && (!modern || own) {
        draft.leave_out("host_key_algorithms");
        let why = if own { "HostKey names keys of its own" } else { "the host has neither an Ed25519 nor an RSA key" };
        draft.refuse("HostKeyAlgorithms", why);
    }
}

fn matches(draft: &mut Draft<'_>) {
    let mut blocks: Vec<String> =
        draft.host.area("sshd").iter().map(|fact| fact.scope.clone()).filter(|scope| !scope.is_empty()).collect();
    blocks.dedup();
    for block in blocks {
        draft.keep(block, "what it says holds for whom it names, before what is said for all");
    }
    for port in draft.host.ssh_ports() {
        draft.keep(format!("Port {port}"), "ports and addresses are not touched");
    }
    for address in draft.host.sessions(&draft.host.ssh_ports()) {
        draft.keep(format!("session from {address}"), "a reload does not end sessions; try a new one before it is closed");
    }
}

/// Who may sign in, and with what.
fn access(draft: &mut Draft<'_>) {
    let own_file = draft.host.first("sshd", "authorizedkeysfile").is_some_and(|own| !own.starts_with(".ssh/authorized_keys"));
    let accounts = if own_file { None } else { draft.host.accounts() };
    let Some(accounts) = accounts else {
        for name in ["permit_root_login", "password_authentication"] {
            draft.leave_out(name);
        }
        let why = "it cannot be told who has a key: run it as root, or name AuthorizedKeysFile's default";
        return draft.refuse("root and password login", why);
    };
    let passwords = draft.host.first("sshd", "passwordauthentication") != Some("no");
    let today = |own: &Account| own.keys > 0 || (own.password && passwords);
    let signs_in: Vec<&Account> = accounts.iter().filter(|own| today(own)).collect();
    root(draft, &signs_in, passwords);
    without_passwords(draft, &signs_in);
    list(draft, &signs_in);
}

/// Root stays when it is the only one who could do anything.
fn root(draft: &mut Draft<'_>, signs_in: &[&Account], passwords: bool) {
    let Some(wanted) = draft.value("permit_root_login").map(str::to_owned) else { return };
    let now = draft.host.first("sshd", "permitrootlogin").unwrap_or("prohibit-password");
    let by_key = |own: &&&Account| own.root && own.keys > 0 && now != "no";
    let by_password = |own: &&&Account| own.root && own.password && passwords && now == "yes";
    let key = signs_in.iter().any(|own| by_key(&own));
    let password = signs_in.iter().any(|own| by_password(&own));
    let other = signs_in.iter().any(|own| own.admin && !own.root);
    let why = "root is the only account that signs in and may administer; give another one a key and sudo";
    if other || !(key || password) {
        return;
    }
    if key && wanted == "no" {
        draft.put("permit_root_login", "prohibit-password");
        draft.refuse("PermitRootLogin no", why);
    } else if !key {
        draft.put("permit_root_login", "yes");
        draft.refuse(format!("PermitRootLogin {wanted}"), format!("{why} (it uses a password today)"));
    }
}

/// Passwords stay while somebody needs one.
fn without_passwords(draft: &mut Draft<'_>, signs_in: &[&Account]) {
    if draft.value("password_authentication") != Some("no") {
        return;
    }
    let needed: Vec<&str> = signs_in.iter().filter(|own| own.keys == 0).map(|own| own.name.as_str()).collect();
    let root_stays = draft.value("permit_root_login") != Some("no");
    let admin = signs_in.iter().any(|own| own.admin && own.keys > 0 && (!own.root || root_stays));
    if !needed.is_empty() {
        draft.keep("PasswordAuthentication", format!("{} has no key and signs in with a password", needed.join(", ")));
    } else if !admin {
        draft.refuse("PasswordAuthentication no", "nobody who may administer has a key");
    } else {
        return;
    }
    draft.leave_out("password_authentication");
}

/// Only who signs in today, unless somebody has made a list already.
fn list(draft: &mut Draft<'_>, signs_in: &[&Account]) {
    if let Some(named) = draft.parameter("allow_users") {
        return draft.give("allow_users", Given::Many(named.split(',').map(|own| own.trim().to_owned()).collect()));
    }
    if let Some(own) = LISTS.iter().find_map(|key| draft.host.written("sshd", key).next()) {
        let remark = Remark { what: own.key.clone(), why: format!("{} lists who may sign in", own.origin) };
        return draft.keep(remark.what, remark.why);
    }
    let root_stays = draft.value("permit_root_login") != Some("no");
    let names: Vec<String> =
        signs_in.iter().filter(|own| !own.root || root_stays).map(|own| own.name.clone()).collect();
    if names.is_empty() {
        return draft.refuse("AllowUsers", "nobody signs in over SSH today; name them with the parameter sshd.allow_users");
    }
    draft.keep(format!("AllowUsers {}", names.join(" ")), "they sign in today");
    draft.give("allow_users", Given::Many(names));
}
