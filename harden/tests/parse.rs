//! Reading playbooks: what is refused and in which words, and that nothing makes the reader panic.

mod common;

use common::{header, playbooks};
use expect_test::{Expect, expect};
use hostward_harden::render::Playbook;
use proptest::prelude::*;

const FRONT: &str = "#+ name = \"x\"\n#+ title = \"X\"\n#+ language = \"bash\"\n#+ kind = \"diagnostic\"\n";
const MOUNT: &str = "#+ [inputs.mount]\n#+ type = \"path\"\n#+ about = \"where\"\n";

fn check(text: &str, expect: Expect) {
    let shown = match Playbook::parse("content/x.sh", text) {
        Ok(playbook) => playbook.render(&header("x"), &Default::default()).map_or_else(
            |e| e.to_string(),
            |script| {
                let from = script.find("set -euo").expect("strict mode");
                let until = script.find("\nexport LC_ALL").expect("the prelude");
                script[from..until].to_owned()
            },
        ),
        Err(error) => error.to_string(),
    };
    expect.assert_eq(&shown);
}

#[test]
fn an_optional_input_without_a_value_is_empty() {
    let text = format!("{FRONT}{MOUNT}\n# Why.\nreadonly mount={{{{ mount }}}}\necho \"$mount\"\n");
    check(
        &text,
        expect![[r#"
        set -euo pipefail

        # Why.
        readonly mount=''
    "#]],
    );
}

#[test]
fn code_is_not_a_template() {
    check(
        &format!("{FRONT}words=(a b)\necho \"${{#words[@]}} {{}}\" # {{# \n"),
        expect![[r#"
        set -euo pipefail
    "#]],
    );
}

#[test]
fn front_matter_is_refused_with_its_line() {
    check(
        "",
        expect![[r##"content/x.sh:1: expected front matter: lines that start with "#+ " and hold TOML"##]],
    );
    check(
        "#!/bin/sh\n#+ name = 'x'\n",
        expect![[r##"content/x.sh:1: expected front matter: lines that start with "#+ " and hold TOML"##]],
    );
    check(
        "#+ name = 'x'\n#+ titel = 'X'\n",
        expect![
            "content/x.sh:2: unknown field `titel`, expected one of `name`, `title`, `language`, `kind`, `inputs`"
        ],
    );
    check(
        "#+ name = 'x'\n#+ title = \n",
        expect!["content/x.sh:2: string values must be quoted, expected literal string"],
    );
    check(
        &FRONT.replace("\"x\"", "\"y\""),
        expect![[r#"content/x.sh:1: the front matter's name is "y", the file's is "x""#]],
    );
    check(
        &FRONT.replace("bash", "perl"),
        expect![[r#"content/x.sh:3: unknown language "perl", expected one of: bash"#]],
    );
    check(
        &FRONT.replace("diagnostic", "fix"),
        expect!["content/x.sh:4: unknown variant `fix`, expected `diagnostic`"],
    );
    check(
        &format!("{FRONT}{}", MOUNT.replace("path", "pth")),
        expect![
            "content/x.sh:6: unknown variant `pth`, expected one of `path`, `device`, `interface`, `unit`, `user`, `host`, `integer`, `number`, `port`, `word`, `text`"
        ],
    );
    check(
        &format!("{FRONT}{}", MOUNT.replace("about", "abuot")),
        expect!["content/x.sh:7: unknown field `abuot`, expected one of `type`, `required`, `about`"],
    );
    check(
        &format!("{FRONT}{}", MOUNT.replace("inputs.mount", "inputs.PATH")),
        expect![[
            r#"content/x.sh:5: expected an input name of a-z 0-9 _ that starts with a letter, found "PATH""#
        ]],
    );
}

#[test]
fn values_stand_in_bindings_only() {
    let with = |body: &str| format!("{FRONT}{MOUNT}readonly mount={{{{ mount }}}}\n{body}\n");
    check(
        &with("echo '{{ mount }}'"),
        expect![[
            r#"content/x.sh:9: found "{{ mount }}" where no value may stand; bind it on a line of its own before the code: readonly name={{ input }}, and use the variable"#
        ]],
    );
    check(
        &with("echo {{ mount }}"),
        expect![[
            r#"content/x.sh:9: found "{{ mount }}" where no value may stand; bind it on a line of its own before the code: readonly name={{ input }}, and use the variable"#
        ]],
    );
    check(
        &with("cat <<EOF\nreadonly x={{ mount }}\nEOF"),
        expect![[
            r#"content/x.sh:10: found "{{ mount }}" where no value may stand; bind it on a line of its own before the code: readonly name={{ input }}, and use the variable"#
        ]],
    );
    check(
        &with("# {{ mount }}"),
        expect![[
            r#"content/x.sh:9: found "{{ mount }}" where no value may stand; bind it on a line of its own before the code: readonly name={{ input }}, and use the variable"#
        ]],
    );
    check(
        &with("readonly again=\"{{ mount }}\""),
        expect![[
            r#"content/x.sh:9: found "{{ mount }}" where no value may stand; bind it on a line of its own before the code: readonly name={{ input }}, and use the variable"#
        ]],
    );
    check(
        &with("readonly again={{ mount | safe }}"),
        expect![[
            r#"content/x.sh:9: "mount | safe" is not a declared input (declared: mount); an expression is the name of one"#
        ]],
    );
    check(
        &with("readonly again={{ mont }}"),
        expect![[
            r#"content/x.sh:9: "mont" is not a declared input (declared: mount); an expression is the name of one"#
        ]],
    );
    check(
        &with("readonly PATH={{ mount }}"),
        expect![[r#"content/x.sh:9: expected a variable of a-z 0-9 _, found "PATH""#]],
    );
    check(
        &with("readonly mount={{ mount }}"),
        expect![[r#"content/x.sh:9: variable "mount" is bound a second time"#]],
    );
    check(
        &with("{% if mount %}\n"),
        expect![[
            r#"content/x.sh:9: found "{% if mount %}" where no value may stand; bind it on a line of its own before the code: readonly name={{ input }}, and use the variable"#
        ]],
    );
    check(
        &format!("{FRONT}{MOUNT}echo\n"),
        expect![[r#"content/x.sh:1: input "mount" is declared and never bound; bind it or remove it"#]],
    );
}

#[test]
fn strange_characters_are_refused() {
    check(
        &format!("{FRONT}echo a\r\n"),
        expect![[r#"content/x.sh:5: found "\r"; a playbook is printable ASCII, tabs and newlines"#]],
    );
    check(
        &format!("{FRONT}echo '\u{202e}'\n"),
        expect![[r#"content/x.sh:5: found "\u{202e}"; a playbook is printable ASCII, tabs and newlines"#]],
    );
    check(
        &format!("{FRONT}{}", "#".repeat(70_000)),
        expect!["content/x.sh:1: 70073 bytes, the most is 65536"],
    );
}

/// Text of the shipped playbooks with pieces cut out, doubled and replaced: it comes further in than noise does.
fn damaged() -> impl Strategy<Value = (String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../content/playbooks/");
    let names: Vec<_> = playbooks().iter().map(|playbook| format!("{}.sh", playbook.name())).collect();
    let texts: Vec<_> = names
        .into_iter()
        .map(|name| {
            let text = common::read(format!("{folder}{name}").as_ref());
            (name, text)
        })
        .collect();
    (prop::sample::select(texts), 0..900usize, 0..40usize, "[ -~\n]{0,12}").prop_map(
        |((name, mut text), at, length, piece)| {
            let (from, until) = (at.min(text.len()), (at + length).min(text.len()));
            text.replace_range(from..until, &piece);
            (name, text)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>(), front in "(#\\+ [a-z.\\[\\]=\"'# {}%\n]{0,30}\n){0,6}") {
        let _ = Playbook::parse("x.sh", &text);
        let _ = Playbook::parse("x.sh", &front);
        let _ = Playbook::parse(&text, &(front + &text));
    }

    #[test]
    fn a_damaged_playbook_is_refused_or_renders((name, text) in damaged()) {
        let Ok(playbook) = Playbook::parse(&name, &text) else { return Ok(()) };
        let labels = common::labels(&playbook, common::hostile);
        if let Ok(script) = playbook.render(&header("x"), &labels) {
            prop_assert!(script.chars().all(|c| matches!(c, ' '..='~' | '\n' | '\t')));
        }
    }
}
