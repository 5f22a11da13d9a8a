//! Which files can be opened, executed and changed: Landlock, where the kernel has it.

use crate::Confinement;
use landlock::{
    ABI, Access, AccessFs, BitFlags, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};
use nix::sys::stat::{SFlag, fstat};
use std::path::{Path, PathBuf};

/// The newest version that is asked for; older kernels enforce what they know.
const VERSION: ABI = ABI::V6;
/// Files that everybody writes to.
const WRITABLE: &[&str] = &["/dev/null", "/dev/full"];

/// Restricts this process; gives what could not be.
pub fn restrict(confinement: &Confinement, file: &Path, is_program: bool) -> Result<Vec<String>, String> {
    let mut shortfalls = Vec::new();
    let rules = rules(confinement, file, is_program, &mut shortfalls);
    let status = enforce(confinement, rules).map_err(|error| format!("landlock: {error}"))?;
    match status {
        RulesetStatus::FullyEnforced => {}
        RulesetStatus::PartiallyEnforced => shortfalls.push(
            "landlock: this kernel knows only a part of it (devices' ioctl, signals or truncation may be open)".to_owned(),
        ),
        RulesetStatus::NotEnforced => shortfalls
            .push("landlock: this kernel has none or it is switched off, so only permissions of files bound it".to_owned()),
    }
    Ok(shortfalls)
}

type Granted = (PathFd, BitFlags<AccessFs>);

/// What is granted where. A path of the system that is not there grants nothing; one that was asked for is told.
fn rules(
    confinement: &Confinement,
    file: &Path,
    is_program: bool,
    shortfalls: &mut Vec<String>,
) -> Vec<Granted> {
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let execute = read | AccessFs::Execute;
    let write = AccessFs::from_all(VERSION)
        & !BitFlags::from(AccessFs::Execute)
        & !BitFlags::from(AccessFs::IoctlDev);
    let mut granted = Vec::new();
    let mut system = |paths: &[&str], access| {
        granted.extend(paths.iter().filter_map(|path| Some((PathFd::new(path).ok()?, access))));
    };
    system(Confinement::READ, read);
    system(WRITABLE, write);
    if is_program {
        system(Confinement::EXECUTE, execute);
    }
    if confinement.raw_devices {
        system(&["/dev"], read | AccessFs::IoctlDev);
    }
    let asked: [(&[PathBuf], _); 4] = [
        (&[file.to_owned()], execute),
        (&confinement.read, read),
        (&confinement.write, write),
        (&confinement.execute, execute),
    ];
    for (path, access) in
        asked.iter().flat_map(|(paths, access)| paths.iter().map(move |path| (path, *access)))
    {
        match PathFd::new(path) {
            Ok(opened) => granted.push((opened, access)),
            Err(error) => shortfalls.push(format!("access to {}: {error}", path.display())),
        }
    }
    granted
}

fn enforce(confinement: &Confinement, granted: Vec<Granted>) -> Result<RulesetStatus, RulesetError> {
    let scope = match confinement.local_sockets {
        true => BitFlags::from(Scope::Signal),
        false => Scope::Signal | Scope::AbstractUnixSocket,
    };
    let ruleset = Ruleset::default().handle_access(AccessFs::from_all(VERSION))?.scope(scope)?.create()?;
    let ruleset =
        granted.into_iter().try_fold(ruleset, |ruleset, (path, access)| grant(ruleset, path, access))?;
    Ok(ruleset.restrict_self()?.ruleset)
}

/// A rule for a file may only speak of what can be done to files.
fn grant(
    ruleset: RulesetCreated,
    path: PathFd,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    let is_dir =
        fstat(&path).is_ok_and(|of| SFlag::from_bits_truncate(of.st_mode) & SFlag::S_IFMT == SFlag::S_IFDIR);
    let access = if is_dir { access } else { access & AccessFs::from_file(VERSION) };
    ruleset.add_rule(PathBeneath::new(path, access))
}
