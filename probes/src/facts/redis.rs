//! Redis: redis.conf(5) with what it includes. Passwords are told to be there, not what they are.

use super::include::{Includes, beside};
use super::line::{lines, words};
use super::{Found, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

const MAIN: &str = "/etc/redis/redis.conf";
const SECRETS: [&str; 3] = ["requirepass", "masterauth", "user"];

pub static READER: Reader = Reader {
    area: "redis",
    about: "Redis: settings of the server; of a password only that there is one",
    reads: &[MAIN],
    read: |image, found| {
        file(&mut Includes::new(image), MAIN, found)?;
        found.defaults("", "Redis 7", &[("protected-mode", "yes"), ("bind", "* -::*"), ("port", "6379")])
    },
};

fn file(includes: &mut Includes<'_, '_>, path: &str, found: &mut Found) -> Result<(), Fault> {
    includes.read(path, |includes, text| {
        for (number, line) in lines(text, &['#']) {
            includes.line = number;
            let words = words(line);
            let Some((key, values)) = words.split_first() else { continue };
            let key = key.to_ascii_lowercase();
            if key == "include" {
                for path in includes.image.glob(&beside("/etc/redis", &values.join(" ")))? {
                    file(includes, &path, found)?;
                }
            } else if SECRETS.contains(&key.as_str()) {
                found.last(Fact::new(key, "set", Origin::line(path, number)))?;
            } else {
                found.last(Fact::new(key, values.join(" "), Origin::line(path, number)))?;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn a_password_is_not_told() {
        expect![[r#"
            bind = 127.0.0.1 -::1  (/etc/redis/redis.conf:1)
            requirepass = set  (/etc/redis/redis.conf:2)
            protected-mode = yes  (default of Redis 7)
            port = 6379  (default of Redis 7)
        "#]]
        .assert_eq(&shown(&READER, &[(MAIN, "bind 127.0.0.1 -::1\nrequirepass \"hush\"\n")]));
    }
}
