//! nginx: its configuration with what it includes, as it holds for each virtual server.
//!
//! A directive of an outer block holds in the inner ones that do not set it; one that may stand several times
//! (`add_header`, `limit_req`) is inherited only by blocks that have none of it. The scope of a fact is the main level
//! (empty), `http`, or a server by its name and listening address; what a location sets has the location in its scope.

mod block;

use super::include::{Includes, beside};
use super::{FACTS_MAX, Image, Reader, web};
use crate::Fault;
use block::{Directive, Lexer};
use hostward_model::{Fact, Origin};
use std::collections::HashSet;
use std::os::unix::fs::MetadataExt;

const MAIN: &str = "/etc/nginx/nginx.conf";
/// Blocks within blocks; nginx itself nests five deep in practice.
const NESTED_MAX: usize = 32;
/// Directives of one configuration. Each server inherits what is outside of it, so their product is what costs.
const DIRECTIVES_MAX: usize = 50_000;

pub static READER: Reader = Reader {
    area: "nginx",
    about: "nginx: effective directives for each virtual server, those of locations apart",
    reads: &[MAIN],
    read,
};

/// A block with what it contains.
#[derive(Debug, Default)]
struct Block {
    directives: Vec<Directive>,
    blocks: Vec<(Directive, Block)>,
}

fn read(image: &Image<'_>) -> Result<Vec<Fact>, Fault> {
    let mut main = Block::default();
    file(&mut Includes::new(image), MAIN, &mut main, 0)?;
    let mut facts = facts_of(&main.directives, "");
    for (head, http) in main.blocks.iter().filter(|(head, _)| head.name == "http") {
        let servers: Vec<_> = http.blocks.iter().filter(|(head, _)| head.name == "server").collect();
        let inherited = over(&main.directives, &http.directives);
        for (at, (_, server)) in servers.iter().enumerate() {
            if facts.len() > FACTS_MAX {
                return Ok(facts);
            }
            let all = over(&inherited, &server.directives);
            let scope = name_of(server, at);
            facts.extend(facts_of(&all, &scope));
            locations(server, &all, &scope, &mut facts);
        }
        if servers.is_empty() {
            facts.extend(facts_of(&http.directives, &head.name));
        }
    }
    let keys = facts.iter().filter_map(|fact| key_mode(image, fact)).collect::<Vec<_>>();
    facts.extend(keys);
    Ok(facts)
}

/// Who may read a private key; nothing when it is not there.
fn key_mode(image: &Image<'_>, fact: &Fact) -> Option<Fact> {
    if fact.key != "ssl_certificate_key" {
        return None;
    }
    let state = image.state(&beside("/etc/nginx", &fact.value)).ok()?;
    let value = format!("{:04o}", state.mode() & 0o7777);
    Some(Fact::new("ssl_certificate_key.mode", value, fact.origin.clone()).within(fact.scope.clone()))
}

fn file(includes: &mut Includes<'_, '_>, path: &str, into: &mut Block, depth: usize) -> Result<(), Fault> {
    includes.read(path, |includes, text| {
        let mut lexer = Lexer::new(path, text);
        fill(includes, &mut lexer, into, depth)?;
        lexer.end()
    })
}

fn fill(
    includes: &mut Includes<'_, '_>,
    lexer: &mut Lexer<'_>,
    into: &mut Block,
    depth: usize,
) -> Result<(), Fault> {
    if depth > NESTED_MAX {
        return Err(lexer.fault("{", "fewer blocks within blocks"));
    }
    while let Some((directive, opens)) = lexer.directive()? {
        includes.things += 1;
        if includes.things > DIRECTIVES_MAX {
            return Err(lexer.fault(&directive.name, "fewer directives in all files together"));
        }
        if opens {
            let mut block = Block::default();
            fill(includes, lexer, &mut block, depth + 1)?;
            lexer.close()?;
            into.blocks.push((directive, block));
        } else if directive.name == "include" {
            if let Origin::File(_, line) = directive.origin {
                includes.line = line;
            }
            let pattern = beside("/etc/nginx", directive.words.first().map_or("", String::as_str));
            for path in includes.image.glob(&pattern)? {
                file(includes, &path, into, depth)?;
            }
        } else {
            into.directives.push(directive);
        }
    }
    Ok(())
}

/// The outer directives that the inner block does not set, then its own.
fn over(outer: &[Directive], inner: &[Directive]) -> Vec<Directive> {
    let names: HashSet<&str> = inner.iter().map(|own| own.name.as_str()).collect();
    let kept = outer.iter().filter(|one| !names.contains(one.name.as_str()));
    kept.chain(inner).cloned().collect()
}

/// What locations say otherwise, and every location that is refused.
fn locations(block: &Block, outer: &[Directive], scope: &str, facts: &mut Vec<Fact>) {
    for (head, location) in block.blocks.iter().filter(|(head, _)| head.name == "location") {
        let inner = format!("{scope} location {}", head.words.join(" "));
        facts.extend(facts_of(&location.directives, &inner));
        if location.directives.iter().any(|own| own.name == "deny" && own.words == ["all"]) {
            let pattern = head.words.join(" ");
            facts.push(Fact::new("denied", pattern, head.origin.clone()).within(scope));
        }
        if !location.blocks.is_empty() && facts.len() <= FACTS_MAX {
            locations(location, &over(outer, &location.directives), &inner, facts);
        }
    }
}

fn name_of(server: &Block, at: usize) -> String {
    let first = |name: &str| {
        let own = server.directives.iter().find(|own| own.name == name)?;
        own.words.first().cloned()
    };
    let name = first("server_name").unwrap_or_else(|| format!("#{}", at + 1));
    let tls = server
        .directives
        .iter()
        .any(|own| own.name == "listen" && own.words.iter().any(|word| word == "ssl"));
    let listen = first("listen").unwrap_or_else(|| "80".to_owned());
    format!("{} {name} ({listen})", if tls { "tls server" } else { "server" })
}

fn facts_of(directives: &[Directive], scope: &str) -> Vec<Fact> {
    directives.iter().flat_map(|own| fact_of(own, scope)).collect()
}

fn fact_of(own: &Directive, scope: &str) -> Vec<Fact> {
    let fact = |key: &str, value: &str| Fact::new(key, value, own.origin.clone()).within(scope);
    let value = own.words.join(" ");
    match (own.name.as_str(), own.words.as_slice()) {
        ("add_header", [name, text, ..]) => web::header(name, text, scope, &own.origin),
        ("large_client_header_buffers", [number, size]) => vec![
            fact("large_client_header_buffers", &value),
            fact("large_client_header_buffers.number", number),
            fact("large_client_header_buffers.size", size),
        ],
        ("ssl_ciphers", [list]) => vec![fact("ssl_ciphers", &list.replace(':', ","))],
        ("keepalive_timeout", [first, ..]) => vec![fact("keepalive_timeout", first)],
        (name, _) => vec![fact(name, &value)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn a_server_has_what_it_does_not_set() {
        let main = "user www-data; # x\nhttp {\n  server_tokens off;\n  add_header X-A \"1; b=2\";\n  include sites/*;\n}\n";
        let site = "server { listen 443 ssl; server_name a.example;\n  add_header X-B '}' always;\n\
                    location ~ /\\. { deny all; }\n  if ($x = \"a{b\") { return 301 https://$host$request_uri; } }\n";
        expect![[r#"
            user = www-data  (/etc/nginx/nginx.conf:1)
            [tls server a.example (443)] user = www-data  (/etc/nginx/nginx.conf:1)
            [tls server a.example (443)] server_tokens = off  (/etc/nginx/nginx.conf:3)
            [tls server a.example (443)] listen = 443 ssl  (/etc/nginx/sites/a:1)
            [tls server a.example (443)] server_name = a.example  (/etc/nginx/sites/a:1)
            [tls server a.example (443)] header x-b = }  (/etc/nginx/sites/a:2)
            [tls server a.example (443) location ~ /\.] deny = all  (/etc/nginx/sites/a:3)
            [tls server a.example (443)] denied = ~ /\.  (/etc/nginx/sites/a:3)
        "#]]
        .assert_eq(&shown(&READER, &[(MAIN, main), ("/etc/nginx/sites/a", site)]));
    }

    #[test]
    fn what_nginx_would_refuse_is_named() {
        let deep = "a{".repeat(99);
        let shown = |text| shown(&READER, &[(MAIN, text)]);
        assert!(
            shown("http {\n").contains("nginx.conf:2: expected a closing brace"),
            "{}",
            shown("http {\n")
        );
        assert!(shown("a b;\n}").contains("nginx.conf:2: expected a directive"), "{}", shown("a b;\n}"));
        assert!(shown(&deep).contains("fewer blocks"), "{}", shown(&deep));
    }
}
