//! Secrets from files that nobody else may read.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The largest secret.
const SECRET_BYTES_MAX: u64 = 64 << 10;

/// The secret in a file, without the line's end. It is read each time, so that a new one counts at once.
pub fn read(path: &Path) -> Result<String, String> {
    let refused = |why: String| format!("{}: {why}", path.display());
    let file = File::open(path).map_err(|error| refused(error.to_string()))?;
    let mode = file.metadata().map_err(|error| refused(error.to_string()))?.permissions().mode();
    if mode & 0o027 != 0 {
        let why = format!("a secret with the mode {:o}; type: chmod o=,g-w {}", mode & 0o777, path.display());
        return Err(refused(why));
    }
    let mut text = String::new();
    file.take(SECRET_BYTES_MAX + 1).read_to_string(&mut text).map_err(|error| refused(error.to_string()))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    match secret.len() as u64 {
        0 => Err(refused("it is empty".to_owned())),
        1..=SECRET_BYTES_MAX => Ok(secret.to_owned()),
        _ => Err(refused(format!("it is longer than {SECRET_BYTES_MAX} bytes"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;
    use std::fs::{Permissions, set_permissions, write};

    #[test]
    fn only_a_file_that_others_cannot_touch_is_read() {
        let scratch = Scratch::new("secret");
        let path = scratch.path().join("key");
        let with = |text: &str, mode| {
            write(&path, text).unwrap();
            set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            read(&path)
        };
        assert_eq!(with("s3cret\n", 0o600), Ok("s3cret".to_owned()));
        assert_eq!(with("s3cret", 0o640), Ok("s3cret".to_owned()));
        assert!(with("s3cret", 0o644).unwrap_err().contains("chmod"));
        assert!(with("s3cret", 0o660).is_err());
        assert!(with("\n", 0o600).is_err());
        assert!(with(&"x".repeat(70_000), 0o600).is_err());
        assert!(read(&scratch.path().join("none")).is_err());
    }
}
