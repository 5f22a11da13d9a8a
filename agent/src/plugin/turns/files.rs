//! Which plugins the files are: what is new, what has changed, what is not whole yet, what is gone.

use super::{SETTLE_US, Turn, Turns, Work};
use crate::clock;
use crate::plugin::backoff::Backoff;
use crate::plugin::found::{Found, look, plugin_name};
use crate::plugin::once::Memory;
use crate::plugin::settle::settle;
use crate::plugin::status::{Standing, Status};
use crate::plugin::trouble::Trouble;
use crate::plugin::watch::Watch;
use crate::sampler;
use hostward_engine::own::PLUGINS;
use hostward_model::Batch;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};

/// Names of plugins that are known in the life of the daemon; a new one beyond is refused. They are kept for ever, for the engine
/// remembers series by them.
const NAMES_MAX: usize = 2000;

impl Turns {
    /// Looks which files there are.
    pub fn look(&mut self, at: clock::Reading, watch: Option<&Watch>) {
        let (found, seen) = look(&self.ground.trust.directories);
        if let Some(watch) = watch {
            watch.set(&self.ground.trust.directories, &seen);
        }
        let paths: HashSet<PathBuf> = found.iter().map(|own| own.path.clone()).collect();
        self.pending.retain(|path, _| paths.contains(path));
        let mut old: HashMap<PathBuf, Turn> =
            std::mem::take(&mut self.list).into_iter().map(|turn| (turn.found.path.clone(), turn)).collect();
        let mut names = HashSet::new();
        for found in found {
            let kept = old.remove(&found.path);
            if let Some(turn) = self.renewed(at, found, kept, watch, &names) {
                names.insert(turn.status.name.clone());
                self.list.push(turn);
            }
        }
        for gone in old.into_values().filter(|gone| !names.contains(&gone.status.name)) {
            self.claims.release(&gone.status.name);
            self.ready.push(sampler::Reading { probe: gone.name, batch: Batch::new() });
        }
    }

    /// The turn of a file: as it was, or a fresh one if something has changed and the file is whole.
    fn renewed(
        &mut self,
        at: clock::Reading,
        found: Found,
        kept: Option<Turn>,
        watch: Option<&Watch>,
        names: &HashSet<String>,
    ) -> Option<Turn> {
        if let Some(turn) = kept.as_ref().filter(|turn| turn.found == found && !turn.is_outdated)
            && !matches!(turn.status.state, Standing::Refused | Standing::Shadowed)
            && !names.contains(&turn.status.name)
        {
            self.pending.remove(&found.path);
            return kept;
        }
        let is_new = kept.as_ref().is_none_or(|turn| turn.found != found);
        if is_new && !self.is_whole(at, &found, watch) {
            return kept;
        }
        self.pending.remove(&found.path);
        match kept {
            Some(mut turn) if turn.is_written_anew(&found) => {
                (turn.found, turn.due_us) = (found, at.mono_us);
                Some(turn)
            }
            kept => {
                let fresh = self.fresh(at, found, names);
                Some(self.replaced(kept, fresh, is_new))
            }
        }
    }

    /// The fresh turn of a file, or the old one if nothing is new about it.
    fn replaced(&mut self, kept: Option<Turn>, fresh: Turn, is_new: bool) -> Turn {
        let Some(old) = kept else { return fresh };
        let is_same = old.status.state == fresh.status.state && old.status.trouble == fresh.status.trouble;
        if is_same && !is_new && !old.is_outdated {
            return old;
        }
        // One that is started anew tells in its place when it is read.
        if fresh.name != old.name || fresh.status.state != Standing::Starting {
            self.ready.push(sampler::Reading { probe: old.name, batch: Batch::new() });
        }
        fresh
    }

    /// Whether nobody is at a file any more.
    fn is_whole(&mut self, at: clock::Reading, found: &Found, watch: Option<&Watch>) -> bool {
        if found.stamp.0.is_old(at.wall_us / 1_000_000) {
            return true;
        }
        let is_open = watch.is_some_and(|watch| watch.is_open(&found.path));
        match self.pending.get(&found.path) {
            Some((seen, since)) if seen == found && !is_open => at.mono_us >= since + SETTLE_US,
            _ => {
                self.pending.insert(found.path.clone(), (found.clone(), at.mono_us));
                false
            }
        }
    }

    fn fresh(&mut self, at: clock::Reading, found: Found, names: &HashSet<String>) -> Turn {
        self.next_id += 1;
        let status = self.settled(&found, names);
        let name = interned(&status.name);
        let work = if status.state == Standing::Starting { Work::Idle } else { Work::None };
        let (due_us, begun_us, id) = (at.mono_us, at.mono_us, self.next_id);
        let (backoff, memory) = (Backoff::default(), Memory::default());
        let fresh = Turn {
            id,
            found,
            is_outdated: false,
            name: name.unwrap_or(PLUGINS),
            status,
            work,
            due_us,
            begun_us,
            backoff,
            memory,
            kept: None,
        };
        match name {
            Some(_) => fresh,
            None => {
                let why = format!("more than {NAMES_MAX} names of plugins came and went; restart hostward");
                let trouble = Some(Trouble { word: "refused", why, is_costly: false });
                let status = Status { state: Standing::Refused, trouble, ..fresh.status };
                Turn { status, work: Work::None, ..fresh }
            }
        }
    }

    fn settled(&self, found: &Found, names: &HashSet<String>) -> Status {
        let (path, named) = (found.path.clone(), plugin_name(&found.path));
        let status = |state, why: &str| {
            let trouble = Trouble { word: "disabled", why: why.to_owned(), is_costly: false };
            Status { trouble: Some(trouble), ..Status::new(named.clone(), path.clone(), None, state) }
        };
        if found.stamp.0.is_empty() {
            return status(Standing::Disabled, "its file is empty");
        }
        match settle(found, &self.ground) {
            Ok(Some(plugin)) if names.contains(&plugin.name) => {
                let why = format!("a file before it has the name {}; give one of them another", plugin.name);
                status(Standing::Shadowed, &why)
            }
            Ok(Some(plugin)) => Status::new(plugin.name.clone(), path, Some(plugin), Standing::Starting),
            Ok(None) => status(Standing::Disabled, "its sidecar says enabled = false"),
            Err(refusal) => {
                let trouble = Some(Trouble::refused(&refusal));
                Status { trouble, ..Status::new(named.clone(), path.clone(), None, Standing::Refused) }
            }
        }
    }
}

impl Turn {
    /// Whether the file is this one with another text: what is written anew each minute is the same plugin.
    fn is_written_anew(&self, found: &Found) -> bool {
        self.is_text() && self.found.sidecar == found.sidecar && self.found.stamp.1 == found.stamp.1
    }
}

/// The name of a plugin as a probe, for as long as the program runs.
fn interned(name: &str) -> Option<&'static str> {
    static NAMES: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    let probe = format!("plugin:{name}");
    if let Some(known) = names.get(probe.as_str()) {
        return Some(known);
    }
    if names.len() >= NAMES_MAX {
        return None;
    }
    let leaked: &'static str = probe.leak();
    names.insert(leaked);
    Some(leaked)
}
