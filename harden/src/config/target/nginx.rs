//! nginx: every server includes a file of ours, which leaves out what the server says itself; so nothing that somebody
//! set is changed, and nothing is said twice.

use super::nginx_text::{Server, servers};
use crate::config::draft::{Draft, Given};
use crate::config::host::{Text, is_own};
use std::collections::BTreeSet;

const MAIN: &str = "/etc/nginx/nginx.conf";
const PLACES: [&str; 2] = ["/etc/nginx/sites-enabled/", "/etc/nginx/conf.d/"];

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    let Some(main) = draft.host.texts.get(MAIN) else { return Err(format!("there is no {MAIN}")) };
    let includes = |line: &str| line.trim_start().starts_with("include") && line.contains("conf.d/*.conf");
    if !main.text.lines().any(includes) {
        return Err(format!("{MAIN} does not include /etc/nginx/conf.d/*.conf"));
    }
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
    draft.file(&text.path, without_old_tls(&changed), text.mode);
    Ok(())
}

/// Debian's `nginx.conf` offers TLS 1.0 and 1.1 to every server that does not say otherwise, and a server by name takes the
/// protocols of the default one: so such a line is changed wherever it stands.
fn without_old_tls(text: &str) -> String {
    let old = |word: &str| ["SSLv2", "SSLv3", "TLSv1", "TLSv1.1"].contains(&word);
    let line = |line: &str| {
        let code = line.split('#').next().unwrap_or("");
        let Some((before, rest)) = code.split_once("ssl_protocols ") else { return line.to_owned() };
        let Some((protocols, _)) = rest.split_once(';') else { return line.to_owned() };
        if !before.trim().is_empty() || !protocols.split_whitespace().any(old) {
            return line.to_owned();
        }
        line.replacen(protocols, "TLSv1.2 TLSv1.3", 1)
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
