//! What root keeps of what it applied, in a directory that nobody else can write.

use crate::durable::{self, gone};
use crate::outbox::Stage;
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Where it is; not below the daemon's state directory, whose owner could put another in its place.
pub const DIR: &str = "/var/lib/hostward-apply";
/// Entries that are kept with their scripts and what undoes them; the oldest that are settled go.
const ENTRIES_MAX: usize = 100;

/// The open vault. One process at a time has it.
pub struct Vault {
    dir: PathBuf,
    _lock: Flock<File>,
    told: Box<dyn Fn(&Entry) -> bool>,
}

/// What became of one artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Id of the artifact.
    pub id: String,
    /// SHA-256 of its script.
    pub sha256: String,
    /// How far it has come.
    pub stage: Stage,
    /// When it was begun, wall clock.
    pub at_ms: i64,
    /// When it is undone unless it is confirmed.
    pub confirm_by_ms: Option<i64>,
    /// Applied without a person: it has to be seen to help.
    #[serde(default)]
    pub by_itself: bool,
    /// Why it stands where it stands.
    pub comment: String,
    /// Whether the daemon knows.
    pub told: bool,
}

impl Entry {
    /// The same, gone on; the daemon is to be told.
    pub fn at(self, stage: Stage, comment: &str) -> Self {
        Entry { stage, comment: comment.to_owned(), told: false, ..self }
    }

    /// Begun, and neither confirmed nor undone.
    pub fn waits(&self) -> bool {
        matches!(self.stage, Stage::Applying | Stage::Applied | Stage::Undoing)
    }

    /// What becomes of it when nothing lets it stand in time, and why.
    pub fn unconfirmed(&self) -> (Stage, String) {
        match (self.by_itself, self.stage) {
            (true, Stage::Undoing) => (Stage::Failed, self.comment.clone()),
            (false, Stage::Undoing) => (Stage::RolledBack, self.comment.clone()),
            (true, _) => (Stage::Failed, "nothing said in time that it helps".to_owned()),
            (false, _) => (Stage::RolledBack, "nobody confirmed it".to_owned()),
        }
    }
}

impl Vault {
    /// Opens the directory, alone; who comes second is told that another is at work.
    pub fn open(dir: &Path) -> io::Result<Self> {
        Self::locked(dir, FlockArg::LockExclusiveNonblock)
    }

    /// The same, but waits for who is at work.
    pub fn wait(dir: &Path) -> io::Result<Self> {
        Self::locked(dir, FlockArg::LockExclusive)
    }

    fn locked(dir: &Path, how: FlockArg) -> io::Result<Self> {
        durable::private_dir(dir)?;
        let own = fs::symlink_metadata(dir)?;
        let is_ours = own.is_dir() && own.uid() == nix::unistd::geteuid().as_raw() && own.mode() & 0o077 == 0;
        if !is_ours {
            let error = format!("{}: not a directory that only its owner can read and write", dir.display());
            return Err(io::Error::other(error));
        }
        let file = File::create(dir.join("lock"))?;
        let lock = Flock::lock(file, how).map_err(|(_, errno)| match errno {
            nix::errno::Errno::EWOULDBLOCK => {
                io::Error::other("another script is being applied; try again when it is done")
            }
            errno => io::Error::from(errno),
        })?;
        durable::sweep(dir)?;
        Ok(Vault { dir: dir.to_owned(), _lock: lock, told: Box::new(|_| false) })
    }

    /// The same, and `told` hears of each entry when it is written and before what it says is done. It says whether that was
    /// heard; what was not is told later.
    pub fn telling(self, told: impl Fn(&Entry) -> bool + 'static) -> Self {
        Vault { told: Box::new(told), ..self }
    }

    /// Where it is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the copy of a script is.
    pub fn script(&self, id: &str) -> PathBuf {
        self.dir.join(format!("{id}.script"))
    }

    /// Where a script keeps what undoes it.
    pub fn undo(&self, id: &str) -> PathBuf {
        self.dir.join(format!("{id}.undo"))
    }

    /// Keeps a copy of a script, to be run from there and from nowhere else.
    pub fn keep_script(&self, id: &str, script: &[u8]) -> io::Result<PathBuf> {
        let path = self.script(id);
        durable::write(&path, script)?;
        fs::set_permissions(&path, Permissions::from_mode(0o700))?;
        Ok(path)
    }

    /// All entries, the oldest first.
    pub fn entries(&self) -> io::Result<Vec<Entry>> {
        Ok(in_order(self.read()?.into_iter().collect::<io::Result<Vec<_>>>()?))
    }

    /// Those that can be read: a damaged one must not keep the others from being undone.
    pub fn readable(&self) -> io::Result<Vec<Entry>> {
        Ok(in_order(self.read()?.into_iter().filter_map(Result::ok).collect()))
    }

    fn read(&self) -> io::Result<Vec<io::Result<Entry>>> {
        let read = |file: PathBuf| {
            let damaged = |error| io::Error::other(format!("{}: {error}", file.display()));
            serde_json::from_slice::<Entry>(&fs::read(&file)?).map_err(damaged)
        };
        Ok(durable::files(&self.dir, ".json")?.into_iter().map(read).collect())
    }

    /// One entry.
    pub fn entry(&self, id: &str) -> io::Result<Option<Entry>> {
        Ok(self.readable()?.into_iter().find(|entry| entry.id == id))
    }

    /// Writes an entry down, in place of what it said before.
    pub fn put(&self, entry: &Entry) -> io::Result<()> {
        self.write(entry)?;
        if !entry.told && (self.told)(entry) {
            self.write(&Entry { told: true, ..entry.clone() })?;
        }
        self.trim()
    }

    fn write(&self, entry: &Entry) -> io::Result<()> {
        let text = serde_json::to_string_pretty(entry).map_err(io::Error::other)?;
        durable::write(&self.dir.join(format!("{}.json", entry.id)), format!("{text}\n").as_bytes())
    }

    fn trim(&self) -> io::Result<()> {
        let entries = self.readable()?;
        let too_many = entries.len().saturating_sub(ENTRIES_MAX);
        for entry in entries.iter().filter(|entry| !entry.waits()).take(too_many) {
            gone(fs::remove_dir_all(self.undo(&entry.id)))?;
            gone(fs::remove_file(self.script(&entry.id)))?;
            gone(fs::remove_file(self.dir.join(format!("{}.json", entry.id))))?;
        }
        Ok(())
    }
}

fn in_order(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by(|a, b| (a.at_ms, &a.id).cmp(&(b.at_ms, &b.id)));
    entries
}
