//! Which system calls are refused: those that no plugin needs, and sockets that were not granted.
//!
//! A list of what is refused, not of what is allowed: plugins come in every language, and the next version of its runtime would
//! fail. What a plugin may reach is bounded by its user and Landlock. A refusal is `EPERM`; of a shared object it is also told.

use super::numbers::{CHANGING_FILES, CHANGING_FILES_HERE, NEVER, NEVER_HERE, STARTING};
use crate::Confinement;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter,
};
use std::collections::BTreeMap;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Refuses from here on, in this process and all that it starts.
pub fn filter(confinement: &Confinement, is_program: bool) -> Result<(), String> {
    let refuse = if is_program { SeccompAction::Errno(libc::EPERM as u32) } else { SeccompAction::Trap };
    let install = || {
        apply_filter(&compiled(clone3(), SeccompAction::Errno(libc::ENOSYS as u32))?)?;
        if let Some(foreign) = foreign_numbers() {
            apply_filter(&foreign)?;
        }
        // The last one, as it may refuse what installs the others.
        apply_filter(&compiled(rules(confinement, is_program)?, refuse)?)
    };
    install().map_err(|error: seccompiler::Error| format!("seccomp: {error}"))
}

fn compiled(rules: Rules, action: SeccompAction) -> Result<BpfProgram, seccompiler::Error> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    Ok(SeccompFilter::new(rules, SeccompAction::Allow, action, arch)?.try_into()?)
}

/// Its flags lie in memory, which a filter cannot read. libc falls back to `clone`, whose flags are judged below.
fn clone3() -> Rules {
    Rules::from([(libc::SYS_clone3, Vec::new())])
}

fn rules(confinement: &Confinement, is_program: bool) -> Result<Rules, seccompiler::Error> {
    let always = NEVER.iter().chain(NEVER_HERE);
    let changing = CHANGING_FILES.iter().chain(CHANGING_FILES_HERE).filter(|_| confinement.write.is_empty());
    let starts = is_program || !confinement.execute.is_empty();
    let starting = STARTING.iter().filter(|_| !starts);
    let mut rules: Rules =
        always.chain(changing).chain(starting).map(|(number, _)| (*number, Vec::new())).collect();
    rules.insert(libc::SYS_socket, vec![SeccompRule::new(other_sockets(confinement)?)?]);
    rules.insert(libc::SYS_clone, clones(starts)?);
    Ok(rules)
}

/// All address families but those that are granted. Netlink is how a program asks which interfaces there are; changing them takes
/// capabilities.
fn other_sockets(confinement: &Confinement) -> Result<Vec<SeccompCondition>, seccompiler::Error> {
    let mut granted = vec![libc::AF_NETLINK];
    if confinement.network {
        granted.extend([libc::AF_INET, libc::AF_INET6]);
    }
    if confinement.local_sockets {
        granted.push(libc::AF_UNIX);
    }
    granted.into_iter().map(|family| condition(SeccompCmpOp::Ne, family as u64)).collect()
}

/// New namespaces, and new processes where there may be none: those that are not threads.
fn clones(starts: bool) -> Result<Vec<SeccompRule>, seccompiler::Error> {
    const NAMESPACES: [libc::c_int; 7] = [
        libc::CLONE_NEWNS,
        libc::CLONE_NEWUTS,
        libc::CLONE_NEWIPC,
        libc::CLONE_NEWUSER,
        libc::CLONE_NEWPID,
        libc::CLONE_NEWNET,
        libc::CLONE_NEWCGROUP,
    ];
    let flagged = |flag: libc::c_int| condition(SeccompCmpOp::MaskedEq(flag as u64), flag as u64);
    let mut conditions = NAMESPACES.into_iter().map(flagged).collect::<Result<Vec<_>, _>>()?;
    if !starts {
        conditions.push(condition(SeccompCmpOp::MaskedEq(libc::CLONE_THREAD as u64), 0)?);
    }
    conditions.into_iter().map(|condition| Ok(SeccompRule::new(vec![condition])?)).collect()
}

/// A condition on the first argument.
fn condition(operator: SeccompCmpOp, value: u64) -> Result<SeccompCondition, seccompiler::Error> {
    Ok(SeccompCondition::new(0, SeccompCmpArgLen::Dword, operator, value)?)
}

/// Numbers of the x32 interface mean the same calls, and would pass a list of the usual ones.
#[cfg(target_arch = "x86_64")]
fn foreign_numbers() -> Option<BpfProgram> {
    const LOAD_NUMBER: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
    const JUMP_FROM: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
    const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
    const X32_BIT: u32 = 0x4000_0000;
    let step = |code, jf, k| seccompiler::sock_filter { code, jt: 0, jf, k };
    Some(vec![
        step(LOAD_NUMBER, 0, 0),
        step(JUMP_FROM, 1, X32_BIT),
        step(RETURN, 0, libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32),
        step(RETURN, 0, libc::SECCOMP_RET_ALLOW),
    ])
}

#[cfg(not(target_arch = "x86_64"))]
fn foreign_numbers() -> Option<BpfProgram> {
    None
}
