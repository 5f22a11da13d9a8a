use super::READER;
use crate::facts::tests::shown;
use expect_test::expect;

#[test]
fn nftables() {
    let main = "#!/usr/sbin/nft -f\nflush ruleset\ntable inet filter {\n  chain input {\n    type filter hook input priority 0; policy drop;\n\
                    iif \"lo\" accept\n    ip saddr 127.0.0.0/8 counter drop\n    ct state established,related accept\n\
                    tcp dport { 22,\n 80 } ct state new accept # web\n    udp dport 123 accept\n  }\n\
                    chain forward { type filter hook forward priority 0; }\n  chain own { tcp dport 99 accept }\n}\n";
    expect![[r#"
        [nftables] enabled = no  (nftables.service)
        [nftables] forward.policy = accept  (/etc/nftables.conf:13)
        [nftables] input.policy = drop  (/etc/nftables.conf:5)
        [nftables] input.loopback = accept  (/etc/nftables.conf:6)
        [nftables] input.loopback-spoof = drop  (/etc/nftables.conf:7)
        [nftables] input.accept = tcp/22  (/etc/nftables.conf:9)
        [nftables] input.accept = tcp/80  (/etc/nftables.conf:9)
        [nftables] input.accept = udp/123  (/etc/nftables.conf:11)
    "#]]
    .assert_eq(&shown(&READER, &[("/etc/nftables.conf", main)]));
}

#[test]
fn the_one_that_is_enabled_hides_the_others() {
    let rules = "*nat\n:INPUT ACCEPT [0:0]\nCOMMIT\n*filter\n:INPUT DROP [0:0]\n:own - [0:0]\n-A INPUT -i lo -j ACCEPT\n\
                 -A INPUT -s 127.0.0.0/8 -j DROP\n-A INPUT -p tcp -m multiport --dports 22,443 -j ACCEPT\nCOMMIT\n";
    expect![[r#"
        [nftables] enabled = no  (nftables.service)
        [iptables] enabled = yes  (/etc/systemd/system/multi-user.target.wants/netfilter-persistent.service)
        [iptables] input.policy = drop  (/etc/iptables/rules.v4:5)
        [iptables] input.loopback = accept  (/etc/iptables/rules.v4:7)
        [iptables] input.loopback-spoof = drop  (/etc/iptables/rules.v4:8)
        [iptables] input.accept = tcp/22  (/etc/iptables/rules.v4:9)
        [iptables] input.accept = tcp/443  (/etc/iptables/rules.v4:9)
    "#]]
    .assert_eq(&shown(
        &READER,
        &[
            ("/etc/nftables.conf", "table inet t { chain c { type filter hook input priority 0; } }"),
            ("/etc/iptables/rules.v4", rules),
            ("/etc/systemd/system/multi-user.target.wants/netfilter-persistent.service", ""),
        ],
    ));
}

#[test]
fn ufw() {
    expect![[r#"
        [ufw] enabled = yes  (/etc/ufw/ufw.conf:1)
        [ufw] input.policy = drop  (/etc/default/ufw:1)
        [ufw] input.loopback = accept  (/etc/ufw/before.rules)
        [ufw] input.loopback-spoof = drop  (/etc/ufw/before.rules)
        [ufw] input.accept = tcp/22  (/etc/ufw/user.rules:1)
    "#]]
    .assert_eq(&shown(
        &READER,
        &[
            ("/etc/ufw/ufw.conf", "ENABLED=yes\nLOGLEVEL=low\n"),
            ("/etc/default/ufw", "DEFAULT_INPUT_POLICY=\"DROP\"\n"),
            ("/etc/ufw/user.rules", "### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n### tuple ### deny udp 9 x any y in\n"),
        ],
    ));
}
