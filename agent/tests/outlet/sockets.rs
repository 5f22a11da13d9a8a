//! Several listeners, unix sockets, and sockets from systemd.

use crate::agent::{Agent, curl};
use crate::pki::text;
use crate::support::{Scratch, ask, eventually, hostward, printed};
use std::fs::File;
use std::net::TcpListener;
use std::process::{Command, Stdio};

#[test]
fn ports_and_unix_sockets_serve_alike() {
    let scratch = Scratch::new("listeners");
    let socket = text(&scratch, "run/metrics.sock");
    let listen = format!("[listen]\nmetrics = [\"127.0.0.1:0\", \"127.0.0.1:0\", \"unix:{socket}\"]\n");
    scratch.write("etc/hostward.toml", &listen);
    let agent = Agent::start_by(&scratch, hostward(&scratch, &["run", "--interval", "1s"])).ready(&[]);
    let (status, _) = printed(&ask(&scratch, &["status", "--format", "json"]));
    let places = status.lines().find(|line| line.contains("\"metrics\"")).unwrap();
    assert!(
        places.matches("http://127.0.0.1:").count() == 2 && places.contains(&format!("unix:{socket}")),
        "{places}"
    );
    let answer = curl("http://localhost/metrics", &["--unix-socket", &socket]);
    assert!(answer.status == 200 && answer.body.contains("\nnode_load1 "), "{answer:?}");
    agent.stop();
    assert!(!scratch.path("run/metrics.sock").exists());
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn sockets_from_systemd_are_used() {
    let scratch = Scratch::new("activation");
    let (port, api) = (free_port(), text(&scratch, "api.sock"));
    let listen = format!("127.0.0.1:{port}");
    let mut command = Command::new("systemd-socket-activate");
    command.args(["-l", &listen, "-l", &api, "--fdname=metrics:api"]);
    let run = hostward(&scratch, &["run", "--interval", "1s", "--listen", "127.0.0.1:1"]);
    command.arg(run.get_program()).args(run.get_args());
    command.stdin(Stdio::null()).stderr(File::create(scratch.path("log")).unwrap());
    let mut child = command.spawn().expect("systemd-socket-activate, from the Debian package systemd");
    let url = format!("http://127.0.0.1:{port}/-/ready");
    eventually("an answer at the socket from systemd", || curl(&url, &["--max-time", "2"]).status == 200);
    let said = std::fs::read_to_string(scratch.path("log")).unwrap();
    assert!(said.contains(&format!("metrics  http://127.0.0.1:{port}/metrics\n")), "{said}");
    let status = ask(&scratch, &["status", "--socket", &api]);
    assert!(status.status.success(), "{:?}", printed(&status));
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(child.id() as i32), nix::sys::signal::Signal::SIGTERM)
        .unwrap();
    assert!(child.wait().unwrap().success());
    assert!(scratch.path("api.sock").exists(), "it is systemd's");
}
