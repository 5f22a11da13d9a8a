//! Renders per second: every configuration at every level, for a host with accounts, servers and files.
//!
//! `cargo bench -p hostward-harden`

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "a benchmark measures time"
)]

use hostward_harden::check::{Check, Level};
use hostward_harden::compliance::Framework;
use hostward_harden::config::{Host, Library, Text, Wish};
use hostward_model::{Fact, Facts, FileFact, FileKind, Look, Origin};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const FOR: Duration = Duration::from_secs(1);

fn main() {
    let files = texts("templates");
    let library = Library::parse(files.iter().map(|(name, text)| (name.as_str(), text.as_str()))).unwrap();
    let checks: Vec<Check> =
        texts("checks").iter().map(|(name, text)| Check::parse(name, text).unwrap()).collect();
    let frameworks: Vec<Framework> =
        texts("frameworks").iter().map(|(name, text)| Framework::parse(name, text).unwrap()).collect();
    let (facts, texts) = (facts(&library), files_of_the_host());
    let host = Host { facts: &facts, texts: &texts };
    let chosen: Vec<&Framework> = frameworks.iter().collect();
    let wishes =
        [Level::Basic, Level::Moderate, Level::Strict].map(|level| Wish::new(level, &chosen, &checks));
    let (begun, mut renders, mut slowest) = (Instant::now(), 0_u64, Duration::ZERO);
    while begun.elapsed() < FOR {
        for front in library.fronts() {
            for wish in &wishes {
                let one = Instant::now();
                let rendering = library.render(front, &host, wish).unwrap();
                assert!(
                    rendering.absent.is_none() && !rendering.main.is_empty(),
                    "{}: {rendering:?}",
                    front.name
                );
                slowest = slowest.max(one.elapsed());
                renders += 1;
            }
        }
    }
    let each = begun.elapsed().as_secs_f64() / renders as f64;
    println!(
        "{:.0} renders per second, {:.1} us each, the slowest {:.1} us",
        1.0 / each,
        each * 1e6,
        slowest.as_secs_f64() * 1e6
    );
}

fn texts(folder: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../content").join(folder), &mut all);
    all.sort();
    all
}

fn walk(folder: &Path, all: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, all);
        } else {
            all.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
}

fn facts(library: &Library) -> Facts {
    let mut facts = Facts::default();
    let mut put = |area: &str, scope: &str, key: &str, value: &str| {
        let fact = Fact::new(key, value, Origin::file("/etc/x")).within(scope);
        if let Look::Seen(own) = facts.areas.entry(area.to_owned()).or_insert_with(|| Look::Seen(Vec::new()))
        {
            own.push(fact);
        }
    };
    for account in 0..20 {
        let name = format!("user{account}");
        put("accounts", &name, "uid", "1000");
        put("accounts", &name, "shell", "/bin/bash");
        put("shadow", &name, "password", "yescrypt");
        put("homes", &name, "authorized_keys", "1");
        put("sudoers", &name, "rule", "ALL=(ALL) ALL");
        put("groups", &name, "members", "");
    }
    put("sshd", "", "port", "22");
    put("sshd", "Match User git", "x11forwarding", "no");
    put("listening", "", "tcp/22", "0.0.0.0");
    put("listening", "", "tcp/443", "0.0.0.0");
    put("apache", "", "module headers", "loaded");
    put("apache", "Directory /var/www/", "options", "Indexes");
    let file = |path: &str| FileFact {
        path: path.to_owned(),
        kind: FileKind::File,
        mode: 0o644,
        owner: "root".to_owned(),
        group: "root".to_owned(),
    };
    for path in library.fronts().iter().flat_map(|front| front.needs.iter().chain(&front.files)) {
        facts.files.insert(path.clone(), Look::Seen(vec![file(path)]));
    }
    facts
}

fn files_of_the_host() -> BTreeMap<String, Text> {
    let site = "server {\n\tlisten 443 ssl;\n\tserver_name a.example;\n\tlocation / { root /srv/www; }\n}\n"
        .repeat(4);
    let stack = "# here are the per-package modules (the \"Primary\" block)\nauth\t[success=1 default=ignore]\tpam_unix.so nullok\n\
                 # here's the fallback if no module succeeds\n# and here are more per-package modules (the \"Additional\" block)\n\
                 # end of pam-auth-update config\n";
    let kept = "Module: unix\n[success=end default=ignore]\tpam_unix.so nullok\n";
    let profile = "Name: Unix\nPriority: 256\nAuth-Type: Primary\nAuth:\n\t[success=end default=ignore]\tpam_unix.so nullok\n";
    let of = |text: &str, kind: &str| text.replace("auth\t", &format!("{kind}\t"));
    let stacks =
        ["account", "auth", "password", "session", "session-noninteractive"].into_iter().flat_map(|kind| {
            let first = kind.split('-').next().unwrap();
            [
                (format!("/etc/pam.d/common-{kind}"), of(stack, first)),
                (format!("/var/lib/pam/{kind}"), kept.to_owned()),
            ]
        });
    let files = [
        ("/usr/share/pam-configs/unix", profile.to_owned()),
        ("/etc/redis/redis.conf", "bind 127.0.0.1\n# A comment.\n".repeat(100)),
        ("/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n".to_owned()),
        ("/etc/nginx/nginx.conf", "http {\n\tinclude /etc/nginx/conf.d/*.conf;\n}\n".to_owned()),
        ("/etc/nginx/sites-enabled/default", site),
        ("/etc/login.defs", "# A comment.\nUMASK 022\n".repeat(100)),
        ("/etc/postgresql/15/main/postgresql.conf", "include_dir = 'conf.d'\n".to_owned()),
    ];
    let text = |(path, text): (String, String)| (path.clone(), Text { path, text, mode: 0o644, link: None });
    files.into_iter().map(|(path, text)| (path.to_owned(), text)).chain(stacks).map(text).collect()
}
