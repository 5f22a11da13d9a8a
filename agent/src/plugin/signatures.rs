//! Signatures of plugins by minisign: `NAME.minisig` beside `NAME`, made with one of the keys that an administrator has listed.

use super::refusal::{Refusal, quoted};
use minisign_verify::{PublicKey, Signature};
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// How a signature's file is called behind the name of what is signed.
pub const ENDING: &str = ".minisig";
/// Longest signature; comments are a part of it.
const SIGNATURE_BYTES_MAX: u64 = 8 << 10;
/// Keys that count; a longer list is refused.
const KEYS_MAX: usize = 100;

/// The keys of an administrator.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// Where they are written.
    path: PathBuf,
    keys: Vec<PublicKey>,
}

impl Keys {
    /// Reads public keys, one a line, as `minisign -G` writes them; comments are passed over.
    pub fn parse(path: &Path, text: &str) -> Result<Keys, String> {
        let mut keys = Vec::new();
        for (at, line) in text.lines().map(str::trim).enumerate() {
            if line.is_empty() || line.starts_with('#') || line.starts_with("untrusted comment:") {
                continue;
            }
            let key = PublicKey::from_base64(line).map_err(|error| {
                format!("{} line {}: no public key of minisign: {error}", path.display(), at + 1)
            })?;
            keys.push(key);
        }
        match keys.len() {
            0 => Err(format!("{} has no key", path.display())),
            1..=KEYS_MAX => Ok(Keys { path: path.to_owned(), keys }),
            _ => Err(format!("{} has more than {KEYS_MAX} keys", path.display())),
        }
    }

    /// Whether what is in the file was signed with one of the keys.
    pub fn check(&self, file: &File, path: &Path) -> Result<(), Refusal> {
        let beside = beside(path);
        let refused = |why: String| {
            let mend = format!("minisign -Sm {}", quoted(path));
            Refusal::new(
                format!("{} is not signed with a key of {}: {why}", path.display(), self.path.display()),
                mend,
            )
        };
        let signature = read(&beside).map_err(refused)?;
        let mut why = String::new();
        for key in &self.keys {
            match verified(key, &signature, file) {
                Ok(()) => return Ok(()),
                Err(other) => why = other,
            }
        }
        Err(refused(format!("{}: {why}", beside.display())))
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ENDING);
    PathBuf::from(name)
}

/// That of a key says by itself for whom it speaks, so whose file it is does not matter.
fn read(path: &Path) -> Result<Signature, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let mut text = String::new();
    let opened = File::open(path).map_err(|error| failed(&error))?;
    opened.take(SIGNATURE_BYTES_MAX).read_to_string(&mut text).map_err(|error| failed(&error))?;
    Signature::decode(&text).map_err(|error| failed(&error))
}

/// Only signatures of a hash are taken, which minisign makes since version 0.10: others would need the whole file in memory.
fn verified(key: &PublicKey, signature: &Signature, file: &File) -> Result<(), String> {
    let mut verifier = key.verify_stream(signature).map_err(|error| error.to_string())?;
    let (mut chunk, mut at) = (vec![0; 64 << 10], 0);
    loop {
        let read = file.read_at(&mut chunk, at).map_err(|error| error.to_string())?;
        if read == 0 {
            return verifier.finalize().map_err(|error| error.to_string());
        }
        verifier.update(&chunk[..read]);
        at += read as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;
    use std::fs;

    const TEXT: &str = "#!/bin/sh\necho \"signed_things 1\"\n";
    /// Of that text, by minisign 0.11.
    const SIGNATURE: &str = "untrusted comment: signature from minisign secret key\n\
        RURdmbe/2VTwAsO5WK5LLGwUXkYZ3UF3xUPPcKxJSe6p1/ClHaC8acWRhgA/3oynky3weEmeUkVYzy3UhL9BQplh/ROCV5oZjA8=\n\
        trusted comment: signed.sh\n\
        qUqRP8FLsSD7dIsimW3lFSrR4la2zYCoaPrLA9vhMT3JQGTUwrxEfH9OeoeKUBOuaKWK1lGdFgKLVNsllT7rDA==\n";
    const SIGNER: &str = "RWRdmbe/2VTwAuvsqHr/iqCZLGoOVTlTu/fqbyXCFaawsU8VYA0bynn2";
    const OTHER: &str = "RWSMw2CK2tkg5q+qVbJ9/URg7nTWxtJVjVJKSZ6g+HOutJdEJIAsq+J6";

    #[test]
    fn what_was_signed_runs_and_nothing_else() {
        let scratch = Scratch::new("signatures");
        let path = scratch.path().join("signed.sh");
        fs::write(&path, TEXT).unwrap();
        let file = File::open(&path).unwrap();
        let listed = |keys: &str| Keys::parse(Path::new("/etc/hostward/plugins.pub"), keys).unwrap();
        let both = format!("untrusted comment: mine\n{OTHER}\n{SIGNER}\n");
        let missing = listed(&both).check(&file, &path).unwrap_err();
        assert!(missing.why.contains("signed.sh.minisig: No such file"), "{missing}");
        assert!(missing.mend.starts_with("minisign -Sm "), "{missing}");
        fs::write(scratch.path().join("signed.sh.minisig"), SIGNATURE).unwrap();
        assert_eq!(listed(&both).check(&file, &path), Ok(()));
        assert!(listed(OTHER).check(&file, &path).is_err());
        fs::write(&path, TEXT.replace('1', "2")).unwrap();
        let changed = listed(&both).check(&File::open(&path).unwrap(), &path).unwrap_err();
        assert!(changed.why.contains("is not signed with a key of /etc/hostward/plugins.pub"), "{changed}");
    }

    #[test]
    fn what_is_no_key_is_named_with_its_line() {
        let parse = |text: &str| Keys::parse(Path::new("k.pub"), text).map(|keys| keys.keys.len());
        assert_eq!(parse(SIGNER), Ok(1));
        assert_eq!(parse("# none\n"), Err("k.pub has no key".to_owned()));
        assert!(parse("\nabc\n").unwrap_err().starts_with("k.pub line 2: no public key of minisign: "));
    }
}
