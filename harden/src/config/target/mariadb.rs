//! MariaDB: the one directory that it reads from and writes to has to be there, or it does not start.

use crate::config::artifact::Entry;
use crate::config::draft::Draft;
use crate::config::host::is_written;

/// The directory of the template, which Debian does not make. It is root's: files are put there for the server to read.
const FILES: &str = "/var/lib/mysql-files";

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    let set = |key: &'static str| draft.host.area("mariadb").iter().filter(move |fact| fact.key == key);
    let (versions, directory) = (
        set("tls_version").find(|fact| is_written(&fact.origin)),
        set("secure_file_priv").find(|fact| fact.value.starts_with('/')),
    );
    if let Some(own) = versions {
        draft.keep(format!("tls_version {}", own.value), format!("{} says so", own.origin));
        draft.leave_out("tls_version");
    }
    if let Some(own) = directory {
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
