//! pam-auth-update(8) as it works: profiles in order of their priority make the blocks of the stacks, what it wrote is kept
//! beside, and options that somebody added or took away since then stay so. What is made here it makes itself, byte for byte.

use std::collections::{BTreeMap, BTreeSet};

const PRIMARY: &str = "# here are the per-package modules (the \"Primary\" block)";
const FALLBACK: &str = "# here's the fallback if no module succeeds";
const ADDITIONAL: &str = "# and here are more per-package modules (the \"Additional\" block)";
const END: &str = "# end of pam-auth-update config";

/// A file of `/usr/share/pam-configs`.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    fields: BTreeMap<String, String>,
}

/// Profiles by name.
pub type Profiles = BTreeMap<String, Profile>;

/// Options that somebody added to and took from the lines of one stack, by the line without its options.
pub type Changes = BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)>;

impl Profile {
    /// `Field: value`, or values in the lines that follow.
    pub fn parse(text: &str) -> Profile {
        let (mut fields, mut name) = (BTreeMap::<String, String>::new(), String::new());
        for line in text.lines() {
            let field = line.split_once(':').filter(|(field, rest)| {
                !field.is_empty()
                    && !field.contains(char::is_whitespace)
                    && (rest.is_empty() || rest.starts_with([' ', '\t']))
            });
            match field {
                Some((field, rest)) => {
                    field.trim_end_matches("-Final").clone_into(&mut name);
                    fields.insert(name.clone(), rest.trim_start().to_owned());
                }
                None if line.trim().is_empty() => {}
                None => {
                    let value = fields.entry(name.clone()).or_default();
                    *value = format!("{value}\n{}", line.trim()).trim_start().to_owned();
                }
            }
        }
        Profile { fields }
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn priority(&self) -> i64 {
        self.field("Priority").and_then(|value| value.trim().parse().ok()).unwrap_or(0)
    }

    /// Whether it has modules in a block of the stack of this kind.
    fn is_in(&self, kind: &str, block: &str) -> bool {
        self.field(&format!("{}-Type", field(kind))) == Some(block)
    }

    /// Its modules, which may be others when they come first.
    fn modules(&self, kind: &str, first: bool) -> &str {
        let kind = field(kind);
        let initial = self.field(&format!("{kind}-Initial")).filter(|_| first);
        initial.or_else(|| self.field(&kind)).unwrap_or("")
    }
}

/// `auth` is `Auth` in a profile.
fn field(kind: &str) -> String {
    let (first, rest) = kind.split_at(1);
    first.to_ascii_uppercase() + rest
}

/// Names in the order that their modules stand in.
pub fn in_order(names: &BTreeSet<String>, profiles: &Profiles) -> Vec<String> {
    let mut own: Vec<&String> = names.iter().filter(|name| profiles.contains_key(*name)).collect();
    own.sort_by(|a, b| (profiles[*b].priority(), b).cmp(&(profiles[*a].priority(), a)));
    own.into_iter().cloned().collect()
}

/// What is kept beside a stack: which profile gave which modules.
pub fn saved(kind: &str, enabled: &[String], profiles: &Profiles) -> String {
    let (mut text, mut count) = (String::new(), 0);
    for block in ["Primary", "Additional"] {
        let mut of = enabled.iter().filter(|name| profiles[*name].is_in(kind, block)).enumerate().peekable();
        if block == "Primary" && of.peek().is_none() {
            text += "Module: null\n[default=1]\t\t\tpam_permit.so\n";
        }
        for (at, name) in of {
            text += &format!("Module: {name}\n{}\n", profiles[name].modules(kind, at == 0));
            count += 1;
        }
    }
    debug_assert!(count <= enabled.len());
    text
}

/// A stack with the modules of these profiles in its blocks; nothing when it lacks the lines that mark them.
pub fn stack(
    text: &str,
    kind: &str,
    enabled: &[String],
    profiles: &Profiles,
    changes: &Changes,
) -> Option<String> {
    let (mut out, mut marks) = (String::new(), [PRIMARY, FALLBACK, ADDITIONAL, END].iter().peekable());
    let mut within = false;
    for line in text.lines() {
        let mark = marks.peek().filter(|mark| line.starts_with(**mark)).copied();
        if mark.is_some() {
            marks.next();
            within = !within;
        }
        if mark.is_some() || !within {
            out += line;
            out.push('\n');
        }
        match mark {
            Some(&PRIMARY) => out += &block(kind, "Primary", enabled, profiles, changes),
            Some(&ADDITIONAL) => out += &block(kind, "Additional", enabled, profiles, changes),
            _ => {}
        }
    }
    marks.next().is_none().then_some(out)
}

fn block(kind: &str, block: &str, enabled: &[String], profiles: &Profiles, changes: &Changes) -> String {
    let of = enabled.iter().filter(|name| profiles[*name].is_in(kind, block)).enumerate();
    let lines: Vec<&str> = of.flat_map(|(at, name)| profiles[name].modules(kind, at == 0).lines()).collect();
    if lines.is_empty() && block == "Primary" {
        return format!("{kind}\t[default=1]\t\t\tpam_permit.so\n");
    }
    // A jump to the end of the first block leads behind its last line; the second has nothing behind it.
    let count = lines.len() - usize::from(block == "Additional" && !lines.is_empty());
    let line =
        |(at, line): (usize, &&str)| format!("{kind}\t{}\n", merged(line, changes, count.saturating_sub(at)));
    lines.iter().enumerate().map(line).collect()
}

/// A line with its jump counted out, and its options as somebody wants them.
fn merged(line: &str, changes: &Changes, to_the_end: usize) -> String {
    let (module, options) = halves(line);
    let module = module.replace("end", &to_the_end.to_string());
    let (mut adds, removes) = changes.get(&without_jump(&module)).cloned().unwrap_or_default();
    let kept: Vec<&str> = options.split_whitespace().filter(|own| !removes.contains(*own)).collect();
    adds.retain(|own| !kept.contains(&own.as_str()));
    let all: Vec<&str> = kept.into_iter().chain(adds.iter().map(String::as_str)).collect();
    format!("{module} {}", all.join(" "))
}

/// Control and module, and the options behind them.
fn halves(line: &str) -> (&str, &str) {
    let control = match line.strip_prefix('[').and_then(|rest| rest.find(']')) {
        Some(end) => end + 2,
        None => line.find(char::is_whitespace).unwrap_or(line.len()),
    };
    let module = line[control..].find(|c: char| !c.is_whitespace()).map_or(line.len(), |at| control + at);
    let end = line[module..].find(char::is_whitespace).map_or(line.len(), |at| module + at);
    (&line[..end], line[end..].trim())
}

/// A line that is the same wherever it jumps to.
fn without_jump(line: &str) -> String {
    let Some((control, rest)) = line.strip_prefix('[').and_then(|own| own.split_once(']')) else {
        return line.to_owned();
    };
    let from = control.find(|c: char| c.is_ascii_digit());
    let control = match from {
        Some(from) => {
            let digits = control[from..].find(|c: char| !c.is_ascii_digit()).unwrap_or(control.len() - from);
            format!("{}{}", &control[..from], &control[from + digits..])
        }
        None => control.replacen("end", "", 1),
    };
    format!("[{control}]{rest}")
}

/// The profiles of which modules stand in a stack, and what somebody changed of their options; nothing when a line is nobody's
/// or a mark is missing: pam-auth-update does not touch such a stack either.
pub fn found(text: &str, kind: &str, saved: &str) -> Option<(BTreeSet<String>, Changes)> {
    let (mut names, mut changes, mut name) = (BTreeSet::new(), Changes::new(), "");
    let mut modules = Vec::new();
    for line in saved.lines() {
        match line.strip_prefix("Module: ") {
            Some(own) => name = own,
            None => modules.push((name, line)),
        }
    }
    let mut modules = modules.into_iter();
    for line in in_blocks(text)? {
        let line = without_jump(line.strip_prefix(kind)?.trim_start());
        let (module, name, before) = modules.by_ref().find_map(|(name, own)| {
            let (module, options) = halves(own);
            let module = without_jump(module);
            line.starts_with(&module).then_some((module, name, options))
        })?;
        let set = |text: &str| text.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>();
        let (now, before) = (set(&line[module.len()..]), set(before));
        names.insert(name.to_owned());
        changes.insert(module, (&now - &before, &before - &now));
    }
    Some((names, changes))
}

/// The lines between the marks.
fn in_blocks(text: &str) -> Option<Vec<&str>> {
    let between = |from: &str, to: &str| -> Option<Vec<&str>> {
        let mut lines = text.lines().skip_while(|line| !line.starts_with(from)).skip(1);
        let own: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with(to)).collect();
        let ended =
            text.lines().any(|line| line.starts_with(to)) && text.lines().any(|line| line.starts_with(from));
        ended.then_some(own)
    };
    Some([between(PRIMARY, FALLBACK)?, between(ADDITIONAL, END)?].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIX: &str = "Name: Unix authentication\nDefault: yes\nPriority: 256\nAuth-Type: Primary\nAuth:\n\
                        \t[success=end default=ignore]\tpam_unix.so nullok try_first_pass\nAuth-Initial:\n\
                        \t[success=end default=ignore]\tpam_unix.so nullok\n";
    const FIRST: &str =
        "Name: F\nPriority: 1024\nAuth-Type: Primary\nAuth:\n\trequisite pam_faillock.so preauth\n";
    const LAST: &str =
        "Name: L\nPriority: 0\nAuth-Type: Primary\nAuth:\n\t[default=die] pam_faillock.so authfail\n";

    fn text(block: &str) -> String {
        format!(
            "#\n{PRIMARY}\n{block}{FALLBACK}\nauth\trequisite\t\t\tpam_deny.so\n{ADDITIONAL}\n{END}\nauth optional pam_own.so\n"
        )
    }

    fn profiles() -> Profiles {
        [("unix", UNIX), ("first", FIRST), ("last", LAST)]
            .map(|(name, text)| (name.to_owned(), Profile::parse(text)))
            .into()
    }

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// What pam-auth-update of Debian 12 wrote for these profiles, after somebody had taken `nullok` away.
    #[test]
    fn as_pam_auth_update_does() {
        let before = text("auth\t[success=1 default=ignore]\tpam_unix.so \n");
        let kept = "Module: unix\n[success=end default=ignore]\tpam_unix.so nullok\n";
        let (names, changes) = found(&before, "auth", kept).unwrap();
        assert_eq!(names, set(&["unix"]));
        let (profiles, enabled) = (profiles(), set(&["first", "last", "unix"]));
        let enabled = in_order(&enabled, &profiles);
        assert_eq!(enabled, ["first", "unix", "last"]);
        let after = text(
            "auth\trequisite pam_faillock.so preauth\nauth\t[success=2 default=ignore]\tpam_unix.so try_first_pass\n\
             auth\t[default=die] pam_faillock.so authfail\n",
        );
        assert_eq!(stack(&before, "auth", &enabled, &profiles, &changes).as_deref(), Some(after.as_str()));
        let kept = saved("auth", &enabled, &profiles);
        assert_eq!(
            kept,
            "Module: first\nrequisite pam_faillock.so preauth\nModule: unix\n\
             [success=end default=ignore]\tpam_unix.so nullok try_first_pass\nModule: last\n[default=die] pam_faillock.so authfail\n"
        );
        // A second time.
        let (names, changes) = found(&after, "auth", &kept).unwrap();
        assert_eq!(names, set(&["first", "last", "unix"]));
        assert_eq!(stack(&after, "auth", &enabled, &profiles, &changes), Some(after));
    }

    #[test]
    fn what_somebody_wrote_is_not_touched() {
        let kept = "Module: unix\n[success=end default=ignore]\tpam_unix.so nullok\n";
        assert!(found(&text("auth\trequired\tpam_ldap.so\n"), "auth", kept).is_none());
        assert!(found("auth required pam_unix.so\n", "auth", kept).is_none());
        assert!(stack("auth required pam_unix.so\n", "auth", &[], &profiles(), &Changes::new()).is_none());
    }

    #[test]
    fn a_stack_without_modules_lets_pass() {
        let text = stack(&text(""), "auth", &[], &profiles(), &Changes::new()).unwrap();
        assert!(text.contains("auth\t[default=1]\t\t\tpam_permit.so\n"), "{text}");
        assert_eq!(saved("auth", &[], &profiles()), "Module: null\n[default=1]\t\t\tpam_permit.so\n");
    }
}
