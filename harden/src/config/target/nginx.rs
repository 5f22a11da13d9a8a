//! nginx: every server includes a file of ours, which leaves out what the server says itself; so nothing that somebody
//! set is changed, and nothing is said twice.

use super::nginx_text::{Server, servers};
use crate::config::draft::{Draft, Given};
use crate::config::host::{Text, is_own};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

const MAIN: &str = "/etc/nginx/nginx.conf";
const RESOLV: &str = "/etc/resolv.conf";
/// What Debian's main file includes outside of all blocks.
const OUTSIDE: &str = "/etc/nginx/modules-enabled";
const FILES_MIN: u64 = 4096;
const PLACES: [&str; 2] = ["/etc/nginx/sites-enabled/", "/etc/nginx/conf.d/"];

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    let Some(main) = draft.host.texts.get(MAIN) else { return Err(format!("there is no {MAIN}")) };
    let includes = |line: &str| line.trim_start().starts_with("include") && line.contains("conf.d/*.conf");
    if !main.text.lines().any(includes) {
        return Err(format!("{MAIN} does not include /etc/nginx/conf.d/*.conf"));
    }
    workers(draft, &main.text)?;
    resolvers(draft);
    let mut seen = BTreeSet::new();
    let texts = draft.host.texts;
    for (path, text) in texts {
        let within_http = PLACES.iter().any(|place| path.starts_with(place));
        if (path == MAIN || within_http) && !is_own(path) && seen.insert(text.path.clone()) {
            file(draft, path, text, within_http)?;
        }
    }
    Ok(())
}

/// A connection that is passed on takes two files: a worker may have that many, where nobody has said how many.
fn workers(draft: &mut Draft<'_>, main: &str) -> Result<(), String> {
    let own = |line: &&str| !line.trim_start().starts_with('#');
    let mut lines = main.lines().filter(own);
    let included = lines.any(|line| line.contains("modules-enabled/*.conf"));
    if !included || main.lines().filter(own).any(|line| line.contains("worker_rlimit_nofile")) {
        return Ok(());
    }
    let set =
        main.split(['{', '}', ';', '\n']).filter_map(|own| own.trim().strip_prefix("worker_connections "));
    let connections = set.filter_map(|own| own.trim().parse::<u64>().ok()).max().unwrap_or(0);
    draft.give("files", Given::One(FILES_MIN.max(connections.saturating_mul(2)).to_string()));
    let text = draft.part("outside")?;
    draft.file(&format!("{OUTSIDE}/zz-hostward.conf"), text, draft.front.mode());
    Ok(())
}

/// Whom to ask whether a certificate was revoked: those that the host asks.
fn resolvers(draft: &mut Draft<'_>) {
    let Some(text) = draft.host.texts.get(RESOLV) else { return };
    let own = text.text.lines().filter_map(|line| line.strip_prefix("nameserver")).map(str::trim);
    let own: Vec<String> = own.filter(|name| name.parse::<Ipv4Addr>().is_ok()).map(str::to_owned).collect();
    if !own.is_empty() {
        draft.give("resolvers", Given::Many(own));
    }
}

fn file(draft: &mut Draft<'_>, path: &str, text: &Text, within_http: bool) -> Result<(), String> {
    let all = servers(&text.text, within_http).map_err(|why| format!("{path}: {why}"))?;
    let mut changed = text.text.clone();
    // From the end on, so that what comes before stays where it is.
    for (at, server) in all.iter().enumerate().rev() {
        let name = format!("snippets/hostward-{}-{}.conf", word(path), at + 1);
        let name = server.included.clone().unwrap_or(name);
        let body = snippet(draft, server)?;
        draft.file(&format!("/etc/nginx/{name}"), body, 0o644);
        if server.included.is_none() {
            changed.insert_str(server.inside, &format!("\n\tinclude {name};"));
        }
    }
    if !all.is_empty() {
        draft.keep(path, format!("{} virtual servers stay; each includes a file of ours", all.len()));
    }
    draft.file(&text.path, modern(&changed), text.mode);
    Ok(())
}

/// Debian's `nginx.conf` offers TLS 1.0 and 1.1 to every server that does not say otherwise, and chooses the cipher for
/// clients that know better; a server by name takes the protocols of the default one. So such lines change where they stand.
fn modern(text: &str) -> String {
    let old = |word: &str| ["SSLv2", "SSLv3", "TLSv1", "TLSv1.1"].contains(&word);
    let line = |line: &str| {
        let code = line.split('#').next().unwrap_or("");
        let Some((setting, _)) = code.split_once(';') else { return line.to_owned() };
        match setting.trim_start().split_once(char::is_whitespace) {
            Some(("ssl_protocols", own)) if own.split_whitespace().any(old) => {
                line.replacen(own, "TLSv1.2 TLSv1.3", 1)
            }
            Some(("ssl_prefer_server_ciphers", own)) if own.trim() == "on" => line.replacen(" on", " off", 1),
            _ => line.to_owned(),
        }
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// What a server does not say itself.
fn snippet(draft: &mut Draft<'_>, server: &Server) -> Result<String, String> {
    if server.tls {
        draft.give("tls", Given::Flag);
    } else {
        draft.leave_out("tls");
    }
    let body = draft.part("server")?;
    let mut dropped = BTreeSet::new();
    let kept: Vec<&str> = body.lines().filter(|line| !said(server, line, &mut dropped)).collect();
    for name in dropped {
        draft.keep(name, "the server sets it itself");
    }
    Ok(kept.join("\n") + "\n")
}

/// Whether a line of ours sets what the server sets itself.
fn said(server: &Server, line: &str, dropped: &mut BTreeSet<String>) -> bool {
    let mut words = line.split_whitespace();
    let name = match (words.next().unwrap_or(""), words.next().unwrap_or("")) {
        ("add_header", header) => format!("add_header {}", header.to_ascii_lowercase()),
        (name, _) => name.trim_end_matches(';').to_owned(),
    };
    let own = server.own.contains(&name);
    if own {
        dropped.insert(name);
    }
    own
}

/// The end of a path, in characters that need no quotes.
fn word(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or("");
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' || c == '_' { c } else { '-' };
    name.trim_end_matches(".conf").chars().map(plain).collect()
}
