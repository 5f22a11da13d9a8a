//! A bcrypt hash, checked for its form and for what it costs.

use serde::Deserialize;

/// Each step doubles the work: 10 takes some 50 ms, 18 some 15 s. Beyond that, nobody would ever be let in.
const COST_MAX: u32 = 18;
const COST_MIN: u32 = 4;
/// A salt and a hash that nobody has the password for.
const NOBODY: &str = "OQzmFNuQbKCjqAQQrmrDiu0Xe5T8l9tH4WNRtc1Kz6v5fYQjIW0c6";

/// A bcrypt hash, such as `htpasswd -nB` prints.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Hash {
    text: String,
    cost: u32,
}

impl Hash {
    /// The text as it stands in the file.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How costly it is, as a power of two.
    pub fn cost(&self) -> u32 {
        self.cost
    }

    /// A hash that takes as long to check and fits no password.
    pub fn nobody(&self) -> Hash {
        Hash { text: format!("$2b${:02}${NOBODY}", self.cost), cost: self.cost }
    }
}

/// Hashes stay out of messages.
impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a hash of cost {}", self.cost)
    }
}

impl TryFrom<String> for Hash {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let cost = cost(&text).ok_or("not a bcrypt hash; `htpasswd -nBC 10 NAME` prints one")?;
        match cost {
            COST_MIN..=COST_MAX => Ok(Hash { text, cost }),
            _ => Err(format!("a bcrypt hash of cost {cost}; it must be {COST_MIN} to {COST_MAX}")),
        }
    }
}

/// `$2y$10$`, then 22 characters of salt and 31 of hash.
fn cost(text: &str) -> Option<u32> {
    let mut parts = text.strip_prefix('$')?.split('$');
    let (version, cost, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '/';
    let sound = ["2a", "2b", "2x", "2y"].contains(&version)
        && cost.len() == 2
        && cost.bytes().all(|byte| byte.is_ascii_digit())
        && rest.len() == 53
        && rest.chars().all(fits)
        && parts.next().is_none();
    sound.then(|| cost.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze";

    #[test]
    fn hashes_are_known_by_their_form() {
        assert_eq!(cost(GOOD), Some(10));
        let end = GOOD.len() - 1;
        let bad = [
            "",
            "secret",
            &GOOD[..end],
            &GOOD.replace("2y", "5"),
            &GOOD.replace('/', "é"),
            &format!("{GOOD}a"),
        ];
        for text in bad {
            assert_eq!(cost(text), None, "{text}");
        }
        assert!(Hash::try_from(GOOD.replace("$10$", "$31$")).unwrap_err().contains("4 to 18"));
    }

    #[test]
    fn nobody_has_a_hash_that_can_be_checked() {
        let nobody = Hash::try_from(GOOD.replace("$10$", "$04$")).unwrap().nobody();
        assert_eq!(cost(nobody.as_str()), Some(4));
        assert_eq!(bcrypt::verify("", nobody.as_str()).ok(), Some(false));
    }

    #[test]
    fn a_hash_is_not_shown() {
        assert_eq!(format!("{:?}", Hash::try_from(GOOD.to_owned()).unwrap()), "a hash of cost 10");
    }
}
