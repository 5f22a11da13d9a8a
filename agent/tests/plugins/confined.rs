//! What plugins try, and their sandbox does not let them do.

use super::hostile::{perl, suffers, suffers_with};

#[test]
fn ten_gigabytes_of_memory() {
    let text = perl("my ($size, @all) = (1 << 28); push @all, 'x' x $size for 1 .. 40; print \"x 1\\n\";");
    suffers("hungry", &text, "Out of memory");
}

#[test]
fn a_fork_bomb() {
    // Bounded by itself to some thousands, should nothing else do it.
    let text = perl("fork for 1 .. 12; sleep 1000;");
    suffers("bomb", &text, "it took longer than 1 s and was ended");
}

#[test]
fn a_write_to_etc() {
    let file = std::path::Path::new("/etc/hostward-plugin-was-here");
    suffers("writer", &format!("#!/bin/sh\necho x > {}\n", file.display()), "Permission denied");
    assert!(!file.exists());
}

#[test]
fn a_socket() {
    let text = perl(
        "use Socket; socket(my $s, PF_INET, SOCK_STREAM, 0) or die \"no socket: $!\"; print \"x 1\\n\";",
    );
    suffers("caller", &text, "no socket: ");
    let granted = suffers_with("granted", &text, "[grants]\nnetwork = true\n", "");
    assert_eq!(granted["samples"], 1);
}

#[test]
#[cfg(target_arch = "x86_64")]
fn a_trace_of_the_daemon() {
    let text =
        "my $r = syscall(101, 16, getppid(), 0, 0); die \"no ptrace: $!\" if $r < 0; print \"x 1\\n\";";
    suffers("tracer", &perl(text), "no ptrace: ");
}
