//! Basic authentication (RFC 7617): who may see the pages.

use super::hash::Hash;
use super::password::{Passwords, Verdict};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;

/// Users and their hashes.
#[derive(Debug, Default)]
pub struct Users {
    hashes: BTreeMap<String, Hash>,
    /// For those who are not there; as costly as the costliest of those who are.
    nobody: Option<Hash>,
}

impl Users {
    /// As the file names them.
    pub fn new(hashes: BTreeMap<String, Hash>) -> Self {
        let nobody = hashes.values().max_by_key(|hash| hash.cost()).map(Hash::nobody);
        Users { hashes, nobody }
    }

    /// What becomes of somebody who sends this `Authorization`.
    pub async fn admit(&self, authorization: Option<&str>, passwords: &Passwords) -> Verdict {
        let Some(nobody) = &self.nobody else { return Verdict::Right };
        let Some((user, password)) = authorization.and_then(credentials) else { return Verdict::Wrong };
        passwords.check(&user, &password, self.hashes.get(&user), nobody).await
    }
}

/// `Basic ` and base64 of `user:password`.
pub fn credentials(authorization: &str) -> Option<(String, Vec<u8>)> {
    let (scheme, text) = authorization.split_once(' ')?;
    let bytes = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(text.trim()).ok()).flatten()?;
    let colon = bytes.iter().position(|byte| *byte == b':')?;
    Some((String::from_utf8(bytes[..colon].to_vec()).ok()?, bytes[colon + 1..].to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn credentials_are_read() {
        let read = |text: &str| {
            credentials(text).map(|(user, password)| (user, String::from_utf8(password).unwrap()))
        };
        let pair = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        assert_eq!(read("Basic YWxpY2U6c2VjcmV0"), pair("alice", "secret"));
        assert_eq!(read("bAsIc  YWxpY2U6YTpi "), pair("alice", "a:b"));
        assert_eq!(read("Basic Og=="), pair("", ""));
        for text in ["", "Basic", "Basic !", "Bearer YWxpY2U6c2VjcmV0", "Basic YWxpY2U=", "Basic /zo="] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[tokio::test]
    async fn without_users_everybody_is_let_in_and_with_them_nobody_unnamed() {
        let passwords = Passwords::new().unwrap();
        assert_eq!(Users::default().admit(None, &passwords).await, Verdict::Right);
        let hash = Hash::try_from(bcrypt::hash_with_salt("secret", 4, [7; 16]).unwrap().to_string()).unwrap();
        let users = Users::new(BTreeMap::from([("alice".to_owned(), hash)]));
        for (authorization, wanted) in [
            (None, Verdict::Wrong),
            (Some("Basic YWxpY2U6c2VjcmV0"), Verdict::Right),
            (Some("Basic YWxpY2U6d3Jvbmc="), Verdict::Wrong),
            (Some("Basic Ym9iOnNlY3JldA=="), Verdict::Wrong),
        ] {
            assert_eq!(users.admit(authorization, &passwords).await, wanted, "{authorization:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(Basic )?[A-Za-z0-9+/=:]{0,40}|\\PC{0,40}") {
            drop(credentials(&text));
        }
    }
}
