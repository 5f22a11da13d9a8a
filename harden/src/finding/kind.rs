//! What a finding is, by the weaknesses (CWE) that its scanner names: the word by which fixes are looked up.

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal [$($cwe:literal)*],)*) => {
        /// What is wrong.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Kind {
            $($(#[$doc])* $name,)*
            /// None of these.
            #[default]
            Other,
        }

        impl Kind {
            /// Each of them.
            pub const ALL: &[Kind] = &[$(Kind::$name,)* Kind::Other];

            /// Its word.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Kind::$name => $word,)*
                    Kind::Other => "other",
                }
            }

            /// What a number in the list of weaknesses stands for.
            #[expect(clippy::manual_range_patterns, reason = "a list of numbers, of which some are neighbours")]
            fn of_cwe(cwe: u32) -> Option<Kind> {
                match cwe {
                    $($($cwe)|* => Some(Kind::$name),)*
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// Text from outside becomes part of a query.
    SqlInjection = "sql-injection" [89 564 943],
    /// Text from outside becomes part of a page.
    CrossSiteScripting = "cross-site-scripting" [79 80 83 87 116],
    /// Text from outside becomes a command.
    CommandInjection = "command-injection" [77 78 88],
    /// Text from outside is run as code of the program's own language.
    CodeInjection = "code-injection" [94 95 96 1336],
    /// A name from outside leads to files elsewhere.
    PathTraversal = "path-traversal" [22 23 36 73 98],
    /// A secret in the source.
    HardcodedSecret = "hardcoded-secret" [259 321 522 798],
    /// A hash or cipher that is broken.
    WeakHashing = "weak-hashing" [326 327 328 759 760 916],
    /// Bytes from outside become objects.
    InsecureDeserialisation = "insecure-deserialisation" [502],
    /// Numbers that can be guessed.
    WeakRandomness = "weak-randomness" [330 331 335 338],
    /// Requests to where somebody outside says.
    RequestForgery = "request-forgery" [352 918],
    /// An XML reader that follows references.
    XmlReferences = "xml-references" [611 776],
    /// A page sends the browser to where somebody outside says.
    OpenRedirect = "open-redirect" [601],
    /// Headers that browsers obey are missing.
    MissingHeaders = "missing-headers" [693 1021],
    /// A connection is not encrypted, or the other side is not checked.
    WeakTls = "weak-tls" [295 296 297 319 757],
    /// Guessing passwords is not slowed down.
    BruteForce = "brute-force" [307],
    /// Passwords that are too weak, or none.
    WeakPassword = "weak-password" [258 521 1391],
    /// Somebody may read, write or run what they should not.
    WeakPermissions = "weak-permissions" [250 266 269 276 277 278 279 281 284 732],
    /// A temporary file that others can foresee.
    TemporaryFile = "temporary-file" [377 378 379],
    /// Code for developers runs in production.
    DebugCode = "debug-code" [215 489],
    /// More is told than needed.
    InformationExposure = "information-exposure" [200 201 209 532 538 548],
    /// Nothing limits what a request costs.
    ResourceExhaustion = "resource-exhaustion" [400 770 1333],
    /// A package with a known hole.
    VulnerablePackage = "vulnerable-package" [937 1035 1104 1395],
}

impl Kind {
    /// By the first of the weaknesses that says something; else what the scanner's format says.
    pub(crate) fn of(cwe: &[u32], otherwise: Kind) -> Kind {
        match otherwise {
            Kind::Other => cwe.iter().find_map(|own| Kind::of_cwe(*own)).unwrap_or(Kind::Other),
            known => known,
        }
    }
}

/// The number in `CWE-89`, `external/cwe/cwe-089` or `CWE-89: what it means`.
pub(crate) fn cwe(text: &str) -> Option<u32> {
    let at = text.to_ascii_lowercase().find("cwe-")? + 4;
    let digits = text.get(at..)?.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_where_scanners_put_them() {
        let cases = [
            ("CWE-89", Some(89)),
            ("external/cwe/cwe-089", Some(89)),
            ("CWE-79: Improper Neutralization", Some(79)),
            ("security", None),
            ("cwe-", None),
            ("cwe-99999999999", None),
        ];
        for (text, number) in cases {
            assert_eq!(cwe(text), number, "{text}");
        }
    }

    #[test]
    fn the_first_weakness_that_says_something_counts() {
        assert_eq!(Kind::of(&[20, 89, 79], Kind::Other), Kind::SqlInjection);
        assert_eq!(Kind::of(&[89], Kind::VulnerablePackage), Kind::VulnerablePackage);
        assert_eq!(Kind::of(&[], Kind::Other), Kind::Other);
    }
}
