//! Who may sign in over SSH, and with what: nobody who does today is locked out.

use crate::config::draft::{Draft, Given};
use crate::config::host::Account;

const LISTS: [&str; 4] = ["allowusers", "allowgroups", "denyusers", "denygroups"];
/// Where the C library is told to look for accounts.
const NSSWITCH: &str = "/etc/nsswitch.conf";
/// Of that the files of the host, and what has no accounts that sign in.
const LOCAL: [&str; 3] = ["compat", "files", "systemd"];

/// Decides what is said of root, of passwords, and of who may sign in.
pub fn access(draft: &mut Draft<'_>) {
    let own_file = draft
        .host
        .first("sshd", "authorizedkeysfile")
        .is_some_and(|own| !own.starts_with(".ssh/authorized_keys"));
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
    let needed: Vec<&str> =
        signs_in.iter().filter(|own| own.keys == 0).map(|own| own.name.as_str()).collect();
    let root_stays = draft.value("permit_root_login") != Some("no");
    let admin = signs_in.iter().any(|own| own.admin && own.keys > 0 && (!own.root || root_stays));
    if let Some(why) = strangers(draft) {
        draft.refuse("PasswordAuthentication no", why);
    } else if !needed.is_empty() {
        draft.keep(
            "PasswordAuthentication",
            format!("{} has no key and signs in with a password", needed.join(", ")),
        );
    } else if !admin {
        draft.refuse("PasswordAuthentication no", "nobody who may administer has a key");
    } else {
        return;
    }
    draft.leave_out("password_authentication");
}

/// Why there may be people who sign in and are not seen in the files of the host.
fn strangers(draft: &Draft<'_>) -> Option<String> {
    if ["gssapi", "hostbased", "kerberos"].iter().any(|name| draft.value(name) != Some("no")) {
        return Some("whoever signs in without a key or a password of this host is not known".to_owned());
    }
    let services =
        draft.host.texts.get(NSSWITCH)?.text.lines().find_map(|line| line.strip_prefix("passwd:"))?;
    let named = services.split(|c: char| c.is_whitespace()).take_while(|word| !word.starts_with('#'));
    let mut others = named.filter(|word| !word.is_empty() && !word.starts_with('[') && !LOCAL.contains(word));
    others.next().map(|other| format!("{NSSWITCH} takes accounts from {other}, too, and they are not known"))
}

/// Only who signs in today, unless somebody has made a list already.
fn list(draft: &mut Draft<'_>, signs_in: &[&Account]) {
    if let Some(named) = draft.listed("allow_users") {
        return draft.give("allow_users", Given::Many(named));
    }
    if let Some(own) = LISTS.iter().find_map(|key| draft.host.written("sshd", key).next()) {
        return draft.keep(&own.key, format!("{} lists who may sign in", own.origin));
    }
    if let Some(why) = strangers(draft) {
        return draft.refuse("AllowUsers", format!("{why}; name them with the parameter sshd.allow_users"));
    }
    let root_stays = draft.value("permit_root_login") != Some("no");
    let names: Vec<String> =
        signs_in.iter().filter(|own| !own.root || root_stays).map(|own| own.name.clone()).collect();
    if names.is_empty() {
        return draft.refuse(
            "AllowUsers",
            "nobody signs in over SSH today; name them with the parameter sshd.allow_users",
        );
    }
    draft.keep(format!("AllowUsers {}", names.join(" ")), "they sign in today");
    draft.give("allow_users", Given::Many(names));
}
