//! Embeds what hardening is judged by: hundreds of files, of which nobody should have to keep a list by hand.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let content = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../content");
    let lists = [
        list("CHECKS", &content.join("checks"), "toml")?,
        list("FIXES", &content.join("fixes"), "toml")?,
        list("FRAMEWORKS", &content.join("frameworks"), "toml")?,
        list("PROFILES", &content.join("profiles"), "toml")?,
        list("TEMPLATES", &content.join("templates"), "j2")?,
        list("WORKFLOWS", &content.join("workflows"), "toml")?,
    ];
    fs::write(PathBuf::from(env::var("OUT_DIR").unwrap_or_default()).join("catalogue.rs"), lists.concat())
}

/// A list of names and texts, with the names as seen from `folder`.
fn list(name: &str, folder: &Path, ending: &str) -> io::Result<String> {
    let mut paths = Vec::new();
    walk(folder, ending, &mut paths)?;
    paths.sort();
    let mut text =
        format!("/// Every file of this folder of content.\npub static {name}: &[(&str, &str)] = &[\n");
    for path in paths {
        let short = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        text += &format!("    ({short:?}, include_str!({:?})),\n", path.display().to_string());
    }
    Ok(text + "];\n")
}

fn walk(folder: &Path, ending: &str, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, ending, paths)?;
        } else if path.extension().is_some_and(|own| own == ending) {
            paths.push(path);
        }
    }
    Ok(())
}
