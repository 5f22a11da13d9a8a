//! Three hosts with roots of their own, one profile, laid over one host after the other; each time Prometheus has to see it
//! before the next is touched.

use super::play::{await_end, await_step, start};
use super::prometheus::Prometheus;
use super::support::{Daemon, Scratch, eventually, hostward};
use super::web::{deploy, lax};

const BETTER: &str = "hostward_workflow_result{workflow=\"rollout\",step=\"after\",name=\"passed\"} - ignoring(step) \
                      hostward_workflow_result{workflow=\"rollout\",step=\"before\",name=\"passed\"} > 0";

struct Member {
    scratch: Scratch,
    root: std::path::PathBuf,
    daemon: Daemon,
    run: String,
}

impl Member {
    fn new(name: &str) -> Self {
        let scratch = Scratch::new(name);
        let root = lax(&scratch, "root");
        let place = root.display().to_string();
        let arguments = ["run", "--listen", "127.0.0.1:0", "--interval", "1s", "--root", &place];
        let daemon = Daemon::start_by(hostward(&scratch, &arguments));
        let run = start(&scratch, "rollout", &[("level", "strict")]);
        Member { scratch, root, daemon, run }
    }
}

#[test]
fn a_profile_is_rolled_out_host_by_host_as_prometheus_sees_it() {
    let hosts = ["rollout-a", "rollout-b", "rollout-c"].map(Member::new);
    let ports: Vec<u16> = hosts.iter().map(|own| own.daemon.port).collect();
    let prometheus = Prometheus::start(&hosts[0].scratch, &ports);
    hosts.iter().for_each(|own| await_step(&own.scratch, &own.run, "before"));
    for (count, own) in hosts.iter().enumerate() {
        assert_eq!(prometheus.values(BETTER).len(), count, "no host is ahead of its turn");
        deploy(&own.scratch, &own.root, &["sshd"]);
        await_end(&own.scratch, &own.run, "done");
        let is_better = |port: u16| prometheus.values(BETTER).iter().any(|(own, _)| *own == port);
        eventually("what Prometheus sees", || is_better(own.daemon.port));
    }
    let gained = prometheus.values(BETTER);
    println!("checks gained by port: {gained:?}");
    assert!(gained.len() == 3 && gained.iter().all(|(_, value)| *value >= 5.0), "{gained:?}");
    assert!(prometheus.values("hostward_workflow_failed == 1").is_empty());
}
