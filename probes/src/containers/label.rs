//! The names of containers that have a number, from what their runtimes leave on the disk.
//!
//! A file is looked at once for each container: a name does not change, and what could not be read stays so.

use super::recognise::{Identity, recognise};
use crate::cgroup::Found;
use crate::{Fault, Host};
use hostward_model::Batch;
use serde::Deserialize;
use std::collections::HashMap;

pub const DOCKER: &str = "/var/lib/docker/containers";
pub const PODMAN: &str = "/var/lib/containers/storage/overlay-containers/containers.json";
pub const KUBERNETES: &str = "/var/log/containers";

/// Between runtime and container in the roster's name.
pub const SEPARATOR: char = '\t';

const SHORT_DIGITS: usize = 12;
/// Longest name that is told; Kubernetes allows 63 for each of its three parts.
const NAME_CHARS_MAX: usize = 200;
const LOGS_MAX: usize = 8192;

/// Names by number, for the containers of the last run.
#[derive(Default)]
pub struct Labels {
    known: HashMap<String, String>,
    /// What the names were looked for in and may not be read.
    denied: Vec<&'static str>,
}

impl Labels {
    /// `runtime`, the separator and the name of each group.
    pub fn of(&mut self, host: &Host, groups: &[Found], out: &mut Batch) -> Vec<String> {
        let mut before = std::mem::take(&mut self.known);
        let mut sources = Sources::default();
        let labels = groups.iter().map(|group| {
            let Some(container) =
                recognise(group.path.rsplit_once('/').map_or("", |(above, _)| above), group.name())
            else {
                return String::new();
            };
            let name = match container.identity {
                Identity::Name(name) => told(&name),
                Identity::Number(number) => {
                    let look = || self.look(host, &mut sources, container.runtime, number);
                    let name = before.remove(number).unwrap_or_else(look);
                    self.known.insert(number.to_owned(), name.clone());
                    name
                }
            };
            format!("{}{SEPARATOR}{name}", container.runtime)
        });
        let labels = labels.collect();
        self.denied.iter().for_each(|place| out.push_gap(&format!("names in {place}"), "permission", ""));
        labels
    }

    fn look(&mut self, host: &Host, sources: &mut Sources, runtime: &str, number: &str) -> String {
        let (place, found) = match runtime {
            "docker" => (DOCKER, docker(host, number)),
            "podman" => (PODMAN, sources.podman(host, number)),
            _ => (KUBERNETES, sources.kubernetes(host, number)),
        };
        if matches!(found, Err(Fault::Denied { .. })) && !self.denied.contains(&place) {
            self.denied.push(place);
        }
        let found = found.ok().flatten().filter(|name| !name.is_empty());
        found.map_or_else(|| number[..SHORT_DIGITS].to_owned(), |name| told(&name))
    }
}

/// Fit for a label: nothing that cannot be seen, and not without end.
fn told(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect()
}

/// What one run has read for all containers together.
#[derive(Default)]
struct Sources {
    podman: Option<Result<Vec<Podman>, Fault>>,
    logs: Option<Result<Vec<String>, Fault>>,
}

#[derive(Deserialize, Clone)]
struct Podman {
    id: String,
    #[serde(default)]
    names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Docker {
    name: String,
}

/// `{"ID":"3f4b…","Name":"/web",…}`.
fn docker(host: &Host, number: &str) -> Result<Option<String>, Fault> {
    let bytes = host.bytes(&format!("{DOCKER}/{number}/config.v2.json"))?;
    let config: Option<Docker> = serde_json::from_slice(&bytes).ok();
    Ok(config.map(|config| config.name.trim_start_matches('/').to_owned()))
}

impl Sources {
    fn podman(&mut self, host: &Host, number: &str) -> Result<Option<String>, Fault> {
        let read = || host.bytes(PODMAN).map(|bytes| serde_json::from_slice(&bytes).unwrap_or_default());
        let all = self.podman.get_or_insert_with(read).as_ref().map_err(Clone::clone)?;
        let own = all.iter().find(|container| container.id == number);
        Ok(own.and_then(|container| container.names.first()).cloned())
    }

    /// `POD_NAMESPACE_CONTAINER-3f4b….log`: links that the kubelet makes.
    fn kubernetes(&mut self, host: &Host, number: &str) -> Result<Option<String>, Fault> {
        let list = || host.names(KUBERNETES, LOGS_MAX);
        let all = self.logs.get_or_insert_with(list).as_ref().map_err(Clone::clone)?;
        let own =
            all.iter().find_map(|name| name.strip_suffix(".log")?.strip_suffix(number)?.strip_suffix('-'));
        Ok(own.and_then(|name| {
            let mut parts = name.splitn(3, '_');
            let (pod, namespace, container) = (parts.next()?, parts.next()?, parts.next()?);
            Some(format!("{namespace}/{pod}/{container}"))
        }))
    }
}
