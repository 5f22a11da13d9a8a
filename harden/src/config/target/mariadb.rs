//! MariaDB: the one directory that it reads from and writes to has to be there, or it does not start.

use crate::config::artifact::Entry;
use crate::config::draft::Draft;

/// The directory of the template, which Debian does not make. It is root's: files are put there for the server to read.
const FILES: &str = "/var/lib/mysql-files";

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    if let Some(own) = draft
        .host
        .area("mariadb")
        .iter()
        .find(|fact| fact.key == "secure_file_priv" && fact.value.starts_with('/'))
    {
        let value = own.value.clone();
        if value != FILES {
            draft.keep(format!("secure_file_priv {value}"), format!("{} names it", own.origin));
        }
        draft.put("secure_file_priv", &value);
    } else if draft.value("secure_file_priv") == Some(FILES) && !draft.host.has(FILES) {
        draft.lay(FILES, Entry::Directory(0o755));
    }
    Ok(())
}
