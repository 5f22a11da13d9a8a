//! The files of `content/`.

use crate::{Outcome, root};
use hostward_harden::config::Library;
use std::fs;
use std::path::{Path, PathBuf};

/// Every file below a folder of content with its text, sorted by path.
pub fn texts(folder: &str) -> Outcome<Vec<(PathBuf, String)>> {
    let mut texts = Vec::new();
    walk(&root().join("content").join(folder), &mut texts)?;
    texts.sort();
    Ok(texts)
}

/// Every template of a configuration.
pub fn templates() -> Outcome<Library> {
    let texts = texts("templates")?;
    let files: Vec<_> = texts.iter().map(|(path, text)| (path.display().to_string(), text)).collect();
    let library = Library::parse(files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    library.map_err(|error| error.to_string())
}

fn walk(dir: &Path, texts: &mut Vec<(PathBuf, String)>) -> Outcome<()> {
    let said = |error: std::io::Error| format!("{}: {error}", dir.display());
    for entry in fs::read_dir(dir).map_err(said)? {
        let path = entry.map_err(said)?.path();
        if path.is_dir() {
            walk(&path, texts)?;
        } else {
            let text = fs::read_to_string(&path).map_err(said)?;
            texts.push((path, text));
        }
    }
    Ok(())
}
