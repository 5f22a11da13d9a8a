//! PAM stacks with what they include in its place: pam.conf(5).

use super::image::if_there;
use super::include::Includes;
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

const DIRECTORIES: [&str; 2] = ["/etc/pam.d", "/usr/lib/pam.d"];

pub static READER: Reader = Reader {
    area: "pam",
    about: "PAM stacks: the service is the scope, the key is auth, account, password or session",
    reads: &["/etc/pam.d"],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    if !DIRECTORIES.iter().any(|directory| image.has(directory)) {
        return Err(Fault::Missing { what: DIRECTORIES[0].to_owned() });
    }
    for path in image.overlaid(&DIRECTORIES, "")? {
        let service = path.rsplit('/').next().unwrap_or("").to_owned();
        let mut show = |fact: Fact| found.push(fact.within(service.clone()));
        stack(&mut Includes::new(image), &path, None, &mut show)?;
    }
    Ok(())
}

/// What takes the lines of a stack.
type Show<'s> = dyn FnMut(Fact) -> Result<(), Fault> + 's;

/// Shows the lines of a file, of one type only if one is named.
fn stack(
    includes: &mut Includes<'_, '_>,
    path: &str,
    only: Option<&str>,
    show: &mut Show<'_>,
) -> Result<(), Fault> {
    includes.read(path, |includes, text| {
        for (number, line) in assembled(path, text)? {
            includes.line = number;
            let line = line.trim();
            let (kind, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let kind = kind.trim_start_matches('-').to_ascii_lowercase();
            if kind == "@include" {
                named(includes, rest.trim(), only, show)?;
            } else if only.is_none_or(|only| only == kind) {
                match substack(rest.trim()) {
                    Some(service) => named(includes, service, Some(&kind), show)?,
                    None => {
                        let value = rest.split_whitespace().collect::<Vec<_>>().join(" ");
                        show(Fact::new(kind, value, Origin::line(path, number)))?;
                    }
                }
            }
        }
        Ok(())
    })
}

/// Lines as libpam puts them together: a comment begins anywhere, and a line that goes on does so beyond empty ones. It lets
/// nobody in when such a line does not end.
fn assembled(path: &str, text: &str) -> Result<Vec<(usize, String)>, Fault> {
    let (mut all, mut open) = (Vec::<(usize, String)>::new(), false);
    for (number, line) in (1..).zip(text.lines()) {
        let (part, commented) = line.split_once('#').map_or((line, false), |(part, _)| (part, true));
        if part.trim().is_empty() {
            continue;
        }
        let more = part.trim_end().strip_suffix('\\').filter(|_| !commented);
        match all.last_mut().filter(|_| open) {
            Some((_, whole)) => whole.push_str(more.unwrap_or(part)),
            None => all.push((number, more.unwrap_or(part).to_owned())),
        }
        open = more.is_some();
    }
    match all.last().filter(|_| open) {
        Some((number, line)) => Err(Fault::malformed(path, *number, line, "an end of the line")),
        None => Ok(all),
    }
}

/// `include NAME` and `substack NAME` bring the lines of one type.
fn substack(rest: &str) -> Option<&str> {
    let rest = rest.strip_prefix("include").or_else(|| rest.strip_prefix("substack"))?;
    rest.starts_with(char::is_whitespace).then(|| rest.trim())
}

/// What is not there brings nothing, as libpam has it.
fn named(
    includes: &mut Includes<'_, '_>,
    service: &str,
    only: Option<&str>,
    show: &mut Show<'_>,
) -> Result<(), Fault> {
    let paths = DIRECTORIES.map(|directory| super::include::beside(directory, service));
    match paths.iter().find(|path| includes.image.has(path)) {
        Some(path) => if_there(stack(includes, path, only, show)).map(drop),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn includes_stand_where_they_are() {
        expect![[r#"
            [common-auth] auth = [success=1 default=ignore] pam_unix.so nullok  (/etc/pam.d/common-auth:1)
            [common-auth] session = required pam_x.so  (/etc/pam.d/common-auth:3)
            [sshd] auth = [success=1 default=ignore] pam_unix.so nullok  (/etc/pam.d/common-auth:1)
            [sshd] session = required pam_x.so  (/etc/pam.d/common-auth:3)
            [sshd] account = required pam_nologin.so  (/etc/pam.d/sshd:2)
            [su] session = required pam_x.so  (/etc/pam.d/common-auth:3)
        "#]]
        .assert_eq(&shown(
            &READER,
            &[
                ("/etc/pam.d/common-auth", "auth [success=1 default=ignore] \\\n  pam_unix.so  nullok\nsession required pam_x.so # why\n"),
                ("/etc/pam.d/sshd", "@include common-auth\n-account required pam_nologin.so\n@include absent\n"),
                ("/etc/pam.d/su", "session include common-auth\n"),
            ],
        ));
        assert_eq!(
            shown(&READER, &[("/etc/pam.d/a", "auth x\nauth \\\n\n# y\n")]),
            "unseen: /etc/pam.d/a:2: expected an end of the line, found \"auth \"\n"
        );
        assert_eq!(
            shown(&READER, &[("/etc/pam.d/a", "@include b\n"), ("/etc/pam.d/b", "@include a\n")]),
            "unseen: /etc/pam.d/b:1: /etc/pam.d/a: files are included 16 deep: does it include itself?\n"
        );
    }
}
