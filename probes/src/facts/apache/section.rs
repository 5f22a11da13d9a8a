//! Sections: which hold, and what is left of them in a scope.

use super::{ROOT, Reading};
use crate::facts::Image;
use crate::facts::include::beside;
use crate::facts::line::words;
use std::cmp::Ordering;

/// The release that Debian 12 has; which of its updates is installed is not known here.
const VERSION: [u32; 2] = [2, 4];

impl Reading<'_> {
    /// Whether the directives in a section count.
    pub fn holds(&self, image: &Image<'_>, head: &str) -> bool {
        let words = words(head.trim_end_matches('>'));
        let [kind, name, ..] = words.as_slice() else { return true };
        let (name, wanted) = name.strip_prefix('!').map_or((name.as_str(), true), |name| (name, false));
        let met = match kind.to_ascii_lowercase().as_str() {
            "ifmodule" => self.has_module(name),
            "ifdefine" => self.defined.contains_key(name),
            "iffile" => image.has(&beside(ROOT, &self.filled(name))),
            "ifversion" => return is_version(&words[1..]),
            _ => return true,
        };
        met == wanted
    }

    fn has_module(&self, name: &str) -> bool {
        let name = name.trim_start_matches("mod_").trim_end_matches(".c").trim_end_matches("_module");
        self.modules.contains(name)
    }
}

/// `>= 2.4`; what the updates of a release decide is taken to hold.
fn is_version(words: &[String]) -> bool {
    let (sign, version) = match words {
        [sign, version, ..] => (sign.as_str(), version),
        [version] => ("=", version),
        [] => return true,
    };
    let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
    let theirs = [numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)];
    // Without a third number it is the first release that is meant, and ours is later.
    let ours = match (VERSION.cmp(&theirs), numbers.next()) {
        (Ordering::Equal, Some(1..)) => return true,
        (Ordering::Equal, _) => Ordering::Greater,
        (decided, _) => decided,
    };
    let (sign, wanted) = sign.strip_prefix('!').map_or((sign, true), |sign| (sign, false));
    let met = match sign {
        "=" | "==" => ours.is_eq(),
        ">" => ours.is_gt(),
        ">=" => ours.is_ge(),
        "<" => ours.is_lt(),
        "<=" => ours.is_le(),
        _ => return true,
    };
    met == wanted
}

/// The name of a section in a scope; conditions that hold leave no trace.
pub fn section(head: &str) -> String {
    let head = head.trim_end_matches('>').trim();
    let condition = head.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("if"));
    if condition { String::new() } else { words(head).join(" ") }
}
