//! What the probes would like to be reminded of, seen from all threads that run them.

use hostward_probes::Probe;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Longest memory of a probe that is kept.
const MEMORY_BYTES_MAX: usize = 4 << 10;

/// The memories by the name of the probe.
#[derive(Clone, Debug, Default)]
pub struct Memories(Arc<Mutex<BTreeMap<String, String>>>);

impl Memories {
    /// As they were kept by an earlier process.
    pub fn new(kept: BTreeMap<String, String>) -> Self {
        Memories(Arc::new(Mutex::new(kept)))
    }

    /// As they are now.
    pub fn all(&self) -> BTreeMap<String, String> {
        self.0.lock().map(|all| all.clone()).unwrap_or_default()
    }

    /// Reminds a fresh instance of what another one said.
    pub fn remind(&self, name: &str, probe: &mut dyn Probe) {
        let memory = self.0.lock().ok().and_then(|all| all.get(name).cloned());
        if let Some(memory) = memory {
            probe.remember(&memory);
        }
    }

    /// Asks a probe after its run.
    pub fn ask(&self, name: &str, probe: &dyn Probe) {
        let memory = probe.memory();
        if memory.is_empty() || memory.len() > MEMORY_BYTES_MAX {
            return;
        }
        if let Ok(mut all) = self.0.lock() {
            match all.get_mut(name) {
                Some(own) if *own == memory => {}
                Some(own) => *own = memory,
                None => _ = all.insert(name.to_owned(), memory),
            }
        }
    }
}
