//! Debian's Alertmanager hears of alerts through two kills of hostward and a restart of its own: what it tells in turn,
//! each thing once, is what counts.

use crate::flags::{await_firing, kill, prepare, raise, start};
use crate::recorder::Recorder;
use crate::support::{Scratch, eventually};
use nix::sys::signal::{Signal, kill as signal};
use nix::unistd::Pid;
use std::fs::OpenOptions;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

struct Alertmanager(Child);

impl Alertmanager {
    fn start(scratch: &Scratch, address: SocketAddr) -> Self {
        let log =
            OpenOptions::new().create(true).append(true).open(scratch.path("alertmanager.log")).unwrap();
        let mut command = Command::new("prometheus-alertmanager");
        command
            .arg(format!("--config.file={}", scratch.path("alertmanager.yml").display()))
            .arg(format!("--storage.path={}", scratch.path("alertmanager").display()))
            .arg(format!("--web.listen-address={address}"))
            .arg("--cluster.listen-address=")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        let own = command.spawn().expect("prometheus-alertmanager, from the Debian package of that name");
        eventually("Alertmanager", || TcpStream::connect(address).is_ok());
        Alertmanager(own)
    }

    fn stop(mut self) {
        signal(Pid::from_raw(self.0.id() as i32), Signal::SIGTERM).unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn nothing_is_lost_and_nothing_told_twice_through_kills_and_a_restart() {
    let (scratch, recorder) = (Scratch::new("alertmanager"), Recorder::start());
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let config = format!(
        "route: {{receiver: hook, group_by: ['...'], group_wait: 100ms, group_interval: 200ms, repeat_interval: 1h}}\n\
         receivers: [{{name: hook, webhook_configs: [{{url: 'http://{}/', send_resolved: true}}]}}]\n",
        recorder.address
    );
    scratch.write("alertmanager.yml", &config);
    prepare(
        &scratch,
        &format!("[receivers.am]\ntype = \"alertmanager\"\nurl = [\"http://{address}\"]\nrepeat = \"1s\"\n"),
    );
    let alertmanager = Alertmanager::start(&scratch, address);
    let daemon = start(&scratch);
    raise(&scratch, &["a"]);
    eventually("a", || recorder.told() == ["a firing"]);
    raise(&scratch, &["a", "b"]);
    await_firing(&daemon, &["a", "b"]);
    kill(daemon);

    let daemon = start(&scratch);
    eventually("b", || recorder.told() == ["a firing", "b firing"]);
    await_firing(&daemon, &["a", "b"]);
    alertmanager.stop();
    raise(&scratch, &["b", "c"]);
    await_firing(&daemon, &["b", "c"]);
    kill(daemon);

    let _alertmanager = Alertmanager::start(&scratch, address);
    let daemon = start(&scratch);
    eventually("c and the end of a", || recorder.told().len() == 4);
    await_firing(&daemon, &["b", "c"]);
    raise(&scratch, &[]);
    eventually("the ends", || recorder.told().len() == 6);
    // Confirmations of what ended go on for a while; they change nothing.
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let mut told = recorder.told();
    told[2..].sort();
    let ends = ["a resolved", "b resolved", "c firing", "c resolved"];
    assert_eq!(told, [&["a firing", "b firing"], &ends[..]].concat());
    let first = &recorder.seen()[0].body["alerts"][0];
    assert_eq!(first["labels"]["instance"], "web1");
    assert_eq!(first["annotations"]["summary"], "flag a");
    assert!(first["generatorURL"].as_str().unwrap().contains("/graph?g0.expr=test_flag%20%3D%3D%201"));
}
