//! What is shown before anybody signs in: a text of somebody's own stays, unless it tells what the host runs.

use crate::config::draft::Draft;

const LOCAL: &str = "/etc/issue";
const REMOTE: &str = "/etc/issue.net";
/// What tells strangers more than they should know: the escapes of agetty(8), and names of distributions.
const TELLING: [&str; 6] = ["\\m", "\\r", "\\s", "\\v", "Debian", "Ubuntu"];

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    let notice = draft.part("main")?;
    for path in [LOCAL, REMOTE] {
        let own = draft.host.texts.get(path).map_or("", |own| own.text.as_str());
        let telling = own.trim().is_empty() || TELLING.iter().any(|word| own.contains(word));
        let text = if telling { notice.clone() } else { own.to_owned() };
        if !telling && text != notice {
            draft.keep(path, "somebody wrote a notice, and it does not tell what the host runs");
        }
        draft.file(path, text, 0o644);
    }
    Ok(())
}
