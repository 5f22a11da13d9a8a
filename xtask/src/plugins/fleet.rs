//! Twenty plugins each 10 s in live agents: shared objects in children, the same in the agent's process, and scripts that run once. All
//! read the same file and tell the same ten series; a fourth agent has no plugins.

use super::compiled;
use crate::live::agent::{Agent, Setup};
use crate::live::process::{children, cpu_seconds, ended_children_seconds, memory};
use crate::{Outcome, root, table};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const PLUGINS: usize = 20;
/// The start loads objects; it is not part of what an hour costs.
const SETTLE: Duration = Duration::from_secs(30);

/// How plugins are run.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    None,
    Children,
    Inside,
    Scripts,
}

/// An agent with its plugins.
struct Fleet {
    way: Way,
    agent: Agent,
}

/// Processor time in seconds.
#[derive(Clone, Copy)]
struct Spent {
    agent: f64,
    children: f64,
}

/// Measures all four side by side and prints a table.
pub fn run(binary: &Path, child: &Path, scratch: &Path, minutes: u64) -> Outcome<()> {
    let binary = installed(binary, child, scratch)?;
    let ways = [Way::None, Way::Children, Way::Inside, Way::Scripts];
    let fleets =
        ways.map(|way| Fleet::start(way, &binary, scratch)).into_iter().collect::<Outcome<Vec<_>>>()?;
    std::thread::sleep(SETTLE);
    let spent = || fleets.iter().map(Fleet::spent).collect::<Outcome<Vec<_>>>();
    let (before, begun) = (spent()?, Instant::now());
    std::thread::sleep(Duration::from_secs(60 * minutes));
    let (after, hours) = (spent()?, begun.elapsed().as_secs_f64() / 3600.0);
    let hourly: Vec<Spent> = before
        .iter()
        .zip(&after)
        .map(|(before, after)| Spent {
            agent: (after.agent - before.agent) / hours,
            children: (after.children - before.children) / hours,
        })
        .collect();
    let rows = fleets
        .iter()
        .zip(&hourly)
        .map(|(fleet, own)| fleet.row(*own, hourly[0]))
        .collect::<Outcome<Vec<_>>>()?;
    let head = [
        "20 plugins, 10 series each, at 10 s",
        "agent, CPU s/h more than without",
        "children, CPU s/h",
        "CPU ms a reading",
        "children",
        "their RSS",
        "their private memory",
        "agent's RSS",
    ];
    println!("{}", table::markdown(&head, &rows));
    Ok(())
}

/// Both programs side by side, as a package has them.
fn installed(binary: &Path, child: &Path, scratch: &Path) -> Outcome<PathBuf> {
    let bin = scratch.join("bin");
    fs::create_dir_all(&bin).map_err(|error| format!("{}: {error}", bin.display()))?;
    for (from, name) in [(binary, "hostward"), (child, "hostward-plugin-host")] {
        fs::copy(from, bin.join(name)).map_err(|error| format!("{}: {error}", from.display()))?;
    }
    Ok(bin.join("hostward"))
}

impl Fleet {
    fn start(way: Way, binary: &Path, scratch: &Path) -> Outcome<Fleet> {
        let name = way.name().replace(' ', "-");
        let directory = scratch.join(&name).join("plugins.d");
        fs::create_dir_all(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
        let names: Vec<String> = (0..PLUGINS).map(|at| format!("fleet{at}")).collect();
        for own in &names {
            way.put(own, &directory)?;
        }
        let inside = if way == Way::Inside { names } else { Vec::new() };
        let config = scratch.join(&name).join("hostward.toml");
        let text = format!("[plugins]\ndirectories = [{directory:?}]\nin_process = {inside:?}\n");
        fs::write(&config, text).map_err(|error| format!("{}: {error}", config.display()))?;
        let state_dir = scratch.join(&name).join("state");
        let setup = Setup { binary, state_dir: &state_dir, config: Some(&config), interval_s: 10 };
        Ok(Fleet { way, agent: Agent::start(&setup)? })
    }

    /// Children that live are asked one by one; those that have ended were counted when the agent waited for them.
    fn spent(&self) -> Outcome<Spent> {
        let pid = self.agent.pid();
        let mut living = 0.0;
        for child in children(pid)? {
            living += cpu_seconds(child).unwrap_or(0.0);
        }
        Ok(Spent { agent: cpu_seconds(pid)?, children: living + ended_children_seconds(pid)? })
    }

    fn row(&self, own: Spent, without: Spent) -> Outcome<Vec<String>> {
        let children = children(self.agent.pid())?;
        let all: Vec<_> = children.iter().filter_map(|pid| memory(*pid).ok()).collect();
        let mib = |bytes: u64| format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20));
        // Of the agents, only plugins differ; of the children, those of the agent without plugins are its own.
        let (agent, children_more) = (own.agent - without.agent, own.children - without.children);
        let readings = PLUGINS as f64 * 360.0;
        let each = format!("{:.3}", (agent + children_more) * 1000.0 / readings);
        Ok(vec![
            self.way.name().to_owned(),
            format!("{agent:.1}"),
            format!("{children_more:.1}"),
            if self.way == Way::None { String::new() } else { each },
            all.len().to_string(),
            mib(all.iter().map(|own| own.rss).sum()),
            mib(all.iter().map(|own| own.private).sum()),
            mib(memory(self.agent.pid())?.rss),
        ])
    }
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Way::None => "none",
            Way::Children => "shared objects in children",
            Way::Inside => "shared objects in the agent",
            Way::Scripts => "scripts that run once",
        }
    }

    fn put(self, name: &str, directory: &Path) -> Outcome<()> {
        match self {
            Way::None => Ok(()),
            Way::Children | Way::Inside => {
                let source = root().join("xtask/src/plugins/fleet.c");
                let define = format!("-DNAME=\"{name}\"");
                compiled(&source, &[define], &directory.join(format!("{name}.so"))).map(drop)
            }
            Way::Scripts => {
                let path = directory.join(format!("{name}.sh"));
                let text = format!(
                    "#!/bin/sh\nread -r value rest < /proc/loadavg\nprintf '# HELP {name}_load What the kernel counts.\\n# TYPE {name}_load gauge\\n'\n\
                     for of in 0 1 2 3 4 5 6 7 8 9; do printf '{name}_load{{of=\"%s\"}} %s\\n' $of $value; done\n"
                );
                fs::write(&path, text)
                    .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o755)))
                    .map_err(|error| format!("{}: {error}", path.display()))
            }
        }
    }
}
