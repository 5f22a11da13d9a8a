//! System calls that no plugin has a use for, by number and name.

/// Numbers with their names.
pub type Calls = &'static [(libc::c_long, &'static str)];

macro_rules! calls {
    ($($name:ident = $number:ident),* $(,)?) => { &[$((libc::$number, stringify!($name))),*] };
}

/// Looking into or changing other processes, the kernel, the clock, what is mounted, and who belongs to which group of processes:
/// the last keeps a plugin's children where they can be ended with it.
pub const NEVER: Calls = calls![
    ptrace = SYS_ptrace,
    process_vm_readv = SYS_process_vm_readv,
    process_vm_writev = SYS_process_vm_writev,
    kcmp = SYS_kcmp,
    pidfd_getfd = SYS_pidfd_getfd,
    setsid = SYS_setsid,
    setpgid = SYS_setpgid,
    unshare = SYS_unshare,
    setns = SYS_setns,
    chroot = SYS_chroot,
    pivot_root = SYS_pivot_root,
    mount = SYS_mount,
    umount2 = SYS_umount2,
    move_mount = SYS_move_mount,
    open_tree = SYS_open_tree,
    fsopen = SYS_fsopen,
    fspick = SYS_fspick,
    fsconfig = SYS_fsconfig,
    fsmount = SYS_fsmount,
    mount_setattr = SYS_mount_setattr,
    swapon = SYS_swapon,
    swapoff = SYS_swapoff,
    reboot = SYS_reboot,
    kexec_load = SYS_kexec_load,
    init_module = SYS_init_module,
    finit_module = SYS_finit_module,
    delete_module = SYS_delete_module,
    bpf = SYS_bpf,
    perf_event_open = SYS_perf_event_open,
    userfaultfd = SYS_userfaultfd,
    fanotify_init = SYS_fanotify_init,
    // Whatever is refused below could be done through a ring instead.
    io_uring_setup = SYS_io_uring_setup,
    io_uring_enter = SYS_io_uring_enter,
    io_uring_register = SYS_io_uring_register,
    keyctl = SYS_keyctl,
    add_key = SYS_add_key,
    request_key = SYS_request_key,
    open_by_handle_at = SYS_open_by_handle_at,
    personality = SYS_personality,
    clock_settime = SYS_clock_settime,
    settimeofday = SYS_settimeofday,
    sethostname = SYS_sethostname,
    setdomainname = SYS_setdomainname,
    acct = SYS_acct,
    syslog = SYS_syslog,
];

/// Those that only this architecture has.
#[cfg(target_arch = "x86_64")]
pub const NEVER_HERE: Calls = calls![
    iopl = SYS_iopl,
    ioperm = SYS_ioperm,
    modify_ldt = SYS_modify_ldt,
    kexec_file_load = SYS_kexec_file_load,
];
/// Those that only this architecture has.
#[cfg(not(target_arch = "x86_64"))]
pub const NEVER_HERE: Calls = calls![];

/// Changing what files are, which Landlock does not bound: refused where nothing may be written.
pub const CHANGING_FILES: Calls = calls![
    fchmod = SYS_fchmod,
    fchmodat = SYS_fchmodat,
    fchmodat2 = SYS_fchmodat2,
    fchown = SYS_fchown,
    fchownat = SYS_fchownat,
    setxattr = SYS_setxattr,
    lsetxattr = SYS_lsetxattr,
    fsetxattr = SYS_fsetxattr,
    removexattr = SYS_removexattr,
    lremovexattr = SYS_lremovexattr,
    fremovexattr = SYS_fremovexattr,
    utimensat = SYS_utimensat,
];
/// Those that only this architecture has.
#[cfg(target_arch = "x86_64")]
pub const CHANGING_FILES_HERE: Calls = calls![
    chmod = SYS_chmod,
    chown = SYS_chown,
    lchown = SYS_lchown,
    utime = SYS_utime,
    utimes = SYS_utimes,
    futimesat = SYS_futimesat,
];
/// Those that only this architecture has.
#[cfg(not(target_arch = "x86_64"))]
pub const CHANGING_FILES_HERE: Calls = calls![];

/// Starting programs, which a shared object does only if it may execute something.
#[cfg(target_arch = "x86_64")]
pub const STARTING: Calls =
    calls![execve = SYS_execve, execveat = SYS_execveat, fork = SYS_fork, vfork = SYS_vfork];
/// Starting programs, which a shared object does only if it may execute something.
#[cfg(not(target_arch = "x86_64"))]
pub const STARTING: Calls = calls![execve = SYS_execve, execveat = SYS_execveat];

/// The name of a call that is refused.
pub fn name(number: libc::c_long) -> &'static str {
    let conditional: Calls = calls![socket = SYS_socket, clone = SYS_clone];
    let lists = [NEVER, NEVER_HERE, CHANGING_FILES, CHANGING_FILES_HERE, STARTING, conditional];
    let mut all = lists.into_iter().flatten();
    all.find(|(known, _)| *known == number).map_or("another system call", |(_, name)| name)
}
