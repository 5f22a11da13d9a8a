//! What is settled before the first line is read: the modules, and what the server is started with.

use crate::Fault;
use crate::facts::Image;
use crate::facts::line::{joined, unquoted};
use std::collections::{BTreeMap, HashSet};

/// What apache2ctl(8) reads before it starts the server.
pub const ENVIRONMENT: &str = "/etc/apache2/envvars";

/// Which modules there are has to be known before `IfModule` is met.
pub fn loaded(image: &Image<'_>) -> Result<HashSet<String>, Fault> {
    let mut modules = HashSet::new();
    for path in image.glob("/etc/apache2/mods-enabled/*.load")? {
        for (_, line) in joined(&image.text(&path)?) {
            if let ["LoadModule", name, ..] = line.split_whitespace().collect::<Vec<_>>().as_slice() {
                modules.insert(name.trim_end_matches("_module").to_owned());
            }
        }
    }
    Ok(modules)
}

/// What the server is started with: `-D` in `APACHE_ARGUMENTS`, and variables that are exported.
pub fn given(image: &Image<'_>) -> Result<BTreeMap<String, String>, Fault> {
    let mut defined = BTreeMap::new();
    let text = image.text_if_there(ENVIRONMENT)?.unwrap_or_default();
    for (_, line) in joined(&text) {
        let line = line.strip_prefix("export ").unwrap_or(&line);
        let Some((name, value)) = line.split_once('=') else { continue };
        let value = unquoted(value.trim());
        if name == "APACHE_ARGUMENTS" {
            let value = value.replace("-D ", "-D");
            let symbols = value.split_whitespace().filter_map(|word| word.strip_prefix("-D"));
            defined.extend(symbols.map(|symbol| (symbol.to_owned(), String::new())));
        } else if !value.contains(['$', '`']) {
            defined.insert(name.to_owned(), value.to_owned());
        }
    }
    Ok(defined)
}
