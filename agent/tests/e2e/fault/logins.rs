//! A real sshd on a loopback port, a real rsyslogd that writes its auth log, and wrong passwords.

use super::Fault;
use crate::needs::find;
use crate::process::{Process, output, wait_for};
use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::JoinHandle;

/// Logins that are tried at the same time: PAM makes each wrong password wait some seconds.
const AT_ONCE: usize = 30;
/// The rule's threshold for hosts on which failures are not unusual.
const ENOUGH: usize = 100;
/// On a machine with two CPUs the handshakes take most of it.
const ATTACK_S_MAX: u64 = 120;

/// A running sshd with its log.
pub struct SshServer {
    _sshd: Process,
    _syslog: Process,
    _device: LogDevice,
    address: SocketAddr,
    pub auth_log: PathBuf,
}

impl SshServer {
    pub fn start(scratch: &Path) -> Self {
        let dir = scratch.join("fault");
        fs::create_dir_all(&dir).expect("a directory");
        fs::create_dir_all("/run/sshd").expect("sshd's own directory");
        let (auth_log, socket) = (scratch.join("auth.log"), scratch.join("log.sock"));
        fs::write(&auth_log, "").expect("an auth log");
        let device = LogDevice::provide();
        let syslog = start_syslog(scratch, &socket, &auth_log);
        let address = crate::http::free_address();
        let sshd = start_sshd(scratch, &socket, address);
        wait_for("sshd", 10, || TcpStream::connect(address).ok());
        SshServer { _sshd: sshd, _syslog: syslog, _device: device, address, auth_log }
    }

    /// Fails to log in, half the time under names that do not exist; returns when so many failures that any host
    /// must raise an alert are in the log, and goes on until it is dropped.
    pub fn fail_to_log_in(&self, times: usize) -> Fault {
        let (address, before) = (self.address, self.failures());
        let attack = std::thread::spawn(move || attack(address, times));
        let enough = || (self.failures() > before + ENOUGH).then_some(());
        wait_for("failures in the auth log", ATTACK_S_MAX, enough);
        Fault::now(Attack { thread: Some(attack), log: self.auth_log.clone(), failures: before + times })
    }

    /// One wrong password, as there are on any host; returns when it is in the log.
    pub fn fail_a_little(&self) {
        let before = self.failures();
        let status = try_password(self.address, "root").wait().expect("ssh");
        assert!(!status.success(), "a wrong password was accepted");
        wait_for("a failure in the auth log", 20, || (self.failures() > before).then_some(()));
    }

    fn failures(&self) -> usize {
        failures(&self.auth_log)
    }
}

/// Guessing that goes on; its end is the end of the fault, and all of it must then be in the log.
struct Attack {
    thread: Option<JoinHandle<()>>,
    log: PathBuf,
    failures: usize,
}

impl Drop for Attack {
    fn drop(&mut self) {
        let ended = self.thread.take().is_some_and(|thread| thread.join().is_ok());
        if !std::thread::panicking() {
            assert!(ended, "guessing failed");
            let all = || (failures(&self.log) >= self.failures).then_some(());
            wait_for("all failures in the auth log", 20, all);
        }
    }
}

fn failures(log: &Path) -> usize {
    let log = fs::read_to_string(log).expect("the auth log");
    log.lines().filter(|line| line.contains("Failed password for")).count()
}

fn attack(address: SocketAddr, times: usize) {
    let user = |n: usize| if n.is_multiple_of(2) { "root".to_owned() } else { format!("nobody{n}") };
    let users: Vec<String> = (0..times).map(user).collect();
    for group in users.chunks(AT_ONCE) {
        let tries: Vec<_> = group.iter().map(|user| try_password(address, user)).collect();
        for mut child in tries {
            let status = child.wait().expect("ssh");
            assert!(!status.success(), "a wrong password was accepted");
        }
    }
}

fn try_password(address: SocketAddr, user: &str) -> std::process::Child {
    Command::new("sshpass")
        .args(["-p", "certainly wrong", "ssh", "-F", "none", "-p", &address.port().to_string()])
        .args(["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"])
        .args(["-o", "PreferredAuthentications=password", "-o", "PubkeyAuthentication=no"])
        .args(["-o", "NumberOfPasswordPrompts=1", &format!("{user}@127.0.0.1"), "true"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sshpass")
}

fn start_syslog(scratch: &Path, socket: &Path, auth_log: &Path) -> Process {
    let config = scratch.join("rsyslog.conf");
    let text = format!(
        "module(load=\"imuxsock\" SysSock.Use=\"off\")\n\
         input(type=\"imuxsock\" Socket=\"{}\" RateLimit.Interval=\"0\")\n\
         auth,authpriv.* action(type=\"omfile\" file=\"{}\")\n",
        socket.display(),
        auth_log.display()
    );
    fs::write(&config, text).expect("a configuration");
    let mut command = Command::new(find("rsyslogd").expect("rsyslogd"));
    command.arg("-n").arg("-f").arg(config).arg("-i").arg(scratch.join("rsyslog.pid"));
    let process = Process::start(&mut command, &scratch.join("rsyslog.log"));
    wait_for("rsyslogd's socket", 10, || socket.exists().then_some(()));
    process
}

/// sshd says what it has to say to /dev/log; in a mount namespace of its own that is our rsyslogd, whatever the
/// host has there.
fn start_sshd(scratch: &Path, socket: &Path, address: SocketAddr) -> Process {
    let (config, key) = (scratch.join("sshd_config"), scratch.join("host_key"));
    output(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key));
    let text = format!(
        "ListenAddress {}\nPort {}\nHostKey {}\nPidFile {}\nUsePAM yes\nPasswordAuthentication yes\n\
         PermitRootLogin yes\nMaxStartups 500\nLoginGraceTime 60\n",
        address.ip(),
        address.port(),
        key.display(),
        scratch.join("sshd.pid").display()
    );
    fs::write(&config, text).expect("a configuration");
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", "mount --bind \"$1\" /dev/log && exec \"$2\" -D -f \"$3\"", "sh"]);
    command.arg(socket).arg(find("sshd").expect("sshd")).arg(&config);
    Process::start(&mut command, &scratch.join("sshd.log"))
}

/// Something has to be at /dev/log to bind our socket over; where nothing is, an empty file for as long as we run.
struct LogDevice {
    ours: bool,
}

impl LogDevice {
    const PATH: &str = "/dev/log";

    fn provide() -> Self {
        // A plain file there is no log device but what a run that was killed left behind.
        let ours = fs::metadata(Self::PATH).map_or(true, |found| found.is_file());
        if ours {
            fs::write(Self::PATH, "").expect("an empty /dev/log");
        }
        LogDevice { ours }
    }
}

impl Drop for LogDevice {
    fn drop(&mut self) {
        if self.ours {
            let _ = fs::remove_file(Self::PATH);
        }
    }
}
