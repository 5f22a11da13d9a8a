//! Where the servers of an nginx configuration are, and what each says itself.

use std::collections::BTreeSet;

/// Blocks within blocks.
const NESTED_MAX: usize = 32;

/// A `server { … }` of the `http` block.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// Just behind its opening brace.
    pub inside: usize,
    /// Names of its directives; `add_header` with the header, `location` with what it is for.
    pub own: BTreeSet<String>,
    /// Whether it speaks TLS.
    pub tls: bool,
    /// A file of ours that it includes already.
    pub included: Option<String>,
}

/// What ends a statement, and just behind it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Statement,
    Opens,
    Closes,
}

/// The servers of a file; `within_http` when it is included in the `http` block. An error says what nginx would refuse.
pub fn servers(text: &str, within_http: bool) -> Result<Vec<Server>, String> {
    let (mut blocks, mut servers): (Vec<String>, Vec<Server>) = (Vec::new(), Vec::new());
    let mut rest = 0;
    while let Some((words, end, at)) = statement(text, rest) {
        rest = at;
        match end {
            End::Opens => {
                let http = if within_http { blocks.is_empty() } else { blocks == ["http"] };
                let name = words.first().cloned().unwrap_or_default();
                if http && name == "server" {
                    servers.push(Server { inside: at, ..Server::default() });
                } else if blocks.last().is_some_and(|own| own == "server") {
                    note(&mut servers, &words);
                }
                blocks.push(name);
            }
            End::Closes => drop(blocks.pop().ok_or("a brace closes what was not opened")?),
            End::Statement if in_server(&blocks, within_http) => note(&mut servers, &words),
            End::Statement => {}
        }
        if blocks.len() > NESTED_MAX {
            return Err(format!("more than {NESTED_MAX} blocks within blocks"));
        }
    }
    if blocks.is_empty() { Ok(servers) } else { Err(format!("{} is not closed", blocks.join(" "))) }
}

fn in_server(blocks: &[String], within_http: bool) -> bool {
    let names: Vec<&str> = blocks.iter().map(String::as_str).collect();
    names == if within_http { vec!["server"] } else { vec!["http", "server"] }
}

fn note(servers: &mut [Server], words: &[String]) {
    let (Some(server), Some(name)) = (servers.last_mut(), words.first()) else { return };
    let argument = words.get(1).map_or("", String::as_str);
    match name.as_str() {
        "include" if is_ours(argument) => server.included = Some(argument.to_owned()),
        "add_header" => drop(server.own.insert(format!("add_header {}", argument.to_ascii_lowercase()))),
        "location" => drop(server.own.insert(words.join(" "))),
        "listen" => {
            server.tls |= words.iter().any(|word| word == "ssl");
            server.own.insert(name.clone());
        }
        _ => drop(server.own.insert(name.clone())),
    }
}

/// A name as we give it. Any other is somebody's own, wherever it leads.
fn is_ours(path: &str) -> bool {
    let name = path.strip_prefix("snippets/hostward-").and_then(|rest| rest.strip_suffix(".conf"));
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    name.is_some_and(|name| name.chars().all(plain))
}

/// The next statement from `start` on, what ends it, and where that ends; nothing at the end.
fn statement(text: &str, start: usize) -> Option<(Vec<String>, End, usize)> {
    let (mut words, mut word, mut quote, mut dollar) = (Vec::new(), String::new(), None, false);
    let mut chars = text[start..].char_indices();
    while let Some((at, c)) = chars.next() {
        let variable = std::mem::replace(&mut dollar, c == '$');
        match (quote, c) {
            (_, '\\') => word.extend(std::iter::once(c).chain(chars.next().map(|(_, next)| next))),
            (Some(own), _) if c == own => quote = None,
            (Some(_), _) => word.push(c),
            (None, '"' | '\'') if word.is_empty() => quote = Some(c),
            (None, '#') if word.is_empty() => drop(chars.by_ref().find(|(_, next)| *next == '\n')),
            (None, '{') if variable => word.push(c),
            (None, ';' | '{' | '}') if !(c == '}' && word.contains("${") && !word.ends_with('}')) => {
                words.extend((!word.is_empty()).then_some(word));
                let end = match c {
                    ';' => End::Statement,
                    '{' => End::Opens,
                    _ => End::Closes,
                };
                return Some((words, end, start + at + 1));
            }
            (None, c) if c.is_whitespace() => {
                words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            }
            (None, c) => word.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn servers_are_found_with_what_they_say() {
        let text = "# server {\nserver { listen 443 ssl; server_name \"a;b\" ${x}y;\n add_header X-A '}' always;\n\
                    location ~ /\\.{2} { deny all; root /x; }\n include snippets/hostward-a-1.conf; }\nserver{listen 80;}\n";
        let all = servers(text, true).unwrap();
        let own: Vec<Vec<&str>> =
            all.iter().map(|own| own.own.iter().map(String::as_str).collect()).collect();
        assert_eq!(own, [vec!["add_header x-a", "listen", "location ~ /\\.", "server_name"], vec!["listen"]]);
        assert_eq!((all[0].tls, all[1].tls), (true, false));
        assert_eq!(all[0].included.as_deref(), Some("snippets/hostward-a-1.conf"));
        assert!(text[all[0].inside..].starts_with(" listen 443"));
    }

    #[test]
    fn an_include_that_leads_away_is_not_ours() {
        let own = |path: &str| {
            servers(&format!("server {{ include {path}; }}"), true).unwrap()[0].included.is_some()
        };
        assert!(own("snippets/hostward-a.b-1.conf"));
        for path in ["snippets/hostward-/../../cron.d/x.conf", "/etc/cron.d/hostward", "snippets/hostward-1"]
        {
            assert!(!own(path), "{path}");
        }
    }

    #[test]
    fn only_servers_of_http_count() {
        let main =
            "stream { server { listen 1; } }\nhttp { upstream u { server 127.0.0.1; } server { listen 2; } }";
        assert_eq!(servers(main, false).unwrap().len(), 1);
        assert_eq!(servers(main, true).unwrap().len(), 0);
        assert!(servers("server {", true).unwrap_err().contains("not closed"));
        assert!(servers("}", true).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "[a-z ;{}\"'#$\\\\\n]{0,60}") {
            for server in servers(&text, true).unwrap_or_default() {
                prop_assert!(text.is_char_boundary(server.inside));
            }
        }
    }
}
