//! What a confined plugin cannot do. Run by root these tests also become another user; run by anybody else they stay who they are.

use crate::support::{ask, ask_times, ask_with, collecting, program, shown, start};
use expect_test::{Expect, expect};
use nix::unistd::geteuid;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The user `nobody`, if we may become it.
fn user() -> &'static str {
    if geteuid().is_root() { "\"user\":[65534,65534]," } else { "" }
}

fn confinement(rest: &str) -> String {
    format!("{{{}\"processes_max\":20{rest}}}", user())
}

/// An object that tries one of these expressions: the one whose place its configuration says.
fn trying(name: &str, expressions: &[&str]) -> PathBuf {
    let cases = expressions.iter().enumerate();
    let cases: String =
        cases.map(|(at, expression)| format!("case {at}: got = (long)({expression}); break;\n")).collect();
    let body = format!(
        "long got = -2; errno = 0; switch (atoi(getenv(\"HOSTWARD_CONFIG\"))) {{ {cases} }}\n\
         emit(h, \"errno\", got < 0 ? errno : 0); return HW_OK;"
    );
    collecting(name, &body)
}

/// `errno` of an expression that should fail, 0 if it does not; and the standard error.
fn tried(object: &Path, confinement: &str, at: usize) -> (String, String) {
    let output = ask_with(confinement, object, &at.to_string(), 1);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let value = text.lines().find_map(|line| line.strip_prefix("t_size_bytes{of=\"errno\"} "));
    (value.unwrap_or("none").to_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}

const EPERM: &str = "1";
const EACCES: &str = "13";

#[test]
fn an_object_is_refused_what_was_not_granted_and_it_is_told() {
    let cases = [
        ("socket", "socket(AF_INET, SOCK_STREAM, 0)", "socket"),
        ("unix", "socket(AF_UNIX, SOCK_STREAM, 0)", "socket"),
        ("packet", "socket(AF_PACKET, SOCK_RAW, 0)", "socket"),
        ("ptrace", "ptrace(PTRACE_ATTACH, getppid(), 0, 0)", "ptrace"),
        ("fork", "fork()", "clone"),
        ("exec", "execl(\"/bin/true\", \"true\", NULL)", "execve"),
        ("setsid", "setsid()", "setsid"),
        ("chmod", "chmod(\"/etc/passwd\", 0777)", "chmod"),
        ("uring", "syscall(425, 8, 0)", "io_uring_setup"),
        ("keyctl", "syscall(SYS_keyctl, 0, 0, 0, 0, 0)", "keyctl"),
    ];
    let object = trying("refused", &cases.map(|(_, expression, _)| expression));
    for (at, (name, _, call)) in cases.into_iter().enumerate() {
        let (errno, stderr) = tried(&object, &confinement(""), at);
        assert_eq!(errno, EPERM, "{name}: {stderr}");
        assert!(stderr.contains(&format!("confinement: refused: {call}\n")), "{name}: {stderr}");
    }
}

#[test]
fn a_refusal_is_told_once() {
    let body = "for (int i = 0; i < 1000; i++) setsid(); return HW_OK;";
    let output = ask(&confinement(""), &collecting("once", body));
    assert_eq!(String::from_utf8_lossy(&output.stderr).matches("refused: setsid").count(), 1);
}

#[test]
fn what_is_granted_works() {
    let cases = [
        ("net", ",\"network\":true", "socket(AF_INET, SOCK_STREAM, 0)", "0"),
        ("net_only", ",\"network\":true", "socket(AF_UNIX, SOCK_STREAM, 0)", EPERM),
        ("local", ",\"local_sockets\":true", "socket(AF_UNIX, SOCK_STREAM, 0)", "0"),
        ("netlink", "", "socket(AF_NETLINK, SOCK_RAW, 0)", "0"),
        ("pair", "", "socketpair(AF_UNIX, SOCK_STREAM, 0, (int[2]){0})", "0"),
        ("thread", "", "-pthread_create(&(pthread_t){0}, NULL, (void *(*)(void *))abs, NULL)", "0"),
    ];
    let object = trying("works", &cases.map(|(_, _, expression, _)| expression));
    for (at, (name, granted, _, expected)) in cases.into_iter().enumerate() {
        let (errno, stderr) = tried(&object, &confinement(granted), at);
        assert_eq!(errno, expected, "{name}: {stderr}");
    }
}

/// Whether this kernel has Landlock: a child says so itself.
fn has_landlock() -> bool {
    let output = ask(&confinement(""), &collecting("landlock", "return HW_OK;"));
    !String::from_utf8_lossy(&output.stderr).contains("not applied: landlock")
}

#[test]
fn files_are_closed_but_for_what_is_granted() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("granted");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("file"), "x").unwrap();
    let file = dir.join("file").display().to_string();
    // Without another user: the question is what Landlock says, whatever the permissions are.
    let read = format!("{{\"read\":[{dir:?}]}}");
    let write = format!("{{\"write\":[{dir:?}]}}");
    let open = |flags: &str| format!("open({file:?}, {flags})");
    let closed = if has_landlock() { EACCES } else { return };
    let cases = [
        ("{}", open("O_RDONLY"), closed),
        (&read, open("O_RDONLY"), "0"),
        (&read, open("O_WRONLY"), closed),
        (&write, open("O_WRONLY | O_TRUNC"), "0"),
        (&write, "open(\"/etc/hostward-test\", O_CREAT | O_WRONLY, 0600)".to_owned(), closed),
        ("{}", "open(\"/etc/passwd\", O_RDONLY)".to_owned(), "0"),
        ("{}", "open(\"/dev/null\", O_WRONLY | O_TRUNC)".to_owned(), "0"),
        ("{}", "open(\"/\", O_RDONLY | O_DIRECTORY)".to_owned(), closed),
        ("{}", "kill(getppid(), 0)".to_owned(), EPERM),
    ];
    let object = trying("files", &cases.each_ref().map(|(_, expression, _)| expression.as_str()));
    for (at, (confinement, expression, expected)) in cases.iter().enumerate() {
        let (errno, stderr) = tried(&object, confinement, at);
        assert_eq!(errno, *expected, "{expression}: {stderr}");
    }
    assert!(!Path::new("/etc/hostward-test").exists());
}

#[test]
fn memory_is_bounded() {
    let cases =
        [("malloc", "malloc(10UL << 30) ? 0 : -1", "12"), ("small", "malloc(10UL << 20) ? 0 : -1", "0")];
    let object = trying("memory", &cases.map(|(_, expression, _)| expression));
    for (at, (name, _, expected)) in cases.into_iter().enumerate() {
        let (errno, stderr) = tried(&object, &confinement(",\"memory_bytes_max\":100000000"), at);
        assert_eq!(errno, expected, "{name}: {stderr}");
    }
}

#[test]
fn processor_time_is_bounded_for_each_answer() {
    let begun = Instant::now();
    let output = ask(&confinement(",\"cpu_s_max\":1"), &collecting("loop", "for (;;);"));
    assert_eq!(output.status.signal(), Some(24), "{}", shown(&output));
    assert!(begun.elapsed().as_secs() < 60);
    // Three answers of 0.5 s are more than the bound together, but none is alone.
    let body = "clock_t end = clock() + 500000; while (clock() < end); emit(h, \"x\", 1); return HW_OK;";
    let body = format!("extern long clock(void); {}", body.replace("clock_t", "long"));
    let output = ask_times(&confinement(",\"cpu_s_max\":1"), &collecting("work", &body), 3);
    assert_eq!(String::from_utf8_lossy(&output.stdout).matches("# EOF").count(), 3, "{}", shown(&output));
}

fn check_program(args: &[&str], expected: Expect) {
    expected.assert_eq(&shown(&program(&confinement(""), args)));
}

#[test]
fn a_program_runs_with_its_own_arguments() {
    check_program(
        &["/bin/sh", "-c", "echo $# $1; echo to stderr >&2; : > /dev/null; exit 3", "sh", "a b"],
        expect![[r#"
            1 a b
            stderr: to stderr
            exit status: 3
        "#]],
    );
}

#[test]
fn a_program_that_is_not_there_is_told() {
    check_program(
        &["/usr/bin/no-such-program"],
        expect![[r#"
        stderr: confinement: not applied: access to /usr/bin/no-such-program: failed to open "/usr/bin/no-such-program": No such file or directory (os error 2)
        stderr: it cannot be executed: No such file or directory (os error 2) (is the interpreter in its first line installed?)
        exit status: 127
    "#]],
    );
}

#[test]
fn a_program_is_refused_the_same() {
    if !has_landlock() {
        return;
    }
    let script = "echo x > /etc/hostward-test; setsid true; (setsid sleep 1) ; cat /root/.profile; kill -0 $PPID || echo kept";
    let output = program(&confinement(""), &["/bin/sh", "-c", script]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!Path::new("/etc/hostward-test").exists());
    assert!(stderr.contains("/etc/hostward-test"), "{stderr}");
    assert!(stderr.contains("setsid"), "{stderr}");
    assert!(stderr.contains("/root/.profile"), "{stderr}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("kept"), "{}", shown(&output));
}

#[test]
fn a_fork_bomb_runs_into_its_bound() {
    if !geteuid().is_root() {
        return; // Whoever runs the tests has other processes that count.
    }
    // Two hundred children that stay for a moment; their number is what ps would see.
    let script = "i=0; while [ $i -lt 200 ]; do sleep 1 & i=$((i+1)); done; echo all";
    let output = program("{\"user\":[64999,64999],\"processes_max\":20}", &["/bin/sh", "-c", script]);
    let text = shown(&output);
    assert!(!text.contains("all") && text.to_lowercase().contains("fork"), "{text}");
}

#[test]
fn a_script_keeps_its_name_when_it_is_executed_from_a_descriptor() {
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("named");
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    let script = dir.join("script");
    std::fs::write(&script, "#!/bin/sh\nbasename $0\nls /proc/self/fd | wc -l\n").unwrap();
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
    let opened = std::fs::File::open(&script).unwrap();
    let inherited = nix::unistd::dup(&opened).unwrap();
    nix::fcntl::fcntl(&inherited, nix::fcntl::FcntlArg::F_SETFD(nix::fcntl::FdFlag::empty())).unwrap();
    let link = dir.join("if_eth0");
    symlink(format!("/proc/self/fd/{}", inherited.as_raw_fd()), &link).unwrap();
    let output = program("{}", &[link.to_str().unwrap()]);
    let text = shown(&output);
    assert!(text.starts_with("if_eth0\n"), "{text}");
}

#[test]
fn root_becomes_the_user_and_cannot_go_back() {
    if !geteuid().is_root() {
        let output = program("{\"user\":[0,0]}", &["/bin/true"]);
        assert_eq!(output.status.code(), Some(126), "{}", shown(&output));
        return;
    }
    let output = program(
        &confinement(""),
        &["/bin/sh", "-c", "id -u; id -G; grep -E 'NoNewPrivs|CapEff|CapPrm' /proc/self/status"],
    );
    expect![[r#"
        65534
        65534
        CapPrm:	0000000000000000
        CapEff:	0000000000000000
        NoNewPrivs:	1
        exit status: 0
    "#]]
    .assert_eq(&shown(&output));
}

#[test]
fn a_cgroup_that_cannot_be_joined_is_told() {
    let output = program(&confinement(",\"cgroup\":\"/sys/fs/cgroup/no-such-group\""), &["/bin/true"]);
    let text = shown(&output);
    assert!(
        text.contains("confinement: not applied: cgroup: /sys/fs/cgroup/no-such-group/cgroup.procs: "),
        "{text}"
    );
    assert!(output.status.success());
}

#[test]
fn words_that_make_no_sense_are_told() {
    let said = |args: &[&str]| {
        let output = start(args).wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default().to_owned() + "\n"
    };
    let all = [
        said(&[]),
        said(&["object"]),
        said(&["--confinement", "{\"netwerk\":true}", "object", "x"]),
        said(&["--timeout-ms", "soon", "object", "x"]),
    ];
    expect![[r#"
        "" is not object, conform, describe, program or version
        which file?
        --confinement: unknown field `netwerk`, expected one of `user`, `memory_bytes_max`, `cpu_s_max`, `processes_max`, `files_max`, `file_bytes_max`, `read`, `write`, `execute`, `network`, `local_sockets`, `raw_devices`, `cgroup` at line 1 column 10
        --timeout-ms needs a number, not "soon"
    "#]].assert_eq(&all.concat());
}
