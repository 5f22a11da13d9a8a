//! sshd's configuration for hosts of all kinds: what is rendered, what is kept, and what is refused because it would lock
//! somebody out.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "these tests read the template")]

use expect_test::{Expect, expect};
use hostward_harden::check::Level;
use hostward_harden::config::{Entry, Host, Library, Rendering, Text, Wish};
use hostward_model::{Fact, Facts, FileFact, FileKind, Look, Origin};
use std::collections::BTreeMap;

const INCLUDE: &str = "Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n";

struct Place {
    facts: Facts,
    texts: BTreeMap<String, Text>,
}

/// Accounts as `NAME UID KEYS PASSWORD GROUP`, settings of sshd as `KEY VALUE`.
fn place(accounts: &[&str], settings: &[&str]) -> Place {
    let mut facts = Facts::default();
    let mut put = |area: &str, scope: &str, key: &str, value: &str| {
        let look = facts.areas.entry(area.to_owned()).or_insert_with(|| Look::Seen(Vec::new()));
        if let Look::Seen(own) = look {
            own.push(Fact::new(key, value, Origin::line("/etc/ssh/sshd_config", 9)).within(scope));
        }
    };
    for account in accounts {
        let words: Vec<&str> = account.split(' ').collect();
        put("accounts", words[0], "uid", words[1]);
        put("accounts", words[0], "shell", "/bin/bash");
        put("homes", words[0], "authorized_keys", words[2]);
        put("shadow", words[0], "password", words[3]);
        put("groups", words[4], "members", words[0]);
    }
    put("sudoers", "%sudo", "rule", "ALL=(ALL:ALL) ALL");
    for setting in ["port 22"].iter().chain(settings) {
        let (key, value) = setting.split_once(' ').unwrap();
        put("sshd", "", key, value);
    }
    let files = ["/usr/sbin/sshd", "/etc/ssh/ssh_host_ed25519_key"];
    for path in files {
        let (owner, group) = ("root".to_owned(), "root".to_owned());
        let file = FileFact { path: path.to_owned(), kind: FileKind::File, mode: 0o600, owner, group };
        facts.files.insert(path.to_owned(), Look::Seen(vec![file]));
    }
    let mut place = Place { facts, texts: BTreeMap::new() };
    place.text("/etc/ssh/sshd_config", INCLUDE);
    place
}

impl Place {
    fn text(&mut self, path: &str, text: &str) {
        let text = Text { path: path.to_owned(), text: text.to_owned(), mode: 0o644, link: None };
        self.texts.insert(path.to_owned(), text);
    }

    fn render(&self, level: Level) -> Rendering {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../content/templates/sshd.j2");
        let text = std::fs::read_to_string(path).unwrap();
        let library = Library::parse([(path, text.as_str())]).unwrap();
        let host = Host { facts: &self.facts, texts: &self.texts };
        library.render(&library.fronts()[0], &host, &Wish { level, ..Wish::default() }).unwrap()
    }
}

/// What is decided about signing in, and the remarks.
fn check(place: &Place, level: Level, expected: Expect) {
    let own = place.render(level);
    let about = ["PermitRootLogin", "PasswordAuthentication", "AllowUsers"];
    let lines = own.main.lines().filter(|line| about.iter().any(|key| line.starts_with(key)));
    let lines = lines.map(str::to_owned);
    let kept = own
        .kept
        .iter()
        .filter(|own| !own.what.starts_with("Port"))
        .map(|own| format!("kept {}: {}", own.what, own.why));
    let refused = own.refused.iter().map(|own| format!("refused {}: {}", own.what, own.why));
    let text: String = lines.chain(kept).chain(refused).map(|line| line + "\n").collect();
    expected.assert_eq(&text);
}

#[test]
fn an_administrator_with_a_key_gets_everything() {
    let place = place(&["root 0 1 locked root", "ann 1000 1 locked sudo"], &[]);
    check(
        &place,
        Level::Strict,
        expect![[r#"
        PermitRootLogin no
        PasswordAuthentication no
        AllowUsers ann
        kept AllowUsers ann: they sign in today
    "#]],
    );
    check(
        &place,
        Level::Basic,
        expect![[r#"
        PermitRootLogin prohibit-password
        kept AllowUsers ann root: they sign in today
    "#]],
    );
}

#[test]
fn root_stays_when_nobody_else_could_administer() {
    let alone = place(&["root 0 1 locked root", "ann 1000 1 locked users"], &[]);
    check(
        &alone,
        Level::Strict,
        expect![[r#"
        PermitRootLogin prohibit-password
        PasswordAuthentication no
        AllowUsers ann root
        kept AllowUsers ann root: they sign in today
        refused PermitRootLogin no: root is the only account that signs in and may administer; give another one a key and sudo
    "#]],
    );
    let by_password = place(&["root 0 0 yescrypt root"], &["permitrootlogin yes"]);
    check(
        &by_password,
        Level::Strict,
        expect![[r#"
        PermitRootLogin yes
        AllowUsers root
        kept PasswordAuthentication: root has no key and signs in with a password
        kept AllowUsers root: they sign in today
        refused PermitRootLogin no: root is the only account that signs in and may administer; give another one a key and sudo (it uses a password today)
    "#]],
    );
}

#[test]
fn passwords_stay_while_somebody_needs_one() {
    let place_with = place(&["ann 1000 1 locked sudo", "bob 1001 0 yescrypt users"], &[]);
    check(
        &place_with,
        Level::Strict,
        expect![[r#"
        PermitRootLogin no
        AllowUsers ann bob
        kept PasswordAuthentication: bob has no key and signs in with a password
        kept AllowUsers ann bob: they sign in today
    "#]],
    );
    let off = place(&["ann 1000 1 locked sudo", "bob 1001 0 yescrypt users"], &["passwordauthentication no"]);
    check(
        &off,
        Level::Strict,
        expect![[r#"
        PermitRootLogin no
        PasswordAuthentication no
        AllowUsers ann
        kept AllowUsers ann: they sign in today
    "#]],
    );
}

#[test]
fn what_cannot_be_told_is_not_touched() {
    let mut unknown = place(&["ann 1000 1 locked sudo"], &[]);
    unknown.facts.areas.remove("shadow");
    check(
        &unknown,
        Level::Strict,
        expect![[r#"
        refused root and password login: it cannot be told who has a key: run it as root, or name AuthorizedKeysFile's default
    "#]],
    );
    let listed = place(&["ann 1000 1 locked sudo"], &["allowgroups ops"]);
    check(
        &listed,
        Level::Moderate,
        expect![[r#"
        PermitRootLogin no
        kept allowgroups: /etc/ssh/sshd_config:9 lists who may sign in
    "#]],
    );
}

#[test]
fn the_drop_in_is_read_first() {
    let mut place = place(&["ann 1000 1 locked sudo"], &[]);
    let path = |place: &Place| {
        place.render(Level::Moderate).artifacts.iter().map(|own| own.path.clone()).collect::<Vec<_>>()
    };
    assert_eq!(path(&place), ["/etc/ssh/sshd_config.d/00-hostward.conf"]);
    place.text("/etc/ssh/sshd_config.d/00-cloud.conf", "PasswordAuthentication yes\n");
    assert_eq!(path(&place), ["/etc/ssh/sshd_config.d/0-hostward.conf"]);
    place.text("/etc/ssh/sshd_config.d/!a.conf", "");
    assert_eq!(path(&place), ["/etc/ssh/sshd_config.d/!-hostward.conf"]);
    place.text("/etc/ssh/sshd_config.d/ a.conf", "");
    let refused = place.render(Level::Moderate);
    assert!(refused.artifacts.is_empty() && refused.refused[0].why.contains("sorts before"), "{refused:?}");
}

#[test]
fn a_main_file_without_an_include_gets_one_line() {
    let mut place = place(&["ann 1000 1 locked sudo"], &[]);
    place.text("/etc/ssh/sshd_config", "# mine\nPort 2222\nInclude /etc/ssh/sshd_config.d/*.conf\n");
    let rendering = place.render(Level::Moderate);
    let main = rendering.artifacts.iter().find(|own| own.path == "/etc/ssh/sshd_config").unwrap();
    expect![[r#"
        --- /etc/ssh/sshd_config
        +++ /etc/ssh/sshd_config
        @@ -1,3 +1,4 @@
        +Include /etc/ssh/sshd_config.d/00-hostward.conf
         # mine
         Port 2222
         Include /etc/ssh/sshd_config.d/*.conf
    "#]]
    .assert_eq(&main.diff);
}

#[test]
fn rendered_on_its_own_result_it_changes_nothing() {
    for level in [Level::Basic, Level::Moderate, Level::Strict] {
        let mut place = place(&["root 0 1 locked root", "ann 1000 1 locked sudo"], &[]);
        place.text("/etc/ssh/sshd_config", "Port 2222\n");
        for artifact in place.render(level).artifacts {
            let Entry::File(text, mode) = artifact.entry else { panic!("{artifact:?}") };
            place.texts.insert(artifact.path.clone(), Text { path: artifact.path, text, mode, link: None });
        }
        assert_eq!(place.render(level).artifacts, [], "{level:?}");
    }
}

#[test]
fn a_name_that_is_no_account_name_never_enters() {
    let hostile = place(&["ann 1000 1 locked sudo", "x\"*@evil 1001 1 locked users"], &[]);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../content/templates/sshd.j2");
    let text = std::fs::read_to_string(path).unwrap();
    let library = Library::parse([(path, text.as_str())]).unwrap();
    let host = Host { facts: &hostile.facts, texts: &hostile.texts };
    let why = library.render(&library.fronts()[0], &host, &Wish::default()).unwrap_err();
    assert!(why.contains("sshd.allow_users") && why.contains("is not a name of"), "{why}");
}

/// The lines of a keyword, and why it is not said.
fn said(place: &Place, keyword: &str) -> String {
    let own = place.render(Level::Strict);
    let lines = own.main.lines().filter(|line| line.starts_with(keyword)).map(str::to_owned);
    let kept = own.kept.iter().filter(|own| own.what.to_lowercase().starts_with(&keyword.to_lowercase()));
    lines.chain(kept.map(|own| format!("{}: {}", own.what, own.why))).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_somebody_works_by_is_left_to_them() {
    let plain = place(&["ann 1000 1 locked sudo"], &[]);
    assert_eq!(said(&plain, "PermitTunnel"), "PermitTunnel no");
    assert_eq!(said(&plain, "KerberosAuthentication"), "KerberosAuthentication no");
    let mut theirs = place(
        &["ann 1000 1 locked sudo"],
        &[
            "permittunnel point-to-point",
            "kerberosauthentication yes",
            "gssapiauthentication yes",
            "syslogfacility LOCAL3",
        ],
    );
    assert_eq!(
        said(&theirs, "PermitTunnel"),
        "permittunnel point-to-point: /etc/ssh/sshd_config:9 says so: a network may go through it"
    );
    assert!(said(&theirs, "KerberosAuthentication").contains("a password of Kerberos"));
    assert!(said(&theirs, "SyslogFacility").contains("under that name"));
    assert_eq!(
        said(&theirs, "GSSAPIAuthentication"),
        "GSSAPIAuthentication no",
        "nobody has a ticket for this host"
    );
    let keytab = theirs.facts.files["/usr/sbin/sshd"].clone();
    theirs.facts.files.insert("/etc/krb5.keytab".to_owned(), keytab);
    assert!(said(&theirs, "GSSAPIAuthentication").contains("somebody may sign in with a ticket"));
}

#[test]
fn a_keyword_of_debian_is_for_debian() {
    let mut host = place(&["ann 1000 1 locked sudo"], &[]);
    assert_eq!(said(&host, "DebianBanner"), "");
    let version = host.facts.files["/usr/sbin/sshd"].clone();
    host.facts.files.insert("/etc/debian_version".to_owned(), version);
    assert_eq!(said(&host, "DebianBanner"), "DebianBanner no");
}

#[test]
fn who_is_not_in_the_files_of_the_host_is_not_locked_out() {
    let mut host = place(&["ann 1000 1 locked sudo"], &[]);
    host.text("/etc/nsswitch.conf", "# of Debian\npasswd:         files systemd\n");
    assert_eq!(said(&host, "AllowUsers"), "AllowUsers ann\nAllowUsers ann: they sign in today");
    host.text("/etc/nsswitch.conf", "passwd: files [NOTFOUND=continue] sss # of the company\n");
    check(
        &host,
        Level::Strict,
        expect![[r#"
            PermitRootLogin no
            refused PasswordAuthentication no: /etc/nsswitch.conf takes accounts from sss, too, and they are not known
            refused AllowUsers: /etc/nsswitch.conf takes accounts from sss, too, and they are not known; name them with the parameter sshd.allow_users
        "#]],
    );
}
