//! `cargo xtask lockout`: changes that lock everybody out, applied in a booted host and confirmed by nobody, while the process
//! that applies is killed and the power is cut at all moments. Each time a new login has to work again, and everything has to
//! be as it was.

mod artifact;
mod drill;

use crate::boot::{Host, alone, layers};
use crate::crash::random::Random;
use crate::live::agent;
use crate::options::Options;
use crate::{Outcome, table};
use artifact::{Door, doors};
use drill::{Blow, Done, Drill, How, WINDOW_S};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a root is furnished with: services that this is not about would only make boots longer.
const QUIET: [&str; 4] = ["mariadb.service", "redis-server.service", "postgresql.service", "apt-daily.timer"];
/// Units as they are installed.
const UNITS: [&str; 4] =
    ["hostward-apply@.service", "hostward-room@.service", "hostward-ports.service", "hostward-undo.service"];

/// Runs the drill; `--root DIR` takes a root that is there, `--binary FILE` a hostward that is built.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["root", "binary", "runs", "seed"])?;
    let binary = options.text("binary").map_or_else(agent::build, |path| Ok(PathBuf::from(path)))?;
    let layers = layers(options.text("root"))?;
    let (runs, seed) = (options.number("runs", 50)?, options.number("seed", 1)?);
    let words = ["--binary".to_owned(), binary.display().to_string()];
    alone(&words.each_ref().map(String::as_str), || series(&layers, &binary, runs, seed))
}

fn series(layers: &str, binary: &Path, runs: usize, seed: u64) -> Outcome<()> {
    let host = Host::start(layers, binary, furnish)?;
    host.must("systemctl enable --quiet --now nftables.service")?;
    let mut drill = Drill::new(host)?;
    let mut random = Random::new(seed);
    let doors = doors();
    let mut all = Vec::new();
    for number in 0..runs {
        let door = &doors[number % doors.len()];
        let turn = number / doors.len();
        let how = if turn.is_multiple_of(2) { How::Terminal } else { How::Unit };
        let blow = blow(turn, runs.div_ceil(doors.len()), &mut random);
        let what = format!("{number:3} {door}, {how:?}, {blow}");
        let done =
            drill.once(number, door, how, blow).map_err(|why| format!("seed {seed}, run {what}: {why}"))?;
        eprintln!("{what}: {done}");
        all.push((door.name, blow, done));
    }
    show(&doors, &all);
    Ok(())
}

/// First nothing but silence, for each way to apply, then blows by turns, whose moments are spread over the whole time that
/// applying takes, and a little more.
fn blow(turn: usize, turns: usize, random: &mut Random) -> Blow {
    let Some(turn) = turn.checked_sub(2) else { return Blow::Nobody };
    let part =
        (turn as f64 + random.between(0..1000) as f64 / 1000.0) / turns.saturating_sub(2).max(1) as f64 * 1.2;
    if turn / 2 % 2 == 0 { Blow::Kill(part) } else { Blow::Power(part) }
}

fn furnish(root: &Path) -> Outcome<()> {
    let said = |error: std::io::Error| error.to_string();
    for unit in QUIET {
        let link = root.join("etc/systemd/system").join(unit);
        std::os::unix::fs::symlink("/dev/null", link).map_err(said)?;
    }
    let units = root.join("etc/systemd/system");
    for name in UNITS {
        std::fs::copy(crate::root().join("systemd").join(name), units.join(name)).map_err(said)?;
    }
    let vault = crate::root().join("systemd/hostward.tmpfiles");
    std::fs::copy(vault, root.join("usr/lib/tmpfiles.d/hostward.conf")).map_err(said)?;
    let own = units.join("hostward-apply@.service.d");
    std::fs::create_dir_all(&own).map_err(said)?;
    let start =
        format!("ExecStart=/usr/bin/hostward apply %i --confined --after-failures --window {WINDOW_S}");
    std::fs::write(own.join("drill.conf"), format!("[Service]\nExecStart=\n{start}\n")).map_err(said)?;
    // As "systemctl enable hostward-undo" does it.
    let wanted = units.join("sysinit.target.wants");
    std::fs::create_dir_all(&wanted).map_err(said)?;
    std::os::unix::fs::symlink("../hostward-undo.service", wanted.join("hostward-undo.service")).map_err(said)
}

fn show(doors: &[Door], all: &[(&str, Blow, Done)]) {
    let mut rows = Vec::new();
    for door in doors {
        for kind in ["nobody confirms", "kill -9", "power cut"] {
            let own: Vec<_> = all.iter().filter(|own| own.0 == door.name && own.1.kind() == kind).collect();
            let locked = own.iter().filter(|own| own.2.locked).count();
            let slowest = own.iter().map(|own| own.2.out_for).max().unwrap_or(Duration::ZERO);
            let cell = |own: usize| own.to_string();
            let slowest = format!("{:.1} s", slowest.as_secs_f64());
            rows.push(vec![door.name.to_owned(), kind.to_owned(), cell(own.len()), cell(locked), slowest]);
        }
    }
    let head = ["change", "blow", "runs", "locked out", "longest"];
    println!("{}", table::markdown(&head, &rows));
}
