//! The way to the detectors that are kept.
//!
//! The database belongs to one process at a time. While a daemon runs it is asked over its socket, as whoever calls may;
//! otherwise the state directory is opened here, with the same lock that a daemon takes.

use super::super::output::message;
use super::super::{Common, Failure, daemon};
use crate::clock;
use crate::state::{NamedDetector, Place, StateDir, Store};
use nix::unistd::{Uid, User, geteuid};
use serde_json::{Value, json};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Where detectors are kept.
pub enum Shelf<'a> {
    /// A daemon has them.
    Daemon(&'a Common),
    /// Nobody else has the state directory.
    Own {
        /// The database.
        store: Box<Store>,
        /// Keeps others out for as long.
        _dir: StateDir,
    },
}

impl<'a> Shelf<'a> {
    /// Finds out which.
    pub fn reach(common: &'a Common) -> Result<Shelf<'a>, Failure> {
        if daemon::is_there(common)? {
            return Ok(Shelf::Daemon(common));
        }
        let failed = |error: &dyn std::fmt::Display| Failure::Failed(error.to_string());
        let place =
            Place::choose(common.state_dir.as_deref()).map_err(|error| Failure::Usage(error.to_string()))?;
        is_ours(&place.dir)?;
        let dir = StateDir::open(&place.dir).map_err(|error| failed(&error))?;
        let (store, damages) = Store::open(dir.path()).map_err(|error| failed(&error))?;
        damages.iter().for_each(|damage| message(&damage.to_string()));
        Ok(Shelf::Own { store: Box::new(store), _dir: dir })
    }

    /// All of them.
    pub fn all(&self) -> Result<Vec<NamedDetector>, Failure> {
        match self {
            Shelf::Daemon(common) => understood(daemon::get(common, "detectors")?["detectors"].take()),
            Shelf::Own { store, .. } => store.detectors().map_err(|error| Failure::Failed(error.to_string())),
        }
    }

    /// One of them.
    pub fn get(&self, name: &str) -> Result<NamedDetector, Failure> {
        match self {
            Shelf::Daemon(common) => understood(daemon::get(common, &format!("detectors/{name}"))?),
            Shelf::Own { store, .. } => Ok(store.detector(name)?),
        }
    }

    /// Keeps a new one, or one in place of what has its name.
    pub fn put(&mut self, own: &NamedDetector, is_new: bool) -> Result<(), Failure> {
        match self {
            Shelf::Daemon(common) if is_new => daemon::post(common, "detectors", &json!(own)).map(drop),
            Shelf::Daemon(common) => daemon::put(common, "detectors", &json!(own)).map(drop),
            Shelf::Own { store, .. } => Ok(store.put_detector(own, is_new, clock::now().wall_ms)?),
        }
    }

    /// Forgets one.
    pub fn remove(&mut self, name: &str) -> Result<(), Failure> {
        match self {
            Shelf::Daemon(common) => daemon::delete(common, &format!("detectors/{name}")).map(drop),
            Shelf::Own { store, .. } => Ok(store.remove_detector(name)?),
        }
    }
}

fn understood<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, Failure> {
    serde_json::from_value(value)
        .map_err(|error| Failure::Failed(format!("the daemon's answer: {error}; is it of this version?")))
}

/// Files made in another user's directory would keep that user's daemon from starting.
fn is_ours(dir: &Path) -> Result<(), Failure> {
    let Ok(found) = std::fs::metadata(dir) else { return Ok(()) };
    if found.uid() == geteuid().as_raw() {
        return Ok(());
    }
    let user = User::from_uid(Uid::from_raw(found.uid())).ok().flatten();
    let user = user.map_or_else(|| format!("#{}", found.uid()), |user| user.name);
    Err(Failure::Usage(format!(
        "{} belongs to {user} and no daemon runs\nstart it:  systemctl start hostward   (or type: sudo -u {user} hostward detectors ...)",
        dir.display()
    )))
}
