//! Units of services, PAM, fail2ban, Redis and iptables for hosts of all kinds: what stays, what is refused, and that a second
//! time changes nothing.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "these tests read the templates")]

mod place;

use expect_test::expect;
use hostward_harden::check::Level;
use hostward_harden::config::{Entry, Rendering};
use place::{Place, why};

/// The text that goes to a path.
fn text(rendering: &Rendering, path: &str) -> String {
    let own = rendering.artifacts.iter().find(|own| own.path == path);
    let own = own.unwrap_or_else(|| panic!("{path} is not in {rendering:?}"));
    match &own.entry {
        Entry::File(text, _) => text.clone(),
        other => panic!("{path}: {other:?}"),
    }
}

fn at(mut place: Place, level: Level) -> Place {
    place.wish.level = level;
    place
}

const NGINX: &str = "/etc/systemd/system/nginx.service.d/hostward.conf";
const SSH: &str = "/etc/systemd/system/ssh.service.d/hostward.conf";

fn services() -> Place {
    Place::new(&[])
        .file("/lib/systemd/system/nginx.service")
        .file("/lib/systemd/system/apache2.service")
        .file("/lib/systemd/system/ssh.service")
}

#[test]
fn sessions_keep_what_they_have_until_the_strictest_level() {
    let moderate = at(services(), Level::Moderate).render("units");
    assert!(text(&moderate, NGINX).contains("\nNoNewPrivileges=yes\n"));
    assert!(moderate.artifacts.iter().all(|own| own.path != SSH), "{moderate:?}");
    let strict = services().render("units");
    assert!(text(&strict, SSH).contains("\nRestrictNamespaces=yes\n"));
    assert!(!text(&strict, SSH).contains("NoNewPrivileges"), "sudo has to work");
    assert_eq!(services().after(&strict).render("units").artifacts, []);
    // At a lower level what the higher one wrote goes.
    let back = at(services().after(&strict), Level::Basic).render("units");
    assert!(back.artifacts.iter().any(|own| own.path == SSH && own.entry == Entry::Absent), "{back:?}");
}

#[test]
fn what_somebody_set_in_a_drop_in_stays() {
    let theirs = "[Service]\n# why\nProtectSystem=false\nPrivateDevices = no\n";
    let rendering = services().text("/etc/systemd/system/nginx.service.d/own.conf", theirs).render("units");
    let own = text(&rendering, NGINX);
    assert!(!own.contains("ProtectSystem") && !own.contains("PrivateDevices=") && own.contains("PrivateTmp"));
    let kept: Vec<_> = rendering.kept.iter().map(|own| own.what.as_str()).collect();
    assert_eq!(kept, ["nginx.service: PrivateDevices", "nginx.service: ProtectSystem"]);
}

#[test]
fn a_socket_below_tmp_and_programs_of_pages_are_not_cut_off() {
    let site = "server { location / { fastcgi_pass unix:/tmp/php.sock; } }\n";
    let rendering = services().text("/etc/nginx/sites-enabled/a", site).render("units");
    assert!(!text(&rendering, NGINX).contains("PrivateTmp"), "{rendering:?}");
    let mut php = services();
    php.fact("apache||module php8.2|loaded");
    let own = text(&php.render("units"), "/etc/systemd/system/apache2.service.d/hostward.conf");
    assert!(!own.contains("NoNewPrivileges") && own.contains("ProtectKernelModules=yes"), "{own}");
}

#[test]
fn a_unit_of_ones_own_gets_what_nobody_objects_to() {
    let rendering = services().parameter("units.services", "app.service").render("units");
    let own = text(&rendering, "/etc/systemd/system/app.service.d/hostward.conf");
    assert!(own.contains("LockPersonality=yes") && !own.contains("CapabilityBoundingSet"), "{own}");
    for name in ["../x.service", "a b.service", "app.timer"] {
        let refused = services().parameter("units.services", name).render("units");
        assert!(why(&refused).contains("which is no service"), "{refused:?}");
    }
}

/// Stacks as Debian 12 has them, and what pam-auth-update keeps beside.
fn stacks(place: Place) -> Place {
    let stack = |kind: &str, block: &str| {
        format!(
            "# here are the per-package modules (the \"Primary\" block)\n{block}# here's the fallback if no module succeeds\n\
             {kind}\trequisite\t\t\tpam_deny.so\n# and here are more per-package modules (the \"Additional\" block)\n# end of pam-auth-update config\n"
        )
    };
    let unix = "Name: Unix authentication\nDefault: yes\nPriority: 256\nAuth-Type: Primary\nAuth:\n\
                \t[success=end default=ignore]\tpam_unix.so nullok try_first_pass\nAuth-Initial:\n\
                \t[success=end default=ignore]\tpam_unix.so nullok\nAccount-Type: Primary\nAccount:\n\
                \t[success=end default=ignore]\tpam_unix.so\nPassword-Type: Primary\nPassword:\n\
                \t[success=end default=ignore]\tpam_unix.so obscure use_authtok try_first_pass yescrypt\nPassword-Initial:\n\
                \t[success=end default=ignore]\tpam_unix.so obscure yescrypt\n";
    let line =
        |kind: &str, options: &str| format!("{kind}\t[success=1 default=ignore]\tpam_unix.so {options}\n");
    let kept = |options: &str| format!("Module: unix\n[success=end default=ignore]\tpam_unix.so{options}\n");
    let mut place = place
        .file("/lib/*/security/pam_faillock.so")
        .file("/lib/*/security/pam_pwhistory.so")
        .text("/usr/share/pam-configs/unix", unix)
        .text("/var/lib/pam/seen", "unix\n")
        .text(
            "/etc/pam.d/su",
            "auth       sufficient pam_rootok.so\n# auth required pam_wheel.so\n@include common-auth\n",
        );
    for (kind, options, saved) in [
        ("auth", "nullok", " nullok"),
        ("account", "", ""),
        ("password", "obscure yescrypt", " obscure yescrypt"),
    ] {
        place = place
            .text(&format!("/etc/pam.d/common-{kind}"), &stack(kind, &line(kind, options)))
            .text(&format!("/var/lib/pam/{kind}"), &kept(saved));
    }
    for kind in ["session", "session-noninteractive"] {
        let block = "session\t[default=1]\t\t\tpam_permit.so\n";
        place = place
            .text(&format!("/etc/pam.d/common-{kind}"), &stack("session", block))
            .text(&format!("/var/lib/pam/{kind}"), "Module: null\n[default=1]\t\t\tpam_permit.so\n");
    }
    place
}

const PEOPLE: [&str; 8] = [
    "accounts|ann|uid|1000",
    "accounts|ann|shell|/bin/bash",
    "shadow|ann|password|yescrypt",
    "homes|ann|authorized_keys|1",
    "groups|sudo|members|ann",
    "sudoers|%sudo|rule|ALL=(ALL:ALL) ALL",
    "accounts|root|uid|0",
    "shadow|root|password|locked",
];

#[test]
fn stacks_are_what_pam_auth_update_makes() {
    let rendering = stacks(Place::new(&PEOPLE)).render("pam");
    let lines = |path: &str| {
        let own = text(&rendering, path);
        own.lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| format!("{}\n", line.trim_end()))
            .collect::<String>()
    };
    let shown: String =
        ["auth", "account", "password"].map(|kind| lines(&format!("/etc/pam.d/common-{kind}"))).concat();
    expect![[r#"
        auth	requisite pam_faillock.so preauth
        auth	[success=2 default=ignore]	pam_unix.so try_first_pass
        auth	[default=die] pam_faillock.so authfail
        auth	requisite			pam_deny.so
        account	required pam_faillock.so
        account	[success=1 default=ignore]	pam_unix.so
        account	requisite			pam_deny.so
        password	requisite pam_pwhistory.so remember=24 enforce_for_root
        password	[success=1 default=ignore]	pam_unix.so obscure use_authtok try_first_pass yescrypt
        password	requisite			pam_deny.so
    "#]]
    .assert_eq(&shown);
    assert_eq!(
        text(&rendering, "/etc/pam.d/su"),
        "auth       sufficient pam_rootok.so\nauth       required   pam_wheel.so use_uid group=sudo\n\
         # auth required pam_wheel.so\n@include common-auth\n"
    );
    assert_eq!(stacks(Place::new(&PEOPLE)).after(&rendering).render("pam").artifacts, []);
}

#[test]
fn nobody_is_locked_out_of_an_account() {
    let mut place = stacks(Place::new(&PEOPLE));
    place.fact("shadow|kiosk|password|empty");
    let rendering = place.render("pam");
    assert!(text(&rendering, "/etc/pam.d/common-auth").contains("pam_unix.so nullok"), "{rendering:?}");
    assert_eq!(rendering.kept[0].why, "kiosk has no password and signs in without");
    let alone = stacks(Place::new(&["shadow|root|password|yescrypt"])).render("pam");
    assert_eq!(alone.refused[0].what, "pam_wheel.so for su");
}

#[test]
fn stacks_that_somebody_wrote_are_left_alone() {
    let own = "auth sufficient pam_ldap.so\nauth required pam_unix.so\n";
    let refused = stacks(Place::new(&PEOPLE)).text("/etc/pam.d/common-auth", own).render("pam");
    assert!(why(&refused).contains("pam-auth-update did not write"), "{refused:?}");
    let off =
        stacks(Place::new(&PEOPLE)).text("/var/lib/pam/seen", "unix\nhostward-faillock\n").render("pam");
    assert!(!text(&off, "/etc/pam.d/common-password").contains("faillock"), "{off:?}");
    assert_eq!(off.kept[0].what, "hostward-faillock");
}

#[test]
fn whoever_is_signed_in_is_not_shut_out() {
    let place = || {
        Place::new(&["connections||tcp/22|192.0.2.9"])
            .file("/var/log/auth.log")
            .text("/etc/fail2ban/jail.local", "[DEFAULT]\nbantime = 1w\n[sshd]\nmode = extra\n")
    };
    let rendering = place().render("fail2ban");
    let own = text(&rendering, "/etc/fail2ban/jail.d/zz-hostward.local");
    assert!(own.contains("\nignoreip = 127.0.0.0/8 ::1 192.0.2.9\n"), "{own}");
    assert!(own.contains("[sshd]\nenabled = true\nport = 22\n") && !own.contains("bantime = "), "{own}");
    assert_eq!(place().after(&rendering).render("fail2ban").artifacts, []);
    let blind = Place::new(&[]).render("fail2ban");
    assert!(why(&blind).contains("it would see nothing"), "{blind:?}");
}

#[test]
fn a_redis_that_others_reach_is_named() {
    let main = "# Redis\nbind 0.0.0.0\nport 6379\n";
    let place = || Place::new(&["redis||bind|0.0.0.0"]).text("/etc/redis/redis.conf", main);
    let rendering = place().render("redis");
    assert_eq!(
        text(&rendering, "/etc/redis/redis.conf"),
        format!("{main}include /etc/redis/hostward.conf\n")
    );
    assert_eq!(rendering.refused[0].what, "a password");
    assert!(!text(&rendering, "/etc/redis/hostward.conf").contains("bind"));
    assert_eq!(place().after(&rendering).render("redis").artifacts, []);
}

#[test]
fn iptables_closes_both_families_where_it_is_the_firewall() {
    let place = || Place::new(&["sshd||port|22", "listening||tcp/22|0.0.0.0"]);
    let rendering = place().render("iptables");
    for path in ["/etc/iptables/rules.v4", "/etc/iptables/rules.v6"] {
        let own = text(&rendering, path);
        assert!(own.contains(":INPUT DROP [0:0]") && own.contains("--dport 22 -j ACCEPT"), "{own}");
    }
    assert_eq!(place().after(&rendering).render("iptables").artifacts, []);
    let theirs =
        place().text("/etc/iptables/rules.v6", "*filter\n-A INPUT -j DROP\nCOMMIT\n").render("iptables");
    assert!(why(&theirs).contains("rules of its own"), "{theirs:?}");
    let mut both = place();
    both.fact("units|nftables.service|state|enabled");
    assert!(why(&both.render("iptables")).contains("two work against each other"));
}
