use super::environment::ENVIRONMENT;
use super::*;
use crate::facts::tests::shown;
use expect_test::expect;

#[test]
fn sections_modules_and_includes() {
    let main = "ServerTokens OS\nIncludeOptional mods-enabled/*.load\nInclude conf-enabled\n<Directory />\n  AllowOverride None\n</Directory>\n\
                <IfModule mod_dav.c>\nDav On\n</IfModule>\n<IfModule headers_module>\n Header always set X-Frame-Options \"DENY\"\n\
                Header unset X\n</IfModule>\nRequestReadTimeout header=20-40,MinRate=500 body=10\n";
    let text = shown(
        &READER,
        &[
            (MAIN, main),
            ("/etc/apache2/mods-enabled/headers.load", "LoadModule headers_module /usr/lib/x.so\n"),
            ("/etc/apache2/conf-enabled/security.conf", "ServerTokens \\\n Prod\n"),
        ],
    );
    let set: String =
        text.lines().filter(|line| !line.contains("default of")).map(|line| format!("{line}\n")).collect();
    expect![[r#"
        module headers = loaded  (/etc/apache2/mods-enabled/headers.load:1)
        servertokens = Prod  (/etc/apache2/conf-enabled/security.conf:1)
        [Directory /] allowoverride = None  (/etc/apache2/apache2.conf:5)
        header x-frame-options = DENY  (/etc/apache2/apache2.conf:11)
        requestreadtimeout.header = 40  (/etc/apache2/apache2.conf:14)
        requestreadtimeout.body = 10  (/etc/apache2/apache2.conf:14)
    "#]]
    .assert_eq(&set);
}

#[test]
fn hosts_of_one_address_are_told_apart() {
    let main = "<VirtualHost *:80>\nServerName a.example\nTraceEnable On\n<Location />\nOptions None\n</Location>\n</VirtualHost>\n\
                <VirtualHost *:80>\nTraceEnable Off\nServerName b.example\n</VirtualHost>\n<VirtualHost *:80>\nTraceEnable Off\n</VirtualHost>\n";
    let text = shown(&READER, &[(MAIN, main)]);
    let set: String =
        text.lines().filter(|line| line.starts_with("[V")).map(|line| format!("{line}\n")).collect();
    expect![[r#"
        [VirtualHost *:80 a.example] servername = a.example  (/etc/apache2/apache2.conf:2)
        [VirtualHost *:80 a.example] traceenable = On  (/etc/apache2/apache2.conf:3)
        [VirtualHost *:80 a.example Location /] options = None  (/etc/apache2/apache2.conf:5)
        [VirtualHost *:80 b.example] traceenable = Off  (/etc/apache2/apache2.conf:9)
        [VirtualHost *:80 b.example] servername = b.example  (/etc/apache2/apache2.conf:10)
        [VirtualHost *:80] traceenable = Off  (/etc/apache2/apache2.conf:13)
    "#]]
    .assert_eq(&set);
}

#[test]
fn what_is_not_defined_does_not_hold() {
    let main = "<IfDefine ENABLE_A>\nTraceEnable On\n</IfDefine>\nDefine site /srv/a\nDefine B\n<IfDefine B>\nTimeout 7\n\
                </IfDefine>\nUnDefine B\n<IfDefine !B>\nKeepAliveTimeout 3\n</IfDefine>\n<IfDefine C>\nServerTokens Prod\n\
                </IfDefine>\n<IfFile /etc/none>\nServerSignature On\n</IfFile>\nListen ${port}\nDocumentRoot ${site}/${none}\n";
    let environment = "export port=8080\nexport LOG=/var/log$SUFFIX\nAPACHE_ARGUMENTS=\"-k x -DC\"\n";
    let text = shown(&READER, &[(MAIN, main), (ENVIRONMENT, environment)]);
    let set: String =
        text.lines().filter(|line| !line.contains("default of")).map(|line| format!("{line}\n")).collect();
    expect![[r#"
        timeout = 7  (/etc/apache2/apache2.conf:7)
        keepalivetimeout = 3  (/etc/apache2/apache2.conf:11)
        servertokens = Prod  (/etc/apache2/apache2.conf:14)
        listen = 8080  (/etc/apache2/apache2.conf:19)
        documentroot = /srv/a/${none}  (/etc/apache2/apache2.conf:20)
    "#]]
    .assert_eq(&set);
}

#[test]
fn what_apache_would_refuse_is_named() {
    assert!(
        shown(&READER, &[(MAIN, "</Directory>\n")])
            .contains("apache2.conf:1: expected a section that is open")
    );
}

#[test]
fn hosts_of_one_name_and_address_both_count() {
    let host = |trace: &str| {
        format!("<VirtualHost *:80>\nServerName a.example\nTraceEnable {trace}\n</VirtualHost>\n")
    };
    let text = shown(&READER, &[(MAIN, &(host("On") + &host("Off")))]);
    let trace = text.lines().filter(|line| line.starts_with("[V") && line.contains("traceenable"));
    expect![[r#"
        [VirtualHost *:80 a.example] traceenable = On  (/etc/apache2/apache2.conf:3)
        [VirtualHost *:80 a.example] traceenable = Off  (/etc/apache2/apache2.conf:7)
    "#]]
    .assert_eq(&trace.map(|line| format!("{line}\n")).collect::<String>());
}

#[test]
fn a_macro_is_read_where_it_is_used() {
    let main = "<Macro host $n $name>\n<VirtualHost *:$n>\nServerName $name\n</VirtualHost>\n</Macro>\n\
                Use Host 81 b.example\nUse none x\n<IfVersion < 2.4>\nTimeout 1\n</IfVersion>\n<IfVersion >= 2.4>\nTimeout 2\n</IfVersion>\n";
    let text = shown(&READER, &[(MAIN, main)]);
    let set = text.lines().filter(|line| !line.contains("default of"));
    expect![[r#"
        [VirtualHost *:81 b.example] servername = b.example  (/etc/apache2/apache2.conf:3)
        timeout = 2  (/etc/apache2/apache2.conf:12)
    "#]]
    .assert_eq(&set.map(|line| format!("{line}\n")).collect::<String>());
}
