//! `cargo xtask agree`: the same rules over the same samples in the agent and in Debian's Prometheus.
//!
//! A file of metrics with twenty faults is a plugin of the agent; Prometheus scrapes the agent. Both sample each second
//! and evaluate each five, and are asked for their alerts all the time: each alert must turn into the same states,
//! and not further apart than an evaluation.

mod page;
mod story;

use crate::live::agent::{Agent, Setup, build, free_port};
use crate::live::prometheus::{Peer, Prometheus, ask};
use crate::live::scratch::Scratch;
use crate::options::Options;
use crate::{Outcome, table};
use page::{RULES, SLOT_S, Trouble, World, troubles};
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use story::{Compared, Story, compare};

const SAMPLED_S: u64 = 1;
/// As in the rules.
const EVALUATED_S: u64 = 5;
/// Between two questions.
const PAUSE: Duration = Duration::from_millis(250);
/// Rates need their windows first, and nothing is compared that began before.
const WARM_UP_S: u64 = 60;

/// Lets it all happen, and prints what the two said.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["faults", "seed"])?;
    let (faults, seed) = (options.number("faults", 20_u64)?, options.number("seed", 1_u64)?);
    let (binary, scratch) = (build()?, Scratch::new("agree")?);
    let mut stage = Stage::new(&binary, &scratch)?;
    eprintln!("{faults} faults in {} min", (WARM_UP_S + faults * SLOT_S) / 60);
    let (ours, theirs) = stage.play(&troubles(faults, seed), faults * SLOT_S)?;
    let compared = compare(&ours, &theirs);
    let rows: Vec<_> = compared.iter().map(row).collect();
    println!(
        "{}",
        table::markdown(&["alert", "subject", "turns here", "turns there", "same", "apart"], &rows)
    );
    let limit_s = EVALUATED_S as f64 + PAUSE.as_secs_f64();
    let turns: usize = compared.iter().map(|one| one.turns[1]).sum();
    let differing: Vec<_> = compared.iter().filter(|one| !one.same || one.apart_s > limit_s).collect();
    println!(
        "{faults} faults, {turns} turns of {} alerts; {} of them differ",
        compared.len(),
        differing.len()
    );
    for one in &differing {
        println!("{:?}\n  here  {}\n  there {}", one.who, ours.line(&one.who), theirs.line(&one.who));
    }
    if turns == 0 || !differing.is_empty() { Err("the two do not agree".to_owned()) } else { Ok(()) }
}

fn row(one: &Compared) -> Vec<String> {
    let same = if one.same { "yes" } else { "NO" };
    let [here, there] = one.turns;
    let (name, subject) = one.who.clone();
    vec![name, subject, here.to_string(), there.to_string(), same.to_owned(), format!("{:.1} s", one.apart_s)]
}

/// Both, and the file that they look at.
struct Stage {
    world: World,
    page: PathBuf,
    api: SocketAddr,
    prometheus: Prometheus,
    _agent: Agent,
}

impl Stage {
    fn new(binary: &Path, scratch: &Scratch) -> Outcome<Self> {
        let path = |name: &str| scratch.path().join(name);
        let (page, rules, api) = (path("plugins.d/agree.prom"), path("rules/agree.yml"), free_port()?);
        let mut world = World::default();
        put(&rules, RULES)?;
        put(&page, &world.step(&[]))?;
        let config = format!(
            "[listen]\napi = \"{api}\"\n[rules]\nbuiltin = false\ndirs = [{:?}]\n[plugins]\ndirectories = [{:?}]\ninterval = \"{SAMPLED_S}s\"\n",
            path("rules"),
            path("plugins.d"),
        );
        let config_path = path("hostward.toml");
        put(&config_path, &config)?;
        let setup =
            Setup { binary, state_dir: &path("state"), config: Some(&config_path), interval_s: SAMPLED_S };
        let agent = Agent::start(&setup)?;
        let peer =
            Peer { page: agent.address, sampled_s: SAMPLED_S, evaluated_s: EVALUATED_S, rules: Some(&rules) };
        let prometheus = Prometheus::start(&path("prometheus"), &peer)?;
        Ok(Stage { world, page, api, prometheus, _agent: agent })
    }

    /// Writes the page of each second, and asks both until `length_s` after the warm-up.
    fn play(&mut self, troubles: &[Trouble], length_s: u64) -> Outcome<(Story, Story)> {
        let (mut ours, mut theirs) = (Story::default(), Story::default());
        for _ in 0..WARM_UP_S {
            put(&self.page, &self.world.step(&[]))?;
            std::thread::sleep(Duration::from_secs(1));
        }
        let (begun, late) = (Instant::now(), |trouble: &Trouble| trouble.after(WARM_UP_S + 1));
        let troubles: Vec<_> = troubles.iter().map(late).collect();
        for second in 0..length_s {
            put(&self.page, &self.world.step(&troubles))?;
            while begun.elapsed() < Duration::from_secs(second + 1) {
                ours.take(begun.elapsed().as_secs_f64(), &ask(self.api, "alerts")?);
                theirs.take(begun.elapsed().as_secs_f64(), &ask(self.prometheus.address(), "alerts")?);
                std::thread::sleep(PAUSE);
            }
        }
        Ok((ours, theirs))
    }
}

/// Writes a file as programs should that others read, with modes that plugins need.
fn put(path: &Path, text: &str) -> Outcome<()> {
    let (dir, beside) = (path.parent().unwrap_or(path), path.with_extension("new~"));
    let written = fs::create_dir_all(dir)
        .and_then(|()| fs::set_permissions(dir, fs::Permissions::from_mode(0o755)))
        .and_then(|()| fs::write(&beside, text))
        .and_then(|()| fs::rename(&beside, path));
    written.map_err(|error| format!("{}: {error}", path.display()))
}
