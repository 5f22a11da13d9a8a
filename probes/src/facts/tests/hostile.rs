//! What a hostile image can put where a reader looks: each reader names it with file and line, or passes it by within its
//! bounds; none takes it for a configuration that says nothing.

use super::*;
use allocation_counter::measure;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use std::fs::{self, File};

/// The most that one reader may take at a time, whatever it reads.
const MEMORY_BYTES_MAX: u64 = 128 << 20;

/// Puts something at a path.
type Put = fn(&Tree, &str);

/// What is no text, and the end of the reason that is given for it.
const NO_TEXT: [(&str, Put, &str); 8] = [
    ("a line of 1 GiB", sparse, ":1: larger than 4194304 bytes"),
    (
        "a long line",
        |tree, path| tree.write(path, "a ".repeat(200_000)),
        ":1: a line of more than 262144 bytes",
    ),
    (
        "a line that goes on",
        |tree, path| tree.write(path, format!("# x\n{}", "a b c d e f g h \\\n".repeat(40_000))),
        ":14565: a line of more than 262144 bytes",
    ),
    (
        "100,000 lines",
        |tree, path| tree.write(path, "key value\n".repeat(100_000)),
        ":50001: more than 50000 lines with what was read before it",
    ),
    (
        "a byte 0",
        |tree, path| tree.write(path, "a b\n\nc \0d\n"),
        ":3: a byte 0, where programs end a line each in its own way",
    ),
    ("a directory", |tree, path| tree.directory(path), ": not an ordinary file"),
    ("a pipe", |tree, path| mkfifo(&tree.path(path), Mode::S_IRUSR).unwrap(), ": not an ordinary file"),
    (
        "a link to itself",
        |tree, path| tree.link(path, path),
        ": Too many levels of symbolic links (os error 40)",
    ),
];

/// Readers of what is no text by lines: dpkg's tables, which are as long as they are, directories, and the end of a log.
const OF_NO_TEXT: [&str; 5] = ["packages", "updates", "scan", "units", "waf-log"];

fn sparse(tree: &Tree, path: &str) {
    File::create(tree.path(path)).unwrap().set_len(1 << 30).unwrap();
}

fn look_at(tree: &Tree, reader: &Reader) -> Look<Vec<Fact>> {
    let (host, wanted) = (tree.host(), only(reader));
    let mut look = None;
    let memory = measure(|| look = collect(&host, &wanted).areas.remove(reader.area));
    assert!(memory.bytes_max < MEMORY_BYTES_MAX, "{} took {} MiB", reader.area, memory.bytes_max >> 20);
    look.unwrap()
}

/// Whether the reader reads this file when there is no other.
fn is_read(reader: &Reader, path: &str) -> bool {
    let tree = Tree::new(&[]);
    let without = look_at(&tree, reader);
    tree.write(path, WORDS.join("\n"));
    look_at(&tree, reader) != without
}

#[test]
fn what_is_no_text_is_named() {
    let mut tried = 0;
    for reader in READERS.iter().filter(|reader| !OF_NO_TEXT.contains(&reader.area)) {
        for (path, drop_in) in places(reader).into_iter().filter(|(path, _)| is_read(reader, path)) {
            for (what, put, reason) in NO_TEXT {
                let tree = Tree::new(&[]);
                tree.directory(path.rsplit_once('/').unwrap().0);
                put(&tree, &path);
                let look = look_at(&tree, reader);
                let named = matches!(&look, Look::Unseen(gap) if gap.reason == format!("{path}{reason}"));
                // Among drop-ins, their programs take ordinary files only.
                let passed_by = drop_in && ["a directory", "a pipe", "a link to itself"].contains(&what);
                assert!(named || passed_by, "{}: {what} at {path}: {look:?}", reader.area);
                tried += 1;
            }
        }
    }
    assert!(tried >= 300, "only {tried} were tried");
}

/// How each area includes a file, and the file that it starts with.
const INCLUDES: [(&str, &str, &str); 13] = [
    ("apache", "/etc/apache2/apache2.conf", "Include {}"),
    ("firewall", "/etc/nftables.conf", "include \"{}\""),
    ("logrotate", "/etc/logrotate.conf", "include {}"),
    ("mariadb", "/etc/mysql/my.cnf", "!include {}"),
    ("nginx", "/etc/nginx/nginx.conf", "include {};"),
    ("pam", "/etc/pam.d/a", "@include {}"),
    ("postgresql", "/etc/postgresql/15/main/postgresql.conf", "include '{}'"),
    ("redis", "/etc/redis/redis.conf", "include {}"),
    ("rsyslog", "/etc/rsyslog.conf", "$IncludeConfig {}"),
    ("ssh-client", "/etc/ssh/ssh_config", "Include {}"),
    ("sshd", "/etc/ssh/sshd_config", "Include {}"),
    ("sudoers", "/etc/sudoers", "@include {}"),
    ("time", "/etc/chrony/chrony.conf", "include {}"),
];

#[test]
fn what_includes_itself_is_named_with_its_line() {
    for (area, path, include) in INCLUDES {
        let shown = shown(reader(area), &[(path, &format!("# x\n{}\n", include.replace("{}", path)))]);
        let reason = "files are included 16 deep: does it include itself?";
        assert_eq!(shown, format!("unseen: {path}:2: {path}: {reason}\n"), "{area}");
    }
}

#[test]
fn files_that_name_the_next_twice_are_counted() {
    for (area, path, include) in INCLUDES {
        let name = |at: usize| if at == 0 { path.to_owned() } else { format!("/etc/chain/{at}") };
        let text = |at: usize| format!("{}\n", include.replace("{}", &name(at + 1))).repeat(2);
        let files: Vec<(String, String)> = (0..15).map(|at| (name(at), text(at))).collect();
        let mut files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        files.push(("/etc/chain/15", ""));
        let shown = shown(reader(area), &files);
        assert!(shown.ends_with(": more than 1000 files are included\n"), "{area}: {shown}");
        assert!(shown.starts_with("unseen: /etc/chain/"), "{area}: {shown}");
    }
}

/// Texts of few bytes from which much could be made.
#[test]
fn little_text_does_not_become_much() {
    let long = "x".repeat(200_000);
    let many = |line: &str| line.repeat(20_000);
    let defines: String = (0..60).map(|n| format!("Define a{} ${{a{n}}}${{a{n}}}\n", n + 1)).collect();
    let cases = [
        ("sshd", "/etc/ssh/sshd_config", format!("Match User {long}\n{}", many("AcceptEnv X\n"))),
        (
            "apache",
            "/etc/apache2/apache2.conf",
            format!("<Directory /{long}>\n{}", many("Require all denied\n")),
        ),
        ("apache", "/etc/apache2/apache2.conf", format!("Define a0 {long}\n{defines}Timeout ${{a60}}\n")),
        ("apache", "/etc/apache2/apache2.conf", format!("Define a0 x\n{defines}Timeout ${{a60}}\n")),
        (
            "nginx",
            "/etc/nginx/nginx.conf",
            format!("http {{ server {{ server_name {long};\n{} }} }}", many("a b;\n")),
        ),
        ("nginx", "/etc/nginx/nginx.conf", format!("http {{\n{}{} }}", many("a b;\n"), many("server { }\n"))),
        ("nginx", "/etc/nginx/nginx.conf", many(&"a b\n".repeat(2))),
        ("sudoers", "/etc/sudoers", format!("{long} ALL = {}", "NOPASSWD: x, ".repeat(4_000))),
        (
            "audit-rules",
            "/etc/audit/rules.d/own.rules",
            format!("-a always,exit -F {long} {}", "-S a ".repeat(10_000)),
        ),
        ("fail2ban", "/etc/fail2ban/jail.conf", format!("[{long}]\n{}", many("k = v\n"))),
        ("logrotate", "/etc/logrotate.conf", format!("/{long} {{\n{}", many("daily\n"))),
        ("apt", "/etc/apt/apt.conf.d/own", format!("{long} {{\n{}", many("a b;\n"))),
        ("apt", "/etc/apt/apt.conf.d/own", many("a {\n")),
        ("boot", "/etc/default/grub", many(&format!("GRUB_CMDLINE_LINUX=\"{}\"\n", "a ".repeat(90)))),
        ("pam", "/etc/pam.d/a", many("auth optional x.so a b c d e f g h\n@include a\n")),
    ];
    for (area, path, text) in cases {
        let tree = Tree::new(&[]);
        tree.write(path, text);
        let Look::Unseen(gap) = look_at(&tree, reader(area)) else { panic!("{area} was seen") };
        let line = gap
            .reason
            .strip_prefix(path)
            .and_then(|rest| rest.strip_prefix(':'))
            .and_then(|rest| rest.split(':').next());
        assert!(line.is_some_and(|line| line.parse::<usize>().is_ok()), "{area}: {}", gap.reason);
    }
}

/// A name that a shell, a terminal or a report could choke on is a name.
#[test]
fn files_may_have_any_name() {
    let strange = "a\"b'c\u{1b}]0;x\u{7} $(id) `id`\n\\<b>é";
    let mut tried = 0;
    for reader in READERS {
        for pattern in reader.reads.iter().filter(|path| path.contains('*')) {
            let seen = |name: &str| {
                let tree = Tree::new(&[]);
                tree.write(&pattern.replace('*', name), WORDS.join("\n"));
                match look_at(&tree, reader) {
                    Look::Seen(facts) => facts.iter().map(line).collect::<String>(),
                    Look::Absent(what) => what,
                    Look::Unseen(gap) => gap.reason,
                }
            };
            assert_eq!(seen(strange).replace(strange, "own"), seen("own"), "{}", reader.area);
            tried += 1;
        }
    }
    assert!(tried >= 4, "only {tried} were tried");
}

/// What is no UTF-8 is replaced where it stands; what is around it is read, and escapes stay for those who show them to tell.
#[test]
fn strange_bytes_are_part_of_a_value() {
    let tree = Tree::new(&[]);
    tree.write("/etc/ssh/sshd_config", b"Banner \xff\x1b[2J\xc2\x9b1m\nPermitRootLogin no\xe9\n");
    let Look::Seen(facts) = look_at(&tree, reader("sshd")) else { panic!("it was not seen") };
    let value = |key: &str| facts.iter().find(|fact| fact.key == key).unwrap().value.as_str();
    assert_eq!(value("banner"), "\u{fffd}\u{1b}[2J\u{9b}1m");
    assert_eq!(value("permitrootlogin"), "no\u{fffd}");
}

/// Root may read everything, so whoever runs the tests as root learns nothing here.
#[test]
fn what_may_not_be_read_is_named() {
    let tree = Tree::new(&[("/etc/sudoers", "")]);
    fs::set_permissions(tree.path("/etc/sudoers"), std::os::unix::fs::PermissionsExt::from_mode(0o000))
        .unwrap();
    if File::open(tree.path("/etc/sudoers")).is_ok() {
        println!("everything can be read here: not tried");
        return;
    }
    let Look::Unseen(gap) = look_at(&tree, reader("sudoers")) else { panic!("it was seen") };
    assert!(gap.reason.contains("/etc/sudoers"), "{}", gap.reason);
}
