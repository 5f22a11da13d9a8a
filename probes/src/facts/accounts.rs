//! Accounts and groups: passwd(5), shadow(5), group(5). Of a password only its kind is told, never its hash.

use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

pub static ACCOUNTS: Reader = Reader {
    area: "accounts",
    about: "accounts: number, group, home, shell, and whether the password is kept elsewhere",
    reads: &["/etc/passwd"],
    read: |image, found| {
        fields(image, found, "/etc/passwd", &["", "password", "uid", "gid", "", "home", "shell"])
    },
};

pub static SHADOW: Reader = Reader {
    area: "shadow",
    about: "passwords: their kind and scheme, never the hash, and their ages in days",
    reads: &["/etc/shadow"],
    read: |image, found| {
        fields(
            image,
            found,
            "/etc/shadow",
            &["", "password", "changed", "min_days", "max_days", "warn_days", "inactive"],
        )
    },
};

pub static GROUPS: Reader = Reader {
    area: "groups",
    about: "groups: number and members",
    reads: &["/etc/group"],
    read: |image, found| fields(image, found, "/etc/group", &["", "", "gid", "members"]),
};

/// A fact for each field that has a name; the account is the scope.
fn fields(image: &Image<'_>, found: &mut Found, path: &str, names: &[&str]) -> Result<(), Fault> {
    let text = image.text(path)?;
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| line.contains(':')) {
        let (account, rest) = line.split_once(':').unwrap_or((line, ""));
        for (name, value) in names.iter().skip(1).zip(rest.split(':')).filter(|(name, _)| !name.is_empty()) {
            let value = if *name == "password" { kind_of(value) } else { value };
            found.push(Fact::new(*name, value, Origin::line(path, number)).within(account))?;
        }
    }
    Ok(())
}

/// What a password field says without saying the hash: crypt(5).
fn kind_of(field: &str) -> &'static str {
    const SCHEMES: [(&str, &str); 10] = [
        ("$y$", "yescrypt"),
        ("$gy$", "gost-yescrypt"),
        ("$7$", "scrypt"),
        ("$2", "bcrypt"),
        ("$6$", "sha512"),
        ("$5$", "sha256"),
        ("$1$", "md5"),
        ("$md5", "sunmd5"),
        ("$sha1", "sha1"),
        ("$3$", "nt"),
    ];
    match field {
        "" => "empty",
        "x" => "elsewhere",
        field if field.starts_with(['!', '*']) => "locked",
        field => SCHEMES.iter().find(|(mark, _)| field.starts_with(mark)).map_or("des", |(_, scheme)| scheme),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn no_hash_is_told() {
        let shadow = "a:$6$salt$hashhash:19000:0:99999:7:::\nb::1::::::\nc:!$y$x:1:1:2:3:4::\n\nd:abJnggxhB/yWI:1\nnone\n";
        let text = shown(&SHADOW, &[("/etc/shadow", shadow)]);
        assert!(!text.contains("hashhash") && !text.contains("abJ"), "{text}");
        let passwords: String =
            text.lines().filter(|line| line.contains("password")).map(|line| format!("{line}\n")).collect();
        expect![[r#"
            [a] password = sha512  (/etc/shadow:1)
            [b] password = empty  (/etc/shadow:2)
            [c] password = locked  (/etc/shadow:3)
            [d] password = des  (/etc/shadow:5)
        "#]]
        .assert_eq(&passwords);
    }

    #[test]
    fn fields_have_names() {
        expect![[r#"
            [root] password = elsewhere  (/etc/passwd:1)
            [root] uid = 0  (/etc/passwd:1)
            [root] gid = 0  (/etc/passwd:1)
            [root] home = /root  (/etc/passwd:1)
            [root] shell = /bin/bash  (/etc/passwd:1)
        "#]]
        .assert_eq(&shown(&ACCOUNTS, &[("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n")]));
    }
}
