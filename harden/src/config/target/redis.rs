//! Redis: the last line of a name counts, so the main file ends with an include of ours; what it says besides stays.

use crate::config::draft::Draft;

const MAIN: &str = "/etc/redis/redis.conf";

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    let Some(main) = draft.host.texts.get(MAIN) else { return Err(format!("there is no {MAIN}")) };
    let include = format!("include {}", draft.path);
    let last = main.text.lines().map(str::trim).rfind(|line| !line.is_empty() && !line.starts_with('#'));
    if last != Some(include.as_str()) {
        let others = main.text.lines().filter(|line| line.trim() != include);
        let text: String = others.chain([include.as_str()]).flat_map(|line| [line, "\n"]).collect();
        draft.keep(MAIN, "only a line is put at its end: what comes last counts");
        draft.file(&main.path, text, main.mode);
    }
    open(draft);
    Ok(())
}

/// Whoever reaches it from elsewhere needs it; that it asks for a password is for people to arrange with its clients.
fn open(draft: &mut Draft<'_>) {
    let host = draft.host;
    let bind = host.first("redis", "bind").unwrap_or("");
    let near = |word: &str| {
        word.trim_start_matches('-').starts_with("127.") || word.trim_start_matches('-') == "::1"
    };
    let far: Vec<&str> = bind.split_whitespace().filter(|word| !near(word)).collect();
    let secret = ["requirepass", "user", "aclfile"].iter().any(|key| host.first("redis", key).is_some());
    if !far.is_empty() {
        draft.keep(format!("bind {bind}"), "others may reach it by these addresses today");
        if !secret {
            let why = "it listens for others without one; agree on a password with its clients and set it by requirepass or aclfile";
            draft.refuse("a password", why);
        }
    }
}
