//! fail2ban: a file that is read last and leaves out what somebody set; who is signed in now is not shut out.

use crate::config::draft::{Draft, Given};
use crate::config::host::is_own;
use std::collections::BTreeSet;

/// Of Debian: it only switches the jail of SSH on.
const DEBIAN: &str = "/etc/fail2ban/jail.d/defaults-debian.conf";
/// What is switched on where this is there.
const FLAGS: [(&str, &str); 4] = [
    ("own_log", "/var/log/fail2ban.log"),
    ("nft", "/usr/sbin/nft"),
    ("apache_log", "/var/log/apache2/error.log"),
    ("nginx_log", "/var/log/nginx/error.log"),
];

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    for (flag, path) in FLAGS {
        if draft.host.has(path) {
            draft.give(flag, Given::Flag);
        }
    }
    journal(draft)?;
    let ports = draft.host.ssh_ports();
    let sessions = draft.host.sessions(&ports);
    match draft.listed("addresses") {
        Some(own) => draft.give("addresses", Given::Many(own)),
        None if !sessions.is_empty() => {
            sessions
                .iter()
                .for_each(|own| draft.keep(format!("session from {own}"), "its address is never shut out"));
            draft.give("addresses", Given::Many(sessions.into_iter().collect()));
        }
        None => {}
    }
    draft.give("ports", Given::Many(ports));
    let main = draft.part("main")?;
    let (path, text) = (draft.path.clone(), settled(draft, &main));
    draft.file(&path, text, draft.front.mode());
    Ok(())
}

/// What sshd says is in the journal, which Python needs a module for, or in a file that rsyslog writes.
fn journal(draft: &mut Draft<'_>) -> Result<(), String> {
    if draft.host.has("/usr/lib/python3/dist-packages/systemd/journal.py") {
        draft.give("journal", Given::Flag);
    } else if !draft.host.has("/var/log/auth.log") {
        let why =
            "neither python3-systemd nor /var/log/auth.log is there, so it would see nothing and not start";
        return Err(why.to_owned());
    }
    Ok(())
}

/// The text without what somebody set; a section of which nothing is left goes, too.
fn settled(draft: &mut Draft<'_>, main: &str) -> String {
    let theirs = written(draft);
    let (mut section, mut text, mut head) = (String::new(), String::new(), None);
    for line in main.lines() {
        if line.starts_with('[') {
            line.clone_into(&mut section);
            head = Some(line);
            continue;
        }
        let key = line.split_once(" = ").map_or("", |(key, _)| key);
        if theirs.contains(&(section.clone(), key.to_owned())) {
            draft.keep(format!("{section} {key}"), "somebody set it");
            continue;
        }
        for line in head.take().into_iter().chain([line]) {
            text += line;
            text.push('\n');
        }
    }
    text
}

/// Section and key of every setting that somebody made.
fn written(draft: &Draft<'_>) -> BTreeSet<(String, String)> {
    let mut theirs = BTreeSet::new();
    for (_, own) in draft.host.texts.iter().filter(|(path, _)| !is_own(path) && *path != DEBIAN) {
        let mut section = "[DEFAULT]".to_owned();
        for line in own.text.lines().filter(|line| !line.starts_with(['#', ';', ' ', '\t'])) {
            match line.split_once('=') {
                Some((key, _)) => {
                    theirs.insert((section.clone(), key.trim().to_owned()));
                }
                None if line.starts_with('[') => line.trim().clone_into(&mut section),
                None => {}
            }
        }
    }
    theirs
}
