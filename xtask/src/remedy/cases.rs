//! What each fix is given, how the host is broken for it, and how somebody else than the fix sees that it is mended.

/// A fix, and a host that needs it.
pub struct Case {
    pub fix: &'static str,
    /// What it is given.
    pub values: &'static [(&'static str, &'static str)],
    /// Breaks the host; lines `NAME=VALUE` that it prints are values, too.
    pub breaks: &'static str,
    /// Fails while the host is broken, and succeeds when it is mended.
    pub effect: &'static str,
    /// Checks of `hostward audit` that fail before and do not afterwards.
    pub checks: &'static [&'static str],
    /// Cleans up after the trial.
    pub after: &'static str,
}

const fn case(
    fix: &'static str,
    values: &'static [(&'static str, &'static str)],
    breaks: &'static str,
    effect: &'static str,
) -> Case {
    Case { fix, values, breaks, effect, checks: &[], after: "" }
}

impl Case {
    const fn checks(self, checks: &'static [&'static str]) -> Self {
        Case { checks, ..self }
    }

    const fn after(self, after: &'static str) -> Self {
        Case { after, ..self }
    }
}

/// Fixes that cannot be tried in a container.
pub const NOT_HERE: [(&str, &str); 1] = [(
    "clock-drift",
    "the clock is the machine's: nothing in a container may set it, so it is never synchronised",
)];

/// Two versions of a package, the newer one in an archive that says that it is for security.
const ARCHIVE: &str = r#"
[[ ! -f /srv/archive/Release ]] || exec apt-get -qq -y --allow-downgrades install e2e-flawed=1
mkdir -p /srv/archive/tree/DEBIAN; cd /srv/archive
for version in 1 2; do
  printf 'Package: e2e-flawed\nVersion: %s\nArchitecture: all\nMaintainer: e2e\nDescription: nothing\n' $version >tree/DEBIAN/control
  dpkg-deb --build tree e2e-flawed_$version.deb >&2
  { cat tree/DEBIAN/control
    printf 'Filename: ./e2e-flawed_%s.deb\nSize: %s\nSHA256: %s\n\n' $version "$(stat -c %s e2e-flawed_$version.deb)" "$(sha256sum e2e-flawed_$version.deb | cut -d' ' -f1)"; } >>Packages
done
printf 'Origin: Debian\nLabel: Debian-Security\nSuite: stable-security\nVersion: 12\nSHA256:\n %s %s Packages\n' "$(sha256sum Packages | cut -d' ' -f1)" "$(stat -c %s Packages)" >Release
rm -f /etc/apt/sources.list.d/*
printf 'deb [trusted=yes] file:/srv/archive ./\n' >/etc/apt/sources.list
apt-get -qq update
apt-get -qq -y --allow-downgrades install e2e-flawed=1
"#;
const UPDATED: &str = "[[ $(dpkg-query -W -f '${Version}' e2e-flawed) == 2 ]]";
/// A unit that packages could have brought.
const UNIT: &str = r#"
printf '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n' >/usr/lib/systemd/system/e2e-idle.service
systemctl daemon-reload
"#;

/// Each fix that changes something.
pub const CASES: &[Case] = &[
    case(
        "apache-headers",
        &[],
        "",
        "exec 3<>/dev/tcp/127.0.0.1/8080; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; grep -qi '^x-content-type-options: nosniff' <&3",
    )
    .checks(&["apache.framing"]),
    case("block-module", &[("module", "cramfs")], "", "modprobe --showconfig | grep -q '^install cramfs /bin/false'"),
    case(
        "brute-force",
        &[("address", "203.0.113.9")],
        "",
        "nft get element inet hostward_bans banned4 '{ 203.0.113.9 }'",
    ),
    case(
        "end-process",
        &[("name", "sleep")],
        "sleep 3600 >/dev/null 2>&1 & echo $! >/run/e2e.pid; sleep 0.2; echo pid=$!",
        "! kill -0 \"$(</run/e2e.pid)\"",
    ),
    case(
        "failed-unit",
        &[("name", "e2e-flaky.service")],
        "printf '[Service]\\nExecStartPre=/bin/test ! -e /run/e2e-broken\\nExecStart=/bin/sleep infinity\\n' >/etc/systemd/system/e2e-flaky.service; systemctl daemon-reload; touch /run/e2e-broken; systemctl restart e2e-flaky.service || rm /run/e2e-broken; systemctl is-failed -q e2e-flaky.service",
        "systemctl is-active -q e2e-flaky.service",
    ),
    case(
        "faillock",
        &[("key", "deny"), ("value", "3")],
        "printf 'deny = 30\\n' >/etc/security/faillock.conf",
        "grep -qx 'deny = 3' /etc/security/faillock.conf",
    ),
    case(
        "file-mode",
        &[("path", "/etc/crontab"), ("mode", "600"), ("owner", "root"), ("group", "root")],
        "chmod 666 /etc/crontab; chown ann:ann /etc/crontab",
        "[[ $(stat -c '%a %U %G' /etc/crontab) == '600 root root' ]]",
    )
    .after("chmod 644 /etc/crontab; chown root:root /etc/crontab"),
    case(
        "full-filesystem",
        &[("mountpoint", "/")],
        "head -c 1000000 /dev/zero >/var/cache/apt/archives/e2e_1_all.deb",
        "[[ ! -e /var/cache/apt/archives/e2e_1_all.deb ]]",
    ),
    case(
        "journald-setting",
        &[("key", "Compress"), ("value", "yes")],
        "mkdir -p /etc/systemd/journald.conf.d; printf '[Journal]\\nCompress=no\\n' >/etc/systemd/journald.conf.d/hostward.conf; systemctl restart systemd-journald",
        "grep -qx Compress=yes /etc/systemd/journald.conf.d/hostward.conf",
    )
    .checks(&["log.journald_compress"]),
    case(
        "login-defs",
        &[("key", "PASS_MAX_DAYS"), ("value", "365")],
        "sed -i 's/^PASS_MAX_DAYS.*/PASS_MAX_DAYS 99999/' /etc/login.defs",
        "useradd e2e-days; [[ $(awk -F: '$1 == \"e2e-days\" { print $5 }' /etc/shadow) == 365 ]]; days=$?; userdel e2e-days; for file in passwd shadow group gshadow subuid subgid; do rm -f /etc/$file-; done; exit $days",
    )
    .checks(&["acct.max_days"]),
    case(
        "nginx-headers",
        &[],
        "",
        "exec 3<>/dev/tcp/127.0.0.1/80; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; grep -qi '^x-content-type-options: nosniff' <&3",
    )
    .checks(&["nginx.xcto", "nginx.xfo", "nginx.referrer"]),
    case(
        "nginx-tls",
        &[],
        "sed -i 's/ssl_protocols.*/ssl_protocols TLSv1 TLSv1.1 TLSv1.2;/' /etc/nginx/nginx.conf; systemctl reload nginx",
        "nginx -T 2>/dev/null | grep -q 'ssl_protocols TLSv1.2 TLSv1.3;'",
    )
    .checks(&["nginx.tls_protocols"]),
    case(
        "pwquality",
        &[("key", "minlen"), ("value", "14")],
        "printf '# minlen = 8\\nminlen = 6\\n' >/etc/security/pwquality.conf",
        "grep -qx 'minlen = 14' /etc/security/pwquality.conf",
    ),
    case(
        "runaway-process",
        &[("name", "yes")],
        "yes >/dev/null 2>&1 & echo $! >/run/e2e.pid; sleep 0.2; echo pid=$!",
        "[[ $(ps -o ni= -p \"$(</run/e2e.pid)\") -ge 15 ]]",
    )
    .after("kill \"$(</run/e2e.pid)\""),
    case("security-updates", &[], ARCHIVE, UPDATED),
    case(
        "ssh-setting",
        &[("key", "MaxAuthTries"), ("value", "4")],
        "printf 'MaxAuthTries 20\\n' >/etc/ssh/sshd_config.d/00-hostward.conf; systemctl reload ssh",
        "sshd -T | grep -qx 'maxauthtries 4'",
    )
    .checks(&["ssh.max_auth_tries"]),
    case(
        "stale-account",
        &[("user", "bob")],
        "id bob >/dev/null 2>&1 || useradd --create-home bob; echo bob:Corr3ct-horse | chpasswd; rm -f /etc/passwd- /etc/shadow-",
        "[[ $(passwd --status bob) == 'bob L '* && $(awk -F: '$1 == \"bob\" { print $8 }' /etc/shadow) == 1 ]]",
    ),
    case("sudo-log", &[], "sed -i '/use_pty/d' /etc/sudoers", "sudo true; grep -q 'COMMAND=/' /var/log/sudo.log")
        .checks(&["sudo.pty", "sudo.logfile"])
        .after("rm -f /var/log/sudo.log"),
    case(
        "sysctl",
        &[("key", "net.ipv4.conf.all.log_martians"), ("value", "1")],
        "sysctl -q -w net.ipv4.conf.all.log_martians=0",
        "[[ $(</proc/sys/net/ipv4/conf/all/log_martians) == 1 ]]",
    ),
    case(
        "unexpected-suid",
        &[("path", "/usr/local/bin/e2e-tool")],
        "cp /bin/true /usr/local/bin/e2e-tool; chmod 6755 /usr/local/bin/e2e-tool",
        "[[ -z $(find /usr/local/bin/e2e-tool -perm /6000) ]]",
    ),
    case("unit-off", &[("unit", "e2e-idle.service")], UNIT, "[[ $(systemctl is-enabled e2e-idle.service) == masked ]]"),
    case("unit-on", &[("unit", "e2e-idle.service")], UNIT, "systemctl is-active -q e2e-idle.service && systemctl is-enabled -q e2e-idle.service"),
    // One that has a script for SysV init, too.
    case(
        "unit-on",
        &[("unit", "cron.service")],
        "systemctl disable -q --now cron.service",
        "systemctl is-active -q cron.service && systemctl is-enabled -q cron.service",
    )
    .after("systemctl enable -q --now cron.service"),
    case("update-package", &[("package", "e2e-flawed")], ARCHIVE, UPDATED),
    case(
        "weak-permissions",
        &[("path", "/srv/e2e-secret")],
        "printf 'secret\\n' >/srv/e2e-secret; chmod 644 /srv/e2e-secret",
        "! setpriv --reuid ann --regid ann --clear-groups cat /srv/e2e-secret",
    ),
    case(
        "weak-ssh",
        &[],
        "rm -f /etc/ssh/sshd_config.d/00-hostward.conf; printf 'PermitRootLogin yes\\nPermitEmptyPasswords yes\\nMaxAuthTries 20\\n' >/etc/ssh/sshd_config.d/50-weak.conf; systemctl reload ssh",
        "sshd -T | grep -qx 'permitrootlogin without-password'",
    )
    .checks(&["ssh.empty_passwords", "ssh.max_auth_tries"])
    .after("rm -f /etc/ssh/sshd_config.d/50-weak.conf; systemctl reload ssh"),
    case(
        "world-writable",
        &[("path", "/srv/e2e-shared")],
        "printf 'text\\n' >/srv/e2e-shared; chmod 666 /srv/e2e-shared",
        "! setpriv --reuid nobody --regid nogroup --clear-groups test -w /srv/e2e-shared",
    )
    .checks(&["perm.world_writable"]),
];
