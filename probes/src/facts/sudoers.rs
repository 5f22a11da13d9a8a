//! Who may become whom: sudoers(5) with what it includes.

use super::include::{Includes, beside};
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

const MAIN: &str = "/etc/sudoers";

const ALIASES: [&str; 5] = ["User_Alias", "Runas_Alias", "Host_Alias", "Cmnd_Alias", "Cmd_Alias"];
/// Tags that are asked about.
const TAGS: [&str; 3] = ["NOPASSWD", "NOEXEC", "SETENV"];

pub static READER: Reader = Reader {
    area: "sudoers",
    about: "sudo: its Defaults by name (those for somebody in their scope), and a rule for each line by who it is for",
    reads: &[MAIN],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    file(&mut Includes::new(image), MAIN, found)?;
    found.defaults("", "sudo 1.9.13", &[("timestamp_timeout", "15"), ("use_pty", "no")])
}

fn file(includes: &mut Includes<'_, '_>, path: &str, found: &mut Found) -> Result<(), Fault> {
    includes.read(path, |includes, text| {
        for (number, line) in assembled(text) {
            includes.line = number;
            let (word, rest) = list(&line);
            let place = || beside("/etc", rest.trim_matches('"'));
            let origin = Origin::line(path, number);
            match word.as_str() {
                "@include" | "#include" => file(includes, &place(), found)?,
                "@includedir" | "#includedir" => directory(includes, &place(), found)?,
                word if word
                    .strip_prefix("Defaults")
                    .is_some_and(|scope| scope.is_empty() || scope.starts_with([':', '@', '>', '!'])) =>
                {
                    // Of several the last counts.
                    defaults(word, &rest, &origin).try_for_each(|fact| found.last(fact))?;
                }
                word if ALIASES.contains(&word) => {}
                who => found.extend(rule(who, &rest, &origin))?,
            }
        }
        Ok(())
    })
}

/// Lines as sudo puts them together, without comments. `#` with a number behind it is a user or a group, and with
/// `include` the old spelling of that.
fn assembled(text: &str) -> Vec<(usize, String)> {
    let (mut all, mut open) = (Vec::<(usize, String)>::new(), false);
    for (number, line) in (1..).zip(text.lines()) {
        let (part, goes_on) = before_comment(line.trim());
        match all.last_mut().filter(|_| open) {
            Some((_, whole)) => whole.extend([" ", part]),
            None => all.push((number, part.to_owned())),
        }
        open = goes_on;
    }
    all.retain(|(_, line)| !line.trim().is_empty());
    all
}

/// What stands before a comment, and whether the line goes on in the next.
fn before_comment(line: &str) -> (&str, bool) {
    if line.starts_with("#include") {
        return (line, false);
    }
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in line.char_indices() {
        let numbered = || line[at + 1..].trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit());
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '#' if !quoted && !numbered() => return (&line[..at], false),
            _ => {}
        }
    }
    (line.strip_suffix('\\').filter(|_| escaped).unwrap_or(line), escaped)
}

/// The list of names that a line begins with, without blanks around its commas, and the rest of the line.
fn list(line: &str) -> (String, String) {
    let mut words = line.split_whitespace().peekable();
    let (mut list, mut quotes) = (String::new(), 0);
    while let Some(word) = words.next() {
        list.push_str(word);
        quotes += word.matches('"').count();
        if quotes % 2 == 1 || word.ends_with('\\') {
            list.push(' ');
        } else if !word.ends_with(',') && !words.peek().is_some_and(|next| next.starts_with(',')) {
            break;
        }
    }
    (list, words.collect::<Vec<_>>().join(" "))
}

/// Names with a dot or a tilde at the end are passed over.
fn directory(includes: &mut Includes<'_, '_>, path: &str, found: &mut Found) -> Result<(), Fault> {
    let names = includes.image.names_if_there(path)?;
    let read = names.iter().filter(|name| !name.contains('.') && !name.ends_with('~'));
    read.map(|name| format!("{path}/{name}")).try_for_each(|path| file(includes, &path, found))
}

/// `Defaults:ann !use_pty, logfile="/var/log/sudo.log"`.
fn defaults(word: &str, rest: &str, origin: &Origin) -> impl Iterator<Item = Fact> {
    let scope = word.strip_prefix("Defaults").unwrap_or("");
    let fact = move |item: String| {
        let (name, value) = match item.strip_prefix('!') {
            Some(name) => (name.trim(), "no"),
            None => item.split_once('=').map_or((item.as_str(), "yes"), |(name, value)| (name, value.trim())),
        };
        let name = name.trim().trim_end_matches(['+', '-']).trim();
        Fact::new(name, value.trim_matches('"'), origin.clone()).within(scope)
    };
    items(rest).into_iter().map(fact)
}

/// A rule, and a fact of its own for each tag, which is what is asked about.
fn rule<'l>(who: &'l str, what: &'l str, origin: &'l Origin) -> impl Iterator<Item = Fact> + 'l {
    let words = what.split([' ', ',', ')', '=', ':']).filter(|word| TAGS.contains(word));
    let tags = words.map(|tag| Fact::new("tag", tag, origin.clone()));
    let rule = Fact::new("rule", what, origin.clone());
    std::iter::once(rule).chain(tags).map(move |fact| fact.within(who.replace('"', "")))
}

/// Items between commas that are not in quotes.
fn items(list: &str) -> Vec<String> {
    let (mut items, mut quoted) = (vec![String::new()], false);
    for c in list.chars() {
        quoted ^= c == '"';
        match items.last_mut() {
            Some(item) if quoted || c != ',' => item.push(c),
            _ => items.push(String::new()),
        }
    }
    items.iter().map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn defaults_rules_and_includes() {
        let main = "Defaults env_reset, badpass_message=\"a, b\"\nDefaults:ann !use_pty\nroot ALL=(ALL:ALL) ALL\n\
                    %sudo ALL=(ALL) NOPASSWD: ALL\nUser_Alias X = a, b\n#includedir /etc/sudoers.d\n@include extra\n# x \\\nbob ALL=NOPASSWD:/bin/ls\n";
        expect![[r#"
            env_reset = yes  (/etc/sudoers:1)
            badpass_message = a, b  (/etc/sudoers:1)
            [:ann] use_pty = no  (/etc/sudoers:2)
            [root] rule = ALL=(ALL:ALL) ALL  (/etc/sudoers:3)
            [%sudo] rule = ALL=(ALL) NOPASSWD: ALL  (/etc/sudoers:4)
            [%sudo] tag = NOPASSWD  (/etc/sudoers:4)
            timestamp_timeout = 5  (/etc/sudoers.d/own:1)
            logfile = /var/log/sudo.log  (/etc/extra:1)
            [bob] rule = ALL=NOPASSWD:/bin/ls  (/etc/sudoers:9)
            [bob] tag = NOPASSWD  (/etc/sudoers:9)
            use_pty = no  (default of sudo 1.9.13)
        "#]]
        .assert_eq(&shown(
            &READER,
            &[
                (MAIN, main),
                ("/etc/sudoers.d/own", "Defaults timestamp_timeout=5\n"),
                ("/etc/sudoers.d/own.bak", "Defaults timestamp_timeout=50\n"),
                ("/etc/extra", "Defaults logfile=/var/log/sudo.log\n"),
            ],
        ));
    }
}
