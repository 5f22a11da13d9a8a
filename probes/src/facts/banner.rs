//! What is shown before and after somebody logs in: issue(5), motd(5).

use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

const LINES_MAX: usize = 1000;

pub static READER: Reader = Reader {
    area: "banner",
    about: "the lines of notices: the file is the scope, the key is text",
    reads: &["/etc/issue", "/etc/issue.net", "/etc/motd"],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    for path in READER.reads {
        let text = image.text_if_there(path)?.unwrap_or_default();
        let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()).take(LINES_MAX);
        found.extend(
            lines.map(|(number, line)| Fact::new("text", line, Origin::line(path, number)).within(*path)),
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn lines_with_their_escapes() {
        expect![[r#"
            [/etc/issue] text = Debian GNU/Linux 12 \n \l  (/etc/issue:1)
        "#]]
        .assert_eq(&shown(&READER, &[("/etc/issue", "Debian GNU/Linux 12 \\n \\l\n\n")]));
    }
}
