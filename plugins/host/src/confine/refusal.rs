//! Telling what a shared object was refused: the filter raises `SIGSYS`, and this answers it with `EPERM` and a line in the log.
//!
//! A program that is executed loses the handler and would die, so its filter answers without it.

use super::{REFUSED, numbers};
use nix::errno::Errno;
use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicU64, Ordering};

/// Each system call is told once. Their numbers are below 512 on the architectures that hostward is built for.
static TOLD: [AtomicU64; 8] = [const { AtomicU64::new(0) }; 8];

/// Has refusals told from here on.
pub fn tell() -> nix::Result<()> {
    // SAFETY: all zeros are a valid value of this struct.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = refused as *const () as usize;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_NODEFER;
    // SAFETY: the handler has the signature that SA_SIGINFO asks for and calls only what may be called in a handler.
    Errno::result(unsafe { libc::sigaction(libc::SIGSYS, &raw const action, std::ptr::null_mut()) })
        .map(|_| ())
}

extern "C" fn refused(_signal: c_int, _about: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: with SA_SIGINFO the kernel gives the interrupted context, which is this handler's until it returns.
    let context = unsafe { &mut *context.cast::<libc::ucontext_t>() };
    let number = exchange(context, -i64::from(libc::EPERM));
    let (Some(word), bit) = (TOLD.get((number / 64) as usize), 1 << (number % 64)) else { return };
    if word.fetch_or(bit, Ordering::Relaxed) & bit == 0 {
        say(&[REFUSED, numbers::name(number), "\n"]);
    }
}

/// Takes the number of the call and leaves what it returns.
#[cfg(target_arch = "x86_64")]
fn exchange(context: &mut libc::ucontext_t, result: i64) -> i64 {
    std::mem::replace(&mut context.uc_mcontext.gregs[libc::REG_RAX as usize], result)
}

/// Takes the number of the call and leaves what it returns.
#[cfg(target_arch = "aarch64")]
fn exchange(context: &mut libc::ucontext_t, result: i64) -> i64 {
    context.uc_mcontext.regs[0] = result as u64;
    context.uc_mcontext.regs[8] as i64
}

/// Writes without allocating or locking.
fn say(words: &[&str]) {
    let mut line = [0_u8; 80];
    let mut length = 0;
    for byte in words.iter().flat_map(|word| word.bytes()).take(line.len()) {
        line[length] = byte;
        length += 1;
    }
    // SAFETY: the bytes are there; a closed standard error only makes the call fail.
    unsafe { libc::write(libc::STDERR_FILENO, line.as_ptr().cast(), length) };
}
