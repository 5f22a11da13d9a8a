//! What is booted: the stock root, and over it a layer with what a host needs to boot and to run scripts. The layer is made
//! once and kept; the stock is never changed.

use super::program::good;
use super::root;
use crate::Outcome;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use std::fs;
use std::path::Path;
use std::process::Command;

const CACHE: &str = "/var/cache/hostward";
/// Programs that have to be there, and the packages of Debian that have them.
const NEEDS: [(&str, &str); 8] = [
    ("usr/lib/systemd/systemd", "systemd-sysv"),
    ("usr/bin/dbus-daemon", "dbus"),
    ("usr/bin/ip", "iproute2"),
    ("usr/bin/python3", "python3"),
    ("usr/bin/pgrep", "procps"),
    ("usr/bin/lsof", "lsof"),
    ("usr/sbin/cron", "cron"),
    ("usr/bin/kmod", "kmod"),
];

/// The layers of a root that can be booted, as overlayfs wants them named.
pub fn layers(named: Option<&str>) -> Outcome<String> {
    over(&root::stock(named)?, "booted", &NEEDS)
}

/// The layers of a root with a layer of this name over it that has what is needed: files, and the packages that have them.
pub fn over(stock: &Path, name: &str, needs: &[(&str, &str)]) -> Outcome<String> {
    let missing = needs.iter().filter(|(program, _)| !stock.join(program).exists());
    let packages: Vec<_> = missing.map(|(_, package)| *package).collect();
    if packages.is_empty() {
        return Ok(stock.display().to_string());
    }
    let cache = Path::new(CACHE).join(name);
    let made = cache.join("made-of");
    let recipe = format!("{}\n{}\n", stock.display(), packages.join(" "));
    if fs::read_to_string(&made).ok().as_ref() != Some(&recipe) {
        install(stock, &cache, &packages)?;
        fs::write(&made, &recipe).map_err(|error| format!("{}: {error}", made.display()))?;
    }
    Ok(format!("{}/layer:{}", cache.display(), stock.display()))
}

/// With apt of the root itself, into the layer.
fn install(stock: &Path, cache: &Path, packages: &[&str]) -> Outcome<()> {
    let said = |error: std::io::Error| format!("{}: {error}", cache.display());
    let [layer, work, root] = ["layer", "work", "root"].map(|name| cache.join(name));
    for directory in [&layer, &work] {
        if directory.exists() {
            fs::remove_dir_all(directory).map_err(said)?;
        }
    }
    for directory in [&layer, &work, &root] {
        fs::create_dir_all(directory).map_err(said)?;
    }
    let options =
        format!("lowerdir={},upperdir={},workdir={}", stock.display(), layer.display(), work.display());
    let failed = |error: nix::Error| format!("{}: {error}", root.display());
    mount(Some("overlay"), &root, Some("overlay"), MsFlags::empty(), Some(options.as_str()))
        .map_err(failed)?;
    let done = apt(&root, packages);
    umount2(&root, MntFlags::MNT_DETACH).map_err(failed)?;
    done
}

fn apt(root: &Path, packages: &[&str]) -> Outcome<()> {
    let said = |error: std::io::Error| format!("{}: {error}", root.display());
    let names = root.join("etc/resolv.conf");
    let before = fs::read(&names).unwrap_or_default();
    fs::copy("/etc/resolv.conf", &names).map_err(said)?;
    // Services are not started in a root that is not booted.
    let policy = root.join("usr/sbin/policy-rc.d");
    fs::write(&policy, "#!/bin/sh\nexit 101\n").map_err(said)?;
    good(Command::new("chmod").arg("755").arg(&policy))?;
    let text = format!(
        "export DEBIAN_FRONTEND=noninteractive; apt-get -qq update && apt-get -qq -y --no-install-recommends install {}",
        packages.join(" ")
    );
    let done = good(Command::new("chroot").arg(root).args(["bash", "-ec", &text]));
    fs::remove_file(&policy).map_err(said)?;
    fs::write(&names, before).map_err(said)?;
    done.map(drop)
}
