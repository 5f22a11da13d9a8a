//! nginx: its configuration with what it includes, as it holds for each virtual server.
//!
//! A directive of an outer block holds in the inner ones that do not set it; one that may stand several times
//! (`add_header`, `limit_req`) is inherited only by blocks that have none of it. The scope of a fact is the main level
//! (empty), `http`, or a server by its name and listening address; what a location sets has the location in its scope.

mod block;

use super::include::{Includes, beside};
use super::{Found, Image, Reader, web};
use crate::Fault;
use block::{Directive, Lexer};
use hostward_model::{Fact, Origin};
use std::collections::{HashMap, HashSet};
use std::os::unix::fs::MetadataExt;

const MAIN: &str = "/etc/nginx/nginx.conf";
/// Blocks within blocks; nginx itself nests five deep in practice.
const NESTED_MAX: usize = 32;
/// Words of one configuration, which are kept until all of it is known.
const WORDS_MAX: usize = 250_000;

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

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    let mut main = Block::default();
    file(&mut Includes::new(image), MAIN, &mut main, 0)?;
    told(found, &main.directives, "")?;
    for (head, http) in main.blocks.iter().filter(|(head, _)| head.name == "http") {
        let servers: Vec<_> = http.blocks.iter().filter(|(head, _)| head.name == "server").collect();
        let inherited = inherited(&main.directives, &http.directives);
        for (at, (_, server)) in servers.iter().enumerate() {
            let scope = name_of(server, at);
            let own: HashSet<&str> = server.directives.iter().map(|own| own.name.as_str()).collect();
            let outer = inherited.iter().filter(|(name, _)| !own.contains(*name));
            told(found, outer.flat_map(|(_, all)| all.iter().copied()), &scope)?;
            told(found, &server.directives, &scope)?;
            locations(server, &scope, found)?;
        }
        if servers.is_empty() {
            told(found, &http.directives, &head.name)?;
        }
    }
    let keys = found.settled().filter_map(|fact| key_mode(image, fact)).collect::<Vec<_>>();
    found.extend(keys)
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
        includes.things += 1 + directive.words.len();
        if includes.things > WORDS_MAX {
            return Err(lexer.fault(&directive.name, "fewer words in all files together"));
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

/// By name, what servers have of the main level and of `http`: the inner level has the word.
fn inherited<'d>(main: &'d [Directive], http: &'d [Directive]) -> Vec<(&'d str, Vec<&'d Directive>)> {
    let inner: HashSet<&str> = http.iter().map(|own| own.name.as_str()).collect();
    let outer = main.iter().filter(|own| !inner.contains(own.name.as_str()));
    let (mut named, mut places) = (Vec::<(&str, Vec<&Directive>)>::new(), HashMap::new());
    for own in outer.chain(http) {
        let place = *places.entry(own.name.as_str()).or_insert(named.len());
        match named.get_mut(place) {
            Some((_, all)) => all.push(own),
            None => named.push((&own.name, vec![own])),
        }
    }
    named
}

/// What locations say otherwise, and every location that is refused.
fn locations(block: &Block, scope: &str, found: &mut Found) -> Result<(), Fault> {
    for (head, location) in block.blocks.iter().filter(|(head, _)| head.name == "location") {
        let pattern = head.words.join(" ");
        let inner = format!("{scope} location {pattern}");
        told(found, &location.directives, &inner)?;
        if location.directives.iter().any(|own| own.name == "deny" && own.words == ["all"]) {
            found.push(Fact::new("denied", pattern, head.origin.clone()).within(scope))?;
        }
        locations(location, &inner, found)?;
    }
    Ok(())
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

fn told<'d>(
    found: &mut Found,
    directives: impl IntoIterator<Item = &'d Directive>,
    scope: &str,
) -> Result<(), Fault> {
    directives.into_iter().try_for_each(|own| found.extend(fact_of(own, scope)))
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
