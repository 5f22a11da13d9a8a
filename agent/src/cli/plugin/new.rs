//! `hostward plugin new`: a plugin that works, with a golden test and what builds it, from the files of `plugins/templates`.

use crate::cli::{Common, Failure, Format, Found, Outcome, output};
use clap::{Args, ValueEnum};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Longest name; it is the beginning of the names of metrics.
const NAME_BYTES_MAX: usize = 64;
/// What stands for the name in the templates.
const PLACE: &str = "NAME";

#[derive(Args)]
pub struct New {
    /// Its name, with which its metrics begin: [a-z][a-z0-9_]*.
    #[arg(value_parser = name)]
    name: String,
    /// The language that it is written in; c, cpp and rust become shared objects.
    #[arg(long, value_enum)]
    lang: Lang,
    /// Where the directory is made.
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lang {
    C,
    Cpp,
    Rust,
    Sh,
    Python,
    Go,
}

/// Path and text; both may hold the name's place.
type File = (&'static str, &'static str);

macro_rules! template {
    ($path:literal) => {
        include_str!(concat!("../../../../plugins/templates/", $path))
    };
}

const HEADER: File = ("hostward_probe.h", include_str!("../../../../plugins/abi/include/hostward_probe.h"));
const OBJECT_ANSWER: File = ("expected.prom", template!("common/object.prom"));
const SCRIPT_MAKE: File = ("Makefile", template!("common/script.make"));
/// Two files of 11 bytes together.
const TESTDATA: [File; 2] = [("testdata/one", "hello\n"), ("testdata/two", "you!\n")];

/// The files of a language, beside the test's data.
fn files(lang: Lang) -> &'static [File] {
    match lang {
        Lang::C => {
            &[("NAME.c", template!("c/NAME.c")), ("Makefile", template!("c/Makefile")), HEADER, OBJECT_ANSWER]
        }
        Lang::Cpp => &[
            ("NAME.cpp", template!("cpp/NAME.cpp")),
            ("Makefile", template!("cpp/Makefile")),
            HEADER,
            OBJECT_ANSWER,
        ],
        Lang::Rust => &[
            ("src/lib.rs", template!("rust/src/lib.rs")),
            ("tests/golden.rs", template!("rust/tests/golden.rs")),
            ("Cargo.toml", template!("rust/Cargo.toml")),
            ("expected.prom", template!("rust/expected.prom")),
        ],
        Lang::Sh => &[("NAME", template!("sh/NAME")), SCRIPT_MAKE, OBJECT_ANSWER],
        Lang::Python => &[("NAME", template!("python/NAME")), SCRIPT_MAKE, OBJECT_ANSWER],
        Lang::Go => &[
            ("main.go", template!("go/main.go")),
            ("go.mod", template!("go/go.mod")),
            ("Makefile", template!("go/Makefile")),
            OBJECT_ANSWER,
        ],
    }
}

/// Writes the files.
pub fn act(common: &Common, own: &New) -> Outcome {
    let dir = own.dir.join(&own.name);
    if dir.exists() {
        return Err(Failure::Usage(format!(
            "{}: is there already; take another name or --dir",
            dir.display()
        )));
    }
    let mut written = Vec::new();
    for (path, text) in files(own.lang).iter().chain(&TESTDATA) {
        let path = dir.join(path.replace(PLACE, &own.name));
        write(&path, &text.replace(PLACE, &own.name))
            .map_err(|error| Failure::Failed(format!("{}: {error}", path.display())))?;
        written.push(path.display().to_string());
    }
    let test = if own.lang == Lang::Rust { "cargo test" } else { "make test" };
    let dir = dir.display().to_string();
    let json = serde_json::json!({ "directory": dir, "files": written, "test": test });
    output::either(common.format, &json, |_| written.join("\n") + "\n");
    if common.format == Format::Text {
        output::message(&format!("Now: cd {dir} && {test}"));
    }
    Ok(Found::Well)
}

/// A script is executable.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    fs::write(path, text)?;
    if text.starts_with("#!") {
        fs::set_permissions(path, PermissionsExt::from_mode(0o755))?;
    }
    Ok(())
}

fn name(text: &str) -> Result<String, String> {
    let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
    let plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    match begins && plain && text.len() <= NAME_BYTES_MAX {
        true => Ok(text.to_owned()),
        false => Err(format!("a name is of the form [a-z][a-z0-9_]* and has at most {NAME_BYTES_MAX} bytes")),
    }
}
