//! OpenSSH's server: a drop-in that sorts first, because of several values the first counts.

use super::sshd_access::access;
use crate::config::draft::{Draft, Given};
use crate::config::host::is_own;

const MAIN: &str = "/etc/ssh/sshd_config";
const DIRECTORY: &str = "/etc/ssh/sshd_config.d";
/// The first of these that sorts before every file that is there is taken.
const NAMES: [&str; 3] = ["00-hostward.conf", "0-hostward.conf", "!-hostward.conf"];
/// What opens accounts to holders of tickets: without it nobody signs in by Kerberos.
const KEYTAB: &str = "/etc/krb5.keytab";
/// Keywords that somebody sets because something goes that way, with the value of the template that then is left out.
const IN_USE: [(&str, &str, &str); 6] = [
    ("gatewayports", "gateway_ports", "others reach what a session forwards by it"),
    ("gssapiauthentication", "gssapi", "somebody may sign in with a ticket"),
    ("hostbasedauthentication", "hostbased", "somebody may sign in from a host that is trusted"),
    ("kerberosauthentication", "kerberos", "somebody may sign in with a password of Kerberos"),
    ("permittunnel", "permit_tunnel", "a network may go through it"),
    ("syslogfacility", "syslog_facility", "logs are looked for under that name"),
];

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    if !draft.host.sees("sshd") {
        return Err("its settings could not be read, so it cannot be told what would change".to_owned());
    }
    place(draft)?;
    include(draft)?;
    if draft.host.has("/etc/debian_version") {
        draft.give("debian", Given::Flag);
    }
    host_keys(draft);
    in_use(draft);
    stays(draft);
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
    let reads =
        |word: &&str| [format!("{DIRECTORY}/*.conf"), draft.path.clone()].contains(&(*word).to_owned());
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
    let modern = ["/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_rsa_key"]
        .iter()
        .any(|path| draft.host.has(path));
    let own = draft.host.everywhere("sshd", "hostkey").next().is_some();
    if draft.value("host_key_algorithms").is_some() && (!modern || own) {
        draft.leave_out("host_key_algorithms");
        let why = if own {
            "HostKey names keys of its own"
        } else {
            "the host has neither an Ed25519 nor an RSA key"
        };
        draft.refuse("HostKeyAlgorithms", why);
    }
}

/// What somebody switched on stays, unless nothing can come that way.
fn in_use(draft: &mut Draft<'_>) {
    for (key, name, why) in IN_USE {
        let Some(own) = draft.host.written("sshd", key).next() else { continue };
        let idle = key == "gssapiauthentication" && !draft.host.has(KEYTAB);
        let same = draft.value(name).is_none_or(|value| value.eq_ignore_ascii_case(&own.value));
        if !idle && !same {
            draft.keep(format!("{} {}", own.key, own.value), format!("{} says so: {why}", own.origin));
            draft.leave_out(name);
        }
    }
}

fn stays(draft: &mut Draft<'_>) {
    let mut blocks: Vec<String> = draft
        .host
        .area("sshd")
        .iter()
        .map(|fact| fact.scope.clone())
        .filter(|scope| !scope.is_empty())
        .collect();
    blocks.dedup();
    for block in blocks {
        draft.keep(block, "what it says holds for whom it names, before what is said for all");
    }
    for port in draft.host.ssh_ports() {
        draft.keep(format!("Port {port}"), "ports and addresses are not touched");
    }
    for address in draft.host.sessions(&draft.host.ssh_ports()) {
        draft.keep(
            format!("session from {address}"),
            "a reload does not end sessions; try a new one before it is closed",
        );
    }
}
